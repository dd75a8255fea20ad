"""Compose a digest in the person's language."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

from vm_mcp.cli import message_text
from vm_mcp.cli.digest.digest_material import DigestMaterial
from vm_mcp.cli.spoken_language import language_in_use, spoken
from vm_mcp.errors import PbxUnavailableError
from vm_mcp.text import DOUBT_START, counted
from vm_mcp.views.digest import DigestDocument, DigestEntry, DigestMessage, DigestSection
from vm_mcp.views.overview_rows import MissedItem
from vm_mcp.wording import Words, joined, words

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from vm_mcp.config import Settings
    from vm_mcp.inbox import ListedVoicemail, MissedCall, Transcription, WaitingCaller


def digest_subject(material: DigestMaterial, settings: "Settings") -> str:
    """Return the subject of a mail: counts alone, since it is shown on locked screens and nothing a caller chose."""
    overview = material.overview
    messages = (
        counted(overview.unread, "unread message") if overview.open is None else counted(overview.open, "open message")
    )
    missed = counted(len(material.missed), "missed caller") if material.missed else ""
    subject = words("Voicemail: {counts}", counts=joined(", ", (messages, missed)))
    return spoken(joined(" - ", (subject, settings.account)))


def digest_document(material: DigestMaterial, settings: "Settings") -> DigestDocument:
    """Return a digest, its texts in the person's language."""
    overview, zone = material.overview, settings.zone
    title = words("Voicemail, {when}", when=message_text.when(overview.until, zone))
    sections = tuple(_sections(material, zone))
    summary = [*_summary(material, zone), *([message_text.MARKED] if _is_any_marked(sections) else [])]
    return DigestDocument(
        language=language_in_use(),
        title=spoken(joined(" - ", (title, settings.account))),
        summary=tuple(map(spoken, filter(None, summary))),
        sections=sections,
        footer=tuple(map(spoken, _footer(material))),
    )


def _is_any_marked(sections: Sequence[DigestSection]) -> bool:
    entries = chain.from_iterable(section.entries for section in sections)
    return any(DOUBT_START in message.quote for entry in entries for message in entry.messages)


def _summary(material: DigestMaterial, zone: "ZoneInfo") -> Iterator[Words]:
    overview = material.overview
    yield words("{bounds}.", bounds=message_text.bounds(overview.since, overview.until, zone))
    yield _counts(material)
    if len(overview.mailboxes) > 1 and overview.open:
        boxes = (
            words("{extension} {owner} {count}", extension=box.extension or "?", owner=box.owner, count=box.open)
            for box in overview.mailboxes
            if box.open
        )
        yield words("By mailbox: {boxes}.", boxes=joined(", ", boxes))
    if overview.truncated:
        yield words(
            "Only the newest {messages} were looked at; older ones may wait longer.",
            messages=counted(overview.messages, "message"),
        )
    if overview.missed is None:
        yield words("Missed calls without a message are not known.")
    if material.failure is not None:
        yield words("Nothing was transcribed. {error}", error=material.failure.words)
    elif material.failed:
        yield words("{messages} could not be transcribed.", messages=counted(material.failed, "message"))
    yield words(overview.notice)


def _counts(material: DigestMaterial) -> Words:
    overview = material.overview
    if not overview.waiting:
        return words("No message is open.") if overview.open is not None else words("No message is unread.")
    callers = counted(len(overview.waiting), "caller")
    if overview.open is None:
        return words(
            "{messages} from {callers}; which of them are settled is not known.",
            messages=counted(overview.unread, "unread message"),
            callers=callers,
        )
    return words(
        "{messages} from {callers}; {unheard} not heard by anybody yet.",
        messages=counted(overview.open, "open message"),
        callers=callers,
        unheard=sum(_is_unheard(message) for message in _open_messages(material)),
    )


def _open_messages(material: DigestMaterial) -> "Iterator[ListedVoicemail | None]":
    for caller in material.overview.waiting:
        yield from (_voicemail(caller, uuid, material.said) for uuid in caller.uuids)


def _is_unheard(voicemail: "ListedVoicemail | None") -> bool:
    return voicemail is not None and voicemail.heard_by in {"nobody", "assistant"}


