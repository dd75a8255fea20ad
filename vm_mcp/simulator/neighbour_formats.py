"""The wire format of voicemail's neighbours: ``/cdrs``, ``/contacts`` and ``/extensions``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from vm_mcp.simulator.scenario import Scenario
from vm_mcp.simulator.simulated_calls import AddressBookEntry, Call
from vm_mcp.simulator.wire_format import (
    VendorRefusalError,
    duration_on_wire,
    in_order,
    is_within,
    page_answer,
    page_parameters,
    parse_window,
    refuse_unknown,
    timestamp_on_wire,
)

SIP_PASSWORD = "sip-parolasi-7Kq2"  # noqa: S105 - of a telephone that doesn't exist
LINE = "908503020020"
"""The account's own number."""
PRIVATE_FIELDS: Mapping[str, object] = {
    "tckn": "10000000146",
    "description": "ozel aciklama",
    "email": "ozel.adres@example.com",
    "title": "ozel unvan",
    "fax": "02120000000",
    "gender": "Erkek",
    "birthday": "17.04.1981",
    "birthday_sms": True,
    "weddingday": "09.09.2009",
    "weddingday_sms": False,
    "address": "ozel sokak 5",
    "note1": "ozel not bir",
    "note2": "ozel not iki",
    "note3": "",
    "note4": None,
    "monthly_sms_day": 9,
    "monthly_sms_message": "ozel mesaj",
    "group_ids": [20212],
}
"""What the vendor knows of a contact beside name, company and numbers."""

_CALL_PARAMETERS = {
    "key", "start_stamp_from", "start_stamp_to", "recording_present", "direction", "caller_id_number",
    "destination_number", "missed", "queue", "limit", "page",
}  # fmt: skip
_DIRECTION_WORDS = {
    "turkish": {
        "inbound": "Gelen",
        "outbound": "Giden",
        "api": "Giden (API)",
        "ivr": "Giden (IVR)",
        "internal": "Santral içi",
    },
    "english": {
        "inbound": "inbound",
        "outbound": "outbound",
        "api": "outbound",
        "ivr": "outbound",
        "internal": "internal",
    },
}
_RESULT_WORDS = {"turkish": ("Cevaplandı", "Cevapsız"), "english": ("NORMAL_CLEARING", "NO_ANSWER")}


@dataclass(frozen=True)
class CallQuery:
    """The parameters of a listing of calls; None and "" filter nothing."""

    since: datetime | None
    until: datetime | None
    direction: str
    caller_id_number: str
    destination_number: str
    queue: str
    missed: bool | None
    limit: int
    page: int


def parse_call_query(values: Mapping[str, str], scenario: Scenario, now: datetime) -> CallQuery:
    """Parse the parameters of a listing of calls, strictly.

    Raises:
        VendorRefusalError: A parameter is unknown, malformed or out of range.
    """
    refuse_unknown(values, _CALL_PARAMETERS)
    since, until = parse_window(values, scenario, now)
    direction, missed = values.get("direction", ""), values.get("missed", "")
    if not re.fullmatch("(inbound|outbound|internal)?", direction) or missed not in {"", "true", "false"}:
        raise VendorRefusalError(400, "direction veya missed parametresi gecersiz")
    page, limit = page_parameters(values)
    return CallQuery(
        since=since,
        until=until,
        direction=direction,
        caller_id_number=values.get("caller_id_number", ""),
        destination_number=values.get("destination_number", ""),
        queue=values.get("queue", ""),
        missed=missed == "true" if missed else None,
        limit=limit,
        page=page,
    )


def parse_page_query(values: Mapping[str, str]) -> tuple[int, int]:
    """Return the page and the limit of a listing of contacts.

    Raises:
        VendorRefusalError: A parameter is unknown, malformed or out of range.
    """
    refuse_unknown(values, {"key", "limit", "page"})
    return page_parameters(values)


def call_list_answer(query: CallQuery, scenario: Scenario, *, is_half: bool = False) -> dict[str, object]:
    """Return the body of a listing of calls; ``is_half`` as in `page_answer`."""
    rows = [
        (call.started_at, call.uuid, call_on_wire(call, scenario))
        for call in scenario.all_calls()
        if _matches(call, query, scenario)
    ]
    return page_answer("cdrs", in_order(rows, scenario), query.page, query.limit, is_half=is_half)


