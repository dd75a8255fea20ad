"""What is kept of call records, contacts and extensions, in a form in which a message finds its own at once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from vm_mcp.archive import NeighbourPart, NeighbourReading, People
from vm_mcp.call_records import CallRecord
from vm_mcp.callbacks import Callback, CallHistory, call_history, callback_of
from vm_mcp.contacts import Contact, contacts_by_number
from vm_mcp.dates import short_time
from vm_mcp.models import Voicemail
from vm_mcp.people import Access
from vm_mcp.telephone import shortest_spelling
from vm_mcp.wording import Words, enumeration, sentences, words

STALE = timedelta(minutes=15)
"""A message that is newer than the call records by less was not called back as far as is known; by more, that is not
known."""
_NAMES: Mapping[NeighbourPart, Words] = {
    "calls": words("call records"),
    "contacts": words("contacts"),
    "extensions": words("extensions"),
}


class KeptCalls(NamedTuple):
    """Call records, and the ids of all messages of their time."""

    records: Sequence[CallRecord]
    message_uuids: Sequence[str]


class Directory(NamedTuple):
    """The people, found by their numbers."""

    contacts: Mapping[str, tuple[Contact, ...]]
    """By `shortest_spelling` of each of their numbers."""
    owners: Mapping[str, str]
    """The name of whose each extension is now; an extension that the PBX lists twice is nobody's."""

    def extension_of(self, name: str) -> str:
        """Return the extension of somebody; empty if nobody or several people have that name."""
        found = [number for number, owner in self.owners.items() if owner == name]
        return found[0] if len(found) == 1 else ""

    def contacts_of(self, number: str) -> tuple[Contact, ...]:
        """Return who has a number, in any spelling; nobody has a withheld one."""
        spelling = shortest_spelling(number)
        return self.contacts.get(spelling, ()) if spelling else ()


def seen_calls(kept: KeptCalls, access: Access, people: Directory) -> KeptCalls:
    """Return the call records that somebody may see.

    These are calls to their mailboxes, those that left one of their messages, and calls that the account placed, which
    show whether a caller was called back. Of a call whose extension isn't known, nobody can say whose it is.

    Args:
        kept: All, with the ids of the messages that they may see.
        access: Who asks.
        people: Whose each extension is, where a record has only the name.
    """
    if access.is_whole:
        return kept
    own = {uuid.casefold() for uuid in kept.message_uuids}
    return kept._replace(
        records=[
            record
            for record in kept.records
            if record.is_placed_here
            or record.call_uuid.casefold() in own
            or access.sees(record.extension or people.extension_of(record.extension_name))
        ]
    )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the PBX knows beside voicemail, as last read."""

    history: CallHistory | None
    """None if no call records could be had yet."""
    people: Directory
    notice: Words
    """What could not be had, and what to do; empty if all is there."""

    @property
    def known_since(self) -> datetime | None:
        """From when on there are call records; None if there are none."""
        return self.history.since if self.history else None

    def callback(self, voicemail: Voicemail, reopened_at: datetime | None = None) -> Callback:
        """Return what call records show after a message, or after a person reopened it if anybody called since then."""
        number = voicemail.caller_id_number
        found = callback_of(self.history, voicemail.uuid, number, voicemail.received_at)
        if reopened_at and found.state == "called_back":
            since = callback_of(self.history, "", number, reopened_at)
            found = since if since.state in {"called_back", "tried"} else found
        return self.with_extension(found)

    def with_extension(self, callback: Callback) -> Callback:
        """Return a call back with its extension, where the PBX recorded a line of the account and the owner's name."""
        if callback.extension or not callback.extension_name:
            return callback
        return callback.model_copy(update={"extension": self.people.extension_of(callback.extension_name)})


def directory_of(people: People) -> Directory:
    """Return the people, found by their numbers; CPU-bound, a tenth of a second for ten thousand contacts."""
    names = Counter(each.number for each in people.extensions)
    owners = {each.number: each.name for each in people.extensions if each.name and names[each.number] == 1}
    return Directory(contacts_by_number(people.contacts), owners)


def surroundings_of(
    readings: Mapping[NeighbourPart, NeighbourReading],
    people: Directory,
    kept: KeptCalls | None,
    now: datetime,
    zone: ZoneInfo,
) -> Surroundings:
    """Return what is kept; CPU-bound, some milliseconds for a thousand records.

    Args:
        readings: When each part was read.
        people: The address book and the extensions.
        kept: The call records; None if they were never read.
        now: The current time, by the PBX's clock.
        zone: Of the times in the notice.
    """
    calls = readings.get("calls", NeighbourReading())
    history = None
    if kept and calls.since and calls.until:
        until = max(now, calls.until) if now - calls.until < STALE else calls.until
        history = call_history(kept.records, calls.since, until, kept.message_uuids)
    return Surroundings(history, people, _notice(readings, now, zone))


def _notice(readings: Mapping[NeighbourPart, NeighbourReading], now: datetime, zone: ZoneInfo) -> Words:
    refused = [name for part, name in _NAMES.items() if (found := readings.get(part)) and found.is_refused]
    notices = [_calls_notice(readings.get("calls", NeighbourReading()), now, zone)]
    for part in ("contacts", "extensions"):
        found = readings.get(part)
        if found and found.problem and not found.read_at and not found.is_refused:
            unread = words("{part:capital} could not be read.", part=_NAMES[part])
            notices.append(sentences(unread, Words.of(found.problem)))
    if refused:
        notices.append(
            words(
                "The PBX refuses this API key the account's {parts}; whoever manages the account can allow it.",
                parts=enumeration(refused),
            )
        )
    return sentences(*notices)


def _calls_notice(calls: NeighbourReading, now: datetime, zone: ZoneInfo) -> Words:
    """Return what to know of the call records; why they are refused is said once for all parts."""
    problem = Words.of("" if calls.is_refused else calls.problem)
    if calls.until is None:
        if calls.problem:
            return sentences(words("Whether callers were called back is not known."), problem)
        return words("Call records are being read: ask again in a minute to see who was called back.")
    if calls.problem or now - calls.until > STALE:
        return sentences(words("Call records end at {time}.", time=_time(calls.until, now, zone)), problem)
    if not calls.is_complete and calls.since:
        return words(
            "Call records begin at {time} so far; older ones follow within minutes.", time=_time(calls.since, now, zone)
        )
    return words("")


def _time(moment: datetime, now: datetime, zone: ZoneInfo) -> Words:
    return short_time(moment.astimezone(zone), now.astimezone(zone))