def _sections(material: DigestMaterial, zone: "ZoneInfo") -> Iterator[DigestSection]:
    overview = material.overview
    if overview.waiting:
        waiting = tuple(_waiting(caller, material.said, zone, overview.until) for caller in overview.waiting)
        yield DigestSection(spoken(words("Waiting for an answer, the longest wait first")), waiting)
    if material.missed:
        missed = tuple(_missed(each, zone, overview.until) for each in material.missed)
        yield DigestSection(spoken(words("Missed calls without a message, the latest first")), missed)


def _waiting(
    caller: "WaitingCaller", said: "Mapping[str, Transcription]", zone: "ZoneInfo", now: datetime
) -> DigestEntry:
    since = message_text.when(caller.since, zone)
    facts = (
        words("{messages} since {time}", messages=counted(caller.messages, "open message"), time=since)
        if caller.messages > 1
        else "",
        words("{calls} beside", calls=counted(caller.missed_calls, "missed call")) if caller.missed_calls else "",
    )
    return DigestEntry(
        who=spoken(message_text.caller(caller.latest)),
        facts=spoken(joined("; ", facts)),
        messages=tuple(
            _message(voicemail, said.get(uuid), zone, now)
            for uuid in reversed(caller.uuids)
            if (voicemail := _voicemail(caller, uuid, said))
        ),
    )


def _voicemail(caller: "WaitingCaller", uuid: str, said: "Mapping[str, Transcription]") -> "ListedVoicemail | None":
    """Return a message of a caller; None where the archive, which has all but the latest, can't be read."""
    entry = said.get(uuid)
    known = entry.voicemail if entry else None
    return known or (caller.latest if caller.latest.uuid == uuid else None)


def _message(
    voicemail: "ListedVoicemail", entry: "Transcription | None", zone: "ZoneInfo", now: datetime
) -> DigestMessage:
    lines = spoken(message_text.said(entry, zone, now)).split("\n") if entry else []
    is_quote = entry is not None and entry.transcript is not None and bool(entry.transcript.text)
    heard = words("heard by {who}", who=message_text.heard(voicemail))
    uuid = words("UUID {uuid}", uuid=voicemail.ending) if voicemail.ending else ""
    return DigestMessage(
        facts=spoken(_facts(voicemail, zone)),
        state=spoken(joined("; ", (message_text.state(voicemail, zone, now), heard, uuid))),
        quote=lines[0] if is_quote else "",
        remarks=tuple(lines[1:] if is_quote else lines),
    )


def _facts(voicemail: "ListedVoicemail", zone: "ZoneInfo") -> Words:
    mailbox = " ".join(filter(None, (voicemail.extension, voicemail.owner)))
    seconds = voicemail.duration_seconds
    return joined(
        ", ",
        (
            message_text.when(voicemail.received_at, zone),
            words("for {extension}", extension=mailbox) if mailbox else "",
            "" if seconds is None else words("{count} s", count=seconds),
        ),
    )


def _missed(missed: "MissedCall", zone: "ZoneInfo", now: datetime) -> DigestEntry:
    *_, returned = MissedItem.of_missed(missed, zone, now).missed_cells(now.astimezone(zone).year)
    facts = (
        words(
            "{calls}, last {time}", calls=counted(missed.calls, "call"), time=message_text.when(missed.last_at, zone)
        ),
        words("for {extension}", extension=", ".join(missed.extensions)) if missed.extensions else "",
        *(words("queue {name}", name=queue) for queue in missed.queues),
        words("called back: {what}", what=returned),
    )
    return DigestEntry(who=spoken(message_text.caller(missed)), facts=spoken(joined("; ", facts)))


def _footer(material: DigestMaterial) -> Iterator[Words]:
    yield words("Names and words are the callers' own; names, digits and amounts may be misheard.")
    if material.opened:
        opened = counted(material.opened, "message")
        yield words("{messages} marked as read in the phone system for this digest.", messages=opened)
    elif isinstance(material.failure, PbxUnavailableError):  # it may have failed on the way back
        yield words("Messages may have been marked as read before that failed; `vm-mcp list` shows which.")
    else:
        yield words("Nothing was marked as read for this digest.")
    yield words("Once a message is settled: `vm-mcp update UUID --state done`. Written by vm-mcp on your computer.")
