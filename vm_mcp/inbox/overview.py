"""The overview of an inbox: counts, the oldest messages and who is waiting, from one list."""

from collections.abc import Iterable, Sequence

from vm_mcp.inbox.outcomes import ListedPage, ListedVoicemail, MailboxCounts, Overview, WaitingCaller
from vm_mcp.telephone import shortest_spelling

LOOKED_AT = 1000
"""Messages looked at, the newest: ten requests, the burst that the PBX's rate limit allows."""


def overview(page: ListedPage) -> Overview:
    """Return the overview of a list that was filtered by nothing but the mailbox.

    Where the archive can't be read, it isn't known which messages the assistant alone marked as read. Then the callers
    of unread messages count as waiting.
    """
    voicemails = page.voicemails
    is_known = all(voicemail.heard_by for voicemail in voicemails)
    unread = [voicemail for voicemail in voicemails if not voicemail.is_read]
    unheard = [voicemail for voicemail in voicemails if voicemail.heard_by != "person"] if is_known else unread
    return Overview(
        since=page.since,
        until=page.until,
        messages=len(voicemails),
        truncated=bool(page.next_cursor),
        unread=len(unread),
        unheard=len(unheard) if is_known else None,
        mailboxes=_mailboxes(voicemails, unheard, is_known=is_known),
        oldest_unread=_oldest(unread),
        oldest_unheard=_oldest(unheard) if is_known else None,
        waiting=_waiting(unheard),
        notice=page.notice,
    )


def _mailboxes(
    voicemails: Sequence[ListedVoicemail], unheard: Sequence[ListedVoicemail], *, is_known: bool
) -> tuple[MailboxCounts, ...]:
    extensions = sorted({voicemail.extension for voicemail in voicemails}, key=lambda name: (len(name), name))
    return tuple(
        MailboxCounts(
            extension=extension,
            messages=sum(voicemail.extension == extension for voicemail in voicemails),
            unread=sum(voicemail.extension == extension and not voicemail.is_read for voicemail in voicemails),
            unheard=sum(voicemail.extension == extension for voicemail in unheard) if is_known else None,
        )
        for extension in extensions
    )


def _oldest(newest_first: Iterable[ListedVoicemail]) -> ListedVoicemail | None:
    dated = [voicemail for voicemail in newest_first if voicemail.received_at]
    return dated[-1] if dated else None


def _waiting(unheard: Iterable[ListedVoicemail]) -> tuple[WaitingCaller, ...]:
    """Join messages by caller. A number without digits, such as ``anonymous``, may be anybody: each stays alone."""
    callers: dict[str, list[ListedVoicemail]] = {}
    for voicemail in unheard:
        number = shortest_spelling(voicemail.caller_id_number)
        callers.setdefault(number or f"hidden {voicemail.uuid}", []).append(voicemail)
    return tuple(_caller(messages) for messages in sorted(callers.values(), key=_first_at))


def _caller(newest_first: Sequence[ListedVoicemail]) -> WaitingCaller:
    first, latest = _oldest(newest_first), newest_first[0]
    return WaitingCaller(
        caller_id_name=latest.caller_id_name,
        caller_id_number=latest.caller_id_number,
        calls=len(newest_first),
        since=first.received_at if first else None,
        latest_at=latest.received_at,
        latest_uuid=latest.uuid,
        extensions=tuple(sorted({voicemail.extension for voicemail in newest_first if voicemail.extension})),
        latest_begins=latest.first_line,
        no_speech=latest.no_speech,
        not_understood=latest.not_understood,
    )


def _first_at(newest_first: Sequence[ListedVoicemail]) -> float:
    first = _oldest(newest_first)
    return first.received_at.timestamp() if first and first.received_at else float("inf")
