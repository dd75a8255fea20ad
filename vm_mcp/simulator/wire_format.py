"""The wire format: parse requests strictly, and write messages as the vendor does."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from vm_mcp.simulator.scenario import Message, Scenario

_TURKEY = timezone(timedelta(hours=3))
_WINDOW = timedelta(days=31)
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC")
_LIST_PARAMETERS = {"key", "start_stamp_from", "start_stamp_to", "read", "user_number", "uuid", "limit", "page"}
_URL_PARAMETERS = {"key", "uuid"}


class VendorRefusalError(Exception):
    """The request is refused with this status and text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(frozen=True)
class ListQuery:
    """The parameters of a listing; None and "" filter nothing."""

    since: datetime | None
    until: datetime | None
    read: bool | None
    user_number: str
    uuid: str
    limit: int
    page: int


def only_once(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return parameters by name.

    Raises:
        VendorRefusalError: One is given twice.
    """
    values = dict(pairs)
    if len(values) != len(pairs):
        raise VendorRefusalError(400, "Ayni parametre birden fazla gonderilemez")
    return values


def parse_list_query(values: Mapping[str, str], scenario: Scenario, now: datetime) -> ListQuery:
    """Parse the parameters of a listing. Stricter than the vendor may be, so that the client's mistakes show.

    Raises:
        VendorRefusalError: A parameter is unknown, malformed or out of range.
    """
    refuse_unknown(values, _LIST_PARAMETERS)
    since, until = parse_window(values, scenario, now)
    page, limit = page_parameters(values)
    return ListQuery(
        since=since,
        until=until,
        read=_read(values),
        user_number=values.get("user_number", ""),
        uuid=values.get("uuid", ""),
        limit=limit,
        page=page,
    )


def parse_url_request(values: Mapping[str, str]) -> str:
    """Return the uuid whose recording is asked for.

    Raises:
        VendorRefusalError: It is missing, or there is an unknown parameter.
    """
    refuse_unknown(values, _URL_PARAMETERS)
    if not values.get("uuid"):
        raise VendorRefusalError(400, "uuid parametresi zorunludur")
    return values["uuid"]


def refuse_unknown(values: Mapping[str, str], known: set[str]) -> None:
    """Check that all parameters are known.

    Raises:
        VendorRefusalError: One isn't.
    """
    unknown = sorted(set(values) - known)
    if unknown:
        raise VendorRefusalError(400, f"Bilinmeyen parametre: {', '.join(unknown)}")


def _timestamp(values: Mapping[str, str], name: str) -> datetime | None:
    if name not in values:
        return None
    text = values[name]
    try:
        if _TIMESTAMP.fullmatch(text):
            return datetime.strptime(text, "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
    except ValueError:
        pass
    raise VendorRefusalError(400, f"{name} gecersiz: tarih formati '2017-08-03 12:30:32 UTC' olmali")


def parse_window(
    values: Mapping[str, str], scenario: Scenario, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """Return the range of time that is listed; None for no bound.

    Raises:
        VendorRefusalError: A bound is malformed, or the range is longer than 31 days or reversed.
    """
    since, until = _timestamp(values, "start_stamp_from"), _timestamp(values, "start_stamp_to")
    if since is None and until is None:
        return (now - _WINDOW if scenario.no_dates == "last_31_days" else None), None
    if since is not None and until is not None:
        if since > until:
            raise VendorRefusalError(400, "start_stamp_from, start_stamp_to tarihinden sonra olamaz")
        if until - since > _WINDOW:
            raise VendorRefusalError(400, "Tarih araligi 31 gunden uzun olamaz")
        return since, until
    if scenario.lone_bound == "reject":
        raise VendorRefusalError(400, "start_stamp_from ve start_stamp_to birlikte gonderilmeli")
    if scenario.lone_bound == "window":
        if since is not None:
            return since, since + _WINDOW
        return (None if until is None else until - _WINDOW), until
    return since, until


def _read(values: Mapping[str, str]) -> bool | None:
    text = values.get("read")
    if text not in {None, "true", "false"}:
        raise VendorRefusalError(400, "read parametresi true veya false olmali")
    return None if text is None else text == "true"


def page_parameters(values: Mapping[str, str]) -> tuple[int, int]:
    """Return which page is listed, and how many rows a page has.

    Raises:
        VendorRefusalError: One is malformed or out of range.
    """
    page = _number(values, "page", default=1, low=1, high=10**9)
    return page, _number(values, "limit", default=10, low=10, high=100)


def _number(values: Mapping[str, str], name: str, *, default: int, low: int, high: int) -> int:
    text = values.get(name, str(default))
    if not re.fullmatch("[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise VendorRefusalError(400, f"{name} parametresi gecersiz, en az {low} en fazla {high} olabilir")
    return int(text)


def list_answer(query: ListQuery, scenario: Scenario) -> dict[str, object]:
    """Return the body of a listing."""
    found = [message for message in list(scenario.messages) if _matches(message, query, scenario)]
    rows = [(message.received_at, message.uuid, message_on_wire(message, scenario)) for message in found]
    return page_answer("messages", in_order(rows, scenario), query.page, query.limit)


def in_order(rows: Iterable[tuple[datetime, str, dict[str, object]]], scenario: Scenario) -> list[dict[str, object]]:
    """Return rows, each given with its time and id, in the scenario's order."""
    by_time = sorted(rows, key=lambda row: row[:2], reverse=scenario.order == "newest")
    if scenario.order == "shuffled":
        by_time.sort(key=lambda row: hashlib.sha256(row[1].encode()).digest())
    return [fields for _, _, fields in by_time]


def page_answer(
    name: str, rows: Sequence[dict[str, object]], page: int, limit: int, *, is_half: bool = False
) -> dict[str, object]:
    """Return the body with one page of a list.

    Args:
        name: Of the list.
        rows: All of them.
        page: From 1.
        limit: Rows on a page.
        is_half: Whether a page holds half as many, and its pagination says nothing of it.
    """
    size = limit // 2 if is_half else limit
    start = (page - 1) * size
    return {
        name: rows[start : start + size],
        "pagination": {
            "page": page,
            "total_count": len(rows),
            "total_pages": -(-len(rows) // limit),
            "limit": limit,
        },
    }


def _matches(message: Message, query: ListQuery, scenario: Scenario) -> bool:
    return (
        is_within(message.received_at, query.since, query.until, scenario)
        and query.read in {None, message.read_at is not None}
        and query.user_number in {"", message.user_number}
        and query.uuid in {"", message.uuid}
    )


def is_within(at: datetime, since: datetime | None, until: datetime | None, scenario: Scenario) -> bool:
    """Whether a time is in a range, whose bounds the scenario includes or not."""
    second = at.replace(microsecond=0)
    if second == since and not scenario.from_inclusive:
        return False
    if second == until and not scenario.to_inclusive:
        return False
    return (since is None or since <= second) and (until is None or second <= until)


def message_on_wire(message: Message, scenario: Scenario) -> dict[str, object]:
    """Return a message as a listing shows it."""
    fields: dict[str, object] = {
        "start_stamp": timestamp_on_wire(message.received_at),
        **_read_stamp(message, scenario),
        "user_number": message.user_number,
        "uuid": message.uuid,
        "caller_id_number": message.caller_id_number,
        "caller_id_name": message.caller_id_name,
        "duration": duration_on_wire(message.recording.seconds),
        **scenario.extra_fields,
        **message.overrides,
    }
    return {name: value for name, value in fields.items() if name not in message.omit}


def _read_stamp(message: Message, scenario: Scenario) -> dict[str, object]:
    if message.read_at is not None:
        return {"read_stamp": timestamp_on_wire(message.read_at)}
    if scenario.unread_stamp == "absent":
        return {}
    return {"read_stamp": None if scenario.unread_stamp == "null" else ""}


def timestamp_on_wire(moment: datetime) -> str:
    """Write an aware datetime as ``2017-08-03 12:30:32 +0300``."""
    return moment.astimezone(_TURKEY).strftime("%Y-%m-%d %H:%M:%S +0300")


def duration_on_wire(seconds: float) -> str:
    """Write seconds as ``00:01:05``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest:02}"
