"""The overview of an inbox: counts, who is waiting, and who called without leaving a message."""

from collections import Counter
from collections.abc import Iterable, Sequence

from vm_mcp.inbox.outcomes import ListedPage, ListedVoicemail, MailboxCounts, MissedCall, Overview, WaitingCaller
from vm_mcp.telephone import shortest_spelling

LOOKED_AT = 1000
"""Messages looked at, the newest: ten requests, the burst that the PBX's rate limit allows."""


def overview(page: ListedPage, missed: Sequence[MissedCall] | None = None) -> Overview:
    """Return the overview of a list that was filtered by nothing but the mailbox.

    Where the archive can't be read, it isn't known which messages are open. Then the callers of unread messages count
    as waiting.

    Args:
        page: The list.
        missed: Missed calls of the same time; None if they can't be had.
    """
    voicemails = page.voicemails
    is_known = all(voicemail.heard_by for voicemail in voicemails)
    unread = [voicemail for voicemail in voicemails if not voicemail.is_read]
    unheard = [voicemail for voicemail in voicemails if voicemail.heard_by != "person"] if is_known else unread
    waiting = [voicemail for voicemail in voicemails if voicemail.is_open] if is_known else unread
    return Overview(
        since=page.since,
        until=page.until,
        messages=len(voicemails),
        truncated=bool(page.next_cursor),
        unread=len(unread),
        unheard=len(unheard) if is_known else None,
        open=len(waiting) if is_known else None,
        mailboxes=_mailboxes(voicemails, unheard, waiting, is_known=is_known),
        waiting=_waiting(waiting, missed or ()),
        missed=None if missed is None else tuple(missed),
        notice=page.notice,
    )


def _mailboxes(
    voicemails: Sequence[ListedVoicemail],
    unheard: Sequence[ListedVoicemail],
    waiting: Sequence[ListedVoicemail],
    *,
    is_known: bool,
) -> tuple[MailboxCounts, ...]:
    owners = {voicemail.extension: voicemail.owner for voicemail in voicemails}
    counts = [Counter(voicemail.extension for voicemail in each) for each in (voicemails, unheard, waiting)]
    unread = Counter(voicemail.extension for voicemail in voicemails if not voicemail.is_read)
    return tuple(
        MailboxCounts(
            extension=extension,
            owner=owners[extension],
            messages=counts[0][extension],
            unread=unread[extension],
            unheard=counts[1][extension] if is_known else None,
            open=counts[2][extension] if is_known else None,
        )
        for extension in sorted(owners, key=lambda name: (len(name), name))
    )


def _waiting(messages: Iterable[ListedVoicemail], missed: Sequence[MissedCall]) -> tuple[WaitingCaller, ...]:
    """Join messages by caller. A withheld number may be anybody's: each of its messages stays alone."""
    callers: dict[str, list[ListedVoicemail]] = {}
    for voicemail in messages:
        number = shortest_spelling(voicemail.caller_id_number)
        callers.setdefault(number or f"hidden {voicemail.row_id}", []).append(voicemail)
    calls = Counter[str]()
    for each in missed:
        calls[shortest_spelling(each.caller_id_number)] += each.calls
    found = [_caller(newest_first, calls.get(number, 0)) for number, newest_first in callers.items()]
    return tuple(sorted(found, key=lambda caller: caller.since.timestamp() if caller.since else float("inf")))


def _caller(newest_first: Sequence[ListedVoicemail], missed_calls: int) -> WaitingCaller:
    latest = newest_first[0]
    return WaitingCaller(
        latest=latest,
        messages=len(newest_first),
        missed_calls=missed_calls,
        since=min((each.received_at for each in newest_first if each.received_at), default=None),
        uuids=tuple(voicemail.uuid for voicemail in newest_first),
        extensions=tuple(sorted({voicemail.extension for voicemail in newest_first if voicemail.extension})),
    )
