"""What a watch prints and shows."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from vm_mcp.cli import console, message_text
from vm_mcp.cli.spoken_language import spoken
from vm_mcp.cli.watch.notifications import Notice
from vm_mcp.cli.watch.watching import Reports
from vm_mcp.text import counted
from vm_mcp.wording import Words, joined, words

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from vm_mcp.errors import VmError
    from vm_mcp.inbox import ListedVoicemail

MOST_NOTICES = 3
"""Notices of one look; more messages, as after a night, are one."""
Show = Callable[[Notice], Awaitable[bool]]


class WatchReports(Reports):
    """Prints a line for each message on stdout, and shows a notice.

    Args:
        zone: Of the times.
        show: Shows a notice, and returns False where that failed; None: none are shown.
    """

    def __init__(self, zone: "ZoneInfo", show: Show | None) -> None:
        self._zone = zone
        self._show = show

    async def started(self, open_count: int | None) -> None:
        """Say that it has begun."""
        if open_count:
            console.say("Already there: {messages}.", messages=counted(open_count, "open message"))
        console.say("Watching for new messages; press Ctrl-C to stop.")

    async def arrived(self, voicemails: Sequence["ListedVoicemail"]) -> None:
        """Print and show new messages; one that a person has heard meanwhile is only printed."""
        for voicemail in voicemails:
            console.tell("{line}", line=_line(voicemail, self._zone))
        new = [voicemail for voicemail in voicemails if voicemail.heard_by != "person"]
        if len(new) > MOST_NOTICES:
            title = spoken(words("{messages} new", messages=counted(len(new), "message")))
            await self._notify(Notice(title, spoken(words("`vm-mcp digest` shows what is open."))))
            return
        for voicemail in new:
            await self._notify(Notice(spoken(message_text.caller(voicemail)), spoken(_what(voicemail))))

    async def trouble(self, error: "VmError", *, is_for_person: bool) -> None:
        """Say what is wrong; show it too where a person must put it right."""
        console.say("{error} Watching goes on.", error=error.words)
        if is_for_person:
            title = words("New messages are not noticed any more")
            await self._notify(Notice(spoken(title), spoken(words("vm-mcp watch says why in its window."))))

    async def recovered(self) -> None:
        """Say that the trouble is over."""
        console.say("The PBX answers again.")

    async def _notify(self, notice: Notice) -> None:
        if self._show and not await self._show(notice):
            self._show = None
            console.say(
                "This computer shows no notifications (on Linux, install libnotify-bin); new messages are printed here."
            )


def _line(voicemail: "ListedVoicemail", zone: "ZoneInfo") -> Words:
    when = message_text.when(voicemail.received_at, zone)
    return joined("  ", (when, message_text.caller(voicemail), _what(voicemail), voicemail.uuid))


def _what(voicemail: "ListedVoicemail") -> Words:
    """Return what is new, in words of ours and numbers alone."""
    seconds = voicemail.duration_seconds
    mailbox = "".join(char for char in voicemail.extension if char.isalnum())
    return joined(
        ", ",
        (
            words("new message for {extension}", extension=mailbox) if mailbox else words("new message"),
            "" if seconds is None else words("{count} s", count=seconds),
        ),
    )