def _matches(call: Call, query: CallQuery, scenario: Scenario) -> bool:
    direction = "outbound" if call.direction in {"api", "ivr"} else call.direction
    return (
        is_within(call.started_at, query.since, query.until, scenario)
        and query.direction in {"", direction}
        and query.caller_id_number in {"", call.caller_number}
        and query.destination_number in {"", call.destination_number}
        and query.queue in {"", call.queue}
        and query.missed in {None, _is_missed(call)}
    )


def _is_missed(call: Call) -> bool:
    if call.is_missed is not None:
        return call.is_missed
    return call.direction in {"inbound", "internal"} and call.talk_seconds is None


def call_on_wire(call: Call, scenario: Scenario) -> dict[str, object]:
    """Return a call as a listing shows it."""
    answered, unanswered = _RESULT_WORDS[scenario.cdr_words]
    is_answered, is_missed = call.talk_seconds is not None, _is_missed(call)
    answered_at = call.started_at + timedelta(seconds=call.ring_seconds)
    talk = call.talk_seconds or 0
    caller, destination = call.caller_number, call.destination_number
    if scenario.own_number == "line" and call.direction != "internal":
        caller, destination = (caller, LINE) if call.direction == "inbound" else (LINE, destination)
    fields: dict[str, object] = {
        "start_stamp": timestamp_on_wire(call.started_at),
        "direction": _DIRECTION_WORDS[scenario.cdr_words][call.direction],
        "caller_id_number": caller,
        "caller_id_name": call.caller_name,
        "destination_number": destination,
        "destination_name": call.destination_name,
        "duration": duration_on_wire(call.ring_seconds + talk),
        "talk_duration": duration_on_wire(talk),
        "queue_wait_seconds": duration_on_wire(0),
        "queue": call.queue,
        "result": call.result or (answered if is_answered else unanswered),
        "missed": is_missed if scenario.cdr_flags == "json" else str(is_missed).lower(),
        **_return_uuid(call, scenario),
        "recording_present": False if scenario.cdr_flags == "json" else "false",
        "sip_hangup_disposition": "caller",
        "call_uuid": call.uuid,
        "answer_stamp": timestamp_on_wire(answered_at) if is_answered else "",
        "end_stamp": timestamp_on_wire(answered_at + timedelta(seconds=talk)),
        **call.overrides,
    }
    return {name: value for name, value in fields.items() if name not in call.omit}


def _return_uuid(call: Call, scenario: Scenario) -> dict[str, object]:
    if call.return_uuid and _is_missed(call):
        return {"return_uuid": call.return_uuid}
    if scenario.no_return == "absent":
        return {}
    return {"return_uuid": None if scenario.no_return == "null" else ""}


def contact_list_answer(page: int, limit: int, scenario: Scenario, *, is_half: bool = False) -> dict[str, object]:
    """Return the body of a listing of contacts; ``is_half`` as in `page_answer`."""
    rows = [contact_on_wire(entry) for entry in list(scenario.contacts)]
    return page_answer("contacts", rows, page, limit, is_half=is_half)


def contact_on_wire(entry: AddressBookEntry) -> dict[str, object]:
    """Return a contact as a listing shows it, with all that the vendor knows of people."""
    phones = (*entry.phones, "", "", "")[:3]
    return {
        "id": entry.contact_id,
        "name": entry.name,
        "surname": entry.surname,
        **dict(zip(("phone", "phone1", "phone2"), phones, strict=True)),
        "company_name": entry.company_name,
        **PRIVATE_FIELDS,
        **entry.private,
    }


def extension_list_answer(scenario: Scenario) -> object:
    """Return the body of a listing of extensions."""
    rows = [
        {"number": owner.number, "name": owner.name, "dnd": False, "is_agent": True, "domain": "klinik"}
        for owner in list(scenario.extensions)
    ]
    return {"extensions": rows} if scenario.extensions_answer == "object" else rows
