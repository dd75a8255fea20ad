"""What call records show of a message or a missed call: whether anybody called back, when, and for how long.

Whether the PBX counts a call that left a voicemail as missed, and so ever says which call returned it, is not
documented. So either proves a callback: the PBX's own ``return_uuid``, or a later answered call to the same number.
When in doubt it is no callback: a second call costs a minute, but a caller wrongly taken as called back is lost.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime

from vm_mcp.call_records import CallRecord
from vm_mcp.models import Model
from vm_mcp.telephone import shortest_spelling

CallbackState = Literal["called_back", "tried", "not_called", "unknown"]
"""``tried``: called, and nobody answered. ``unknown``: the records can't show it, see `Callback.reason`."""
UnknownReason = Literal["", "no_records", "out_of_range", "withheld", "no_time"]
"""Why records show nothing: there are none, they were read for another time, nobody can be called back at the number,
or it isn't known when the call was."""


class Callback(Model):
    """What the records show after a call. They show neither what was said nor calls from other telephones."""

    state: CallbackState
    at: AwareDatetime | None = None
    """When the call back began: the first that was answered, else the last try; None if its record wasn't read."""
    extension: str = ""
    """Who called back, as an internal number; empty where the PBX recorded a line of the account instead."""
    extension_name: str = ""
    """The name that this extension had then."""
    talk_seconds: int | None = None
    via: Literal["", "return_uuid", "later_call"] = ""
    """``return_uuid``: the PBX itself says that this call returned the other."""
    call_uuid: str = ""
    tries: int = 0
    """Calls to the number that nobody answered, until it was called back."""
    rang_again_at: AwareDatetime | None = None
    """When the caller first rang again and was answered, perhaps by a menu alone."""
    reason: UnknownReason = ""


class MissedCaller(Model):
    """Missed calls of one caller that left no message. Each call from a withheld number is a caller of its own."""

    caller_id_number: str
    """As the PBX sent it last; empty when withheld."""
    caller_id_name: str
    calls: int
    first_at: AwareDatetime | None
    last_at: AwareDatetime | None
    """When the first and last began; None where the PBX sent no time that can be read."""
    extensions: tuple[str, ...]
    """Internal numbers that were called; empty where the PBX recorded lines of the account instead."""
    extension_names: tuple[str, ...]
    queues: tuple[str, ...]
    callback: Callback
    """What happened after the last one."""
    call_uuids: tuple[str, ...]
    """Newest first."""


@dataclass(frozen=True, slots=True)
class CallHistory:
    """Call records, found by their id and by the number at the other end; see `call_history`."""

    since: datetime
    until: datetime
    by_uuid: Mapping[str, CallRecord]
    placed_to: Mapping[str, Sequence[CallRecord]]
    """Calls that people of the account placed, by number, oldest first."""
    answered_from: Mapping[str, Sequence[CallRecord]]
    """Inbound calls that were answered and left no message, by number, oldest first."""
    message_uuids: frozenset[str]

    def is_answered(self, record: CallRecord) -> bool:
        """Whether a person answered; a call that left a message was answered by the PBX alone."""
        return record.is_answered and not self.left_message(record)

    def returning(self, record: CallRecord | None) -> CallRecord | None:
        """Return the call by which the PBX says that another was returned; None if it says nothing, or wasn't read."""
        return self.by_uuid.get(record.return_uuid.casefold()) if record else None

    def left_message(self, record: CallRecord) -> bool:
        """Whether the call left a voicemail."""
        return record.call_uuid.casefold() in self.message_uuids


def call_history(
    records: Iterable[CallRecord], since: datetime, until: datetime, message_uuids: Iterable[str] = ()
) -> CallHistory:
    """Return call records in a form in which callbacks are found at once.

    Args:
        records: In any order. Of two with one id, the later in order counts.
        since: All records from then on were read,
        until: up to then.
        message_uuids: All messages known of that time; their calls were not answered by a person.
    """
    by_uuid = {record.call_uuid.casefold(): record for record in records}
    left = frozenset(uuid.casefold() for uuid in message_uuids)
    placed_to, answered_from = defaultdict[str, list[CallRecord]](list), defaultdict[str, list[CallRecord]](list)
    for record in sorted(filter(_has_time, by_uuid.values()), key=_time):
        if record.is_placed_here:
            placed_to[shortest_spelling(record.destination_number)].append(record)
        elif record.direction == "inbound" and record.is_answered and record.call_uuid.casefold() not in left:
            answered_from[shortest_spelling(record.caller_id_number)].append(record)
    return CallHistory(since, until, by_uuid, placed_to, answered_from, left)


def callback_of(history: CallHistory | None, uuid: str, number: str, received_at: datetime | None) -> Callback:
    """Return what the records show after a message or a missed call.

    Args:
        history: The records; None if they can't be had.
        uuid: Id of the message, which is its call's.
        number: Who called, in any spelling.
        received_at: When; None if it isn't known.
    """
    if history is None:
        return Callback(state="unknown", reason="no_records")
    own = history.by_uuid.get(uuid.casefold())
    caller = shortest_spelling(number) or (shortest_spelling(own.caller_id_number) if own else "")
    since = received_at or (own.at if own else None)
    later = _after(history.placed_to, caller, since)
    found = _answered(history, own, later) or _tried(history, own, later)
    if not found:
        reason = _why_unknown(history, caller, since)
        found = Callback(state="unknown" if reason else "not_called", reason=reason)
    rang_again = next((record.at for record in _after(history.answered_from, caller, since)), None)
    return found.model_copy(update={"rang_again_at": rang_again}) if rang_again else found


def missed_callers(
    history: CallHistory, since: datetime | None = None, until: datetime | None = None
) -> tuple[MissedCaller, ...]:
    """Return the missed calls from outside that left no message, by caller, the latest first.

    Args:
        history: The records, with the uuids of all messages.
        since: Leave out what was missed before; None: nothing.
        until: Leave out what was missed later; None: nothing. Calls back are found all the same.
    """
    callers: dict[str, list[CallRecord]] = {}
    for record in sorted(history.by_uuid.values(), key=_newest_first):
        if _is_missed(history, record) and _is_within(record.at, since, until):
            caller = shortest_spelling(record.caller_id_number)
            callers.setdefault(caller or f"withheld {record.call_uuid}", []).append(record)
    return tuple(_missed_caller(history, calls) for calls in callers.values())


def _answered(history: CallHistory, own: CallRecord | None, later: Sequence[CallRecord]) -> Callback | None:
    """Return the call back that was answered: the one that the PBX names, else the first to the number."""
    returned = history.returning(own)
    back = next((record for record in [returned, *later] if record and history.is_answered(record)), None)
    if back:
        tries = sum(not history.is_answered(record) and _time(record) < _time(back) for record in later)
        return _callback("called_back", back, tries, is_named=back is returned)
    if own and own.return_uuid and not returned:
        return Callback(state="called_back", via="return_uuid", call_uuid=own.return_uuid, tries=len(later))
    return None


def _tried(history: CallHistory, own: CallRecord | None, later: Sequence[CallRecord]) -> Callback | None:
    """Return the last call back, if there was one; nobody answered any."""
    returned = history.returning(own)
    if later:
        return _callback("tried", later[-1], len(later), is_named=later[-1] is returned)
    return _callback("tried", returned, 1, is_named=True) if returned else None


def _callback(state: CallbackState, record: CallRecord, tries: int, *, is_named: bool) -> Callback:
    return Callback(
        state=state,
        at=record.at,
        extension=record.extension,
        extension_name=record.extension_name,
        talk_seconds=record.talk_seconds if state == "called_back" else None,
        via="return_uuid" if is_named else "later_call",
        call_uuid=record.call_uuid,
        tries=tries,
    )


def _after(calls: Mapping[str, Sequence[CallRecord]], caller: str, since: datetime | None) -> list[CallRecord]:
    """Return a caller's calls after a moment; none for a withheld number, which is no one's."""
    if not caller or not since:
        return []
    return [record for record in calls.get(caller, ()) if record.at and record.at > since]


def _why_unknown(history: CallHistory, caller: str, since: datetime | None) -> UnknownReason:
    if not caller:
        return "withheld"
    if not since:
        return "no_time"
    return "" if history.since <= since <= history.until else "out_of_range"


def _is_missed(history: CallHistory, record: CallRecord) -> bool:
    if record.direction != "inbound" or history.left_message(record):
        return False
    return not record.is_answered if record.is_missed is None else record.is_missed


def _is_within(at: datetime | None, since: datetime | None, until: datetime | None) -> bool:
    return at is None or ((since is None or since <= at) and (until is None or at <= until))


def _missed_caller(history: CallHistory, newest_first: Sequence[CallRecord]) -> MissedCaller:
    latest = newest_first[0]
    times = [record.at for record in newest_first if record.at]
    return MissedCaller(
        caller_id_number=latest.caller_id_number,
        caller_id_name=next((record.caller_id_name for record in newest_first if record.caller_id_name), ""),
        calls=len(newest_first),
        first_at=min(times, default=None),
        last_at=max(times, default=None),
        extensions=_distinct(record.extension for record in newest_first),
        extension_names=_distinct(record.extension_name for record in newest_first),
        queues=_distinct(record.queue for record in newest_first),
        callback=callback_of(history, latest.call_uuid, latest.caller_id_number, latest.at),
        call_uuids=tuple(record.call_uuid for record in newest_first),
    )


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({text for text in texts if text}))


def _has_time(record: CallRecord) -> bool:
    return record.at is not None


def _time(record: CallRecord) -> float:
    return record.at.timestamp() if record.at else 0.0


def _newest_first(record: CallRecord) -> tuple[float, str]:
    return -_time(record), record.call_uuid
