"""The voicemail of some mailboxes of an account, for people who may not see all of them."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from vm_mcp.models import RecordingLink, Voicemail, VoicemailPage, VoicemailQuery
from vm_mcp.pbx.request_limits import check_list
from vm_mcp.pbx.voicemails import OnAsked, VoicemailService

if TYPE_CHECKING:
    from vm_mcp.pbx.caller_filter import CallerNames
    from vm_mcp.pbx.paging import Keep

CheckSeen = Callable[[str], Awaitable[None]]
"""Raises VoicemailNotFoundError unless a message is in one of the mailboxes."""


class AllowedVoicemails(VoicemailService):
    """The voicemail of some mailboxes. A message of another, or of none, is as unknown as one that doesn't exist.

    Rows are dropped where they arrive, before they are counted, paged or looked through (`_sees`), and every recording
    is asked for through `recording_link`. So nothing that uses this service need know who asks.

    Args:
        whole: The account's.
        extensions: The mailboxes.
        check_seen: Called before the PBX is asked for a recording.
    """

    def __init__(self, whole: VoicemailService, extensions: frozenset[str], check_seen: CheckSeen) -> None:
        super().__init__(whole._transport, whole._clock, whole._max_recording_bytes)  # noqa: SLF001 - of the same class
        self._extensions = extensions
        self._check_seen = check_seen
        self._sees = self._is_allowed

    async def list(
        self,
        query: VoicemailQuery,
        limit: int,
        keep: "Keep[Voicemail] | None" = None,
        caller_names: "CallerNames | None" = None,
    ) -> VoicemailPage:
        """List messages of the mailboxes, see `VoicemailService.list`; the PBX is never asked for another mailbox.

        Where there is only one mailbox, the PBX filters. Of several, it lists all messages, of which a page may hold
        few, with a ``next_query`` that continues; how many there are is only known once all were read.
        """
        check_list(query, limit)
        wanted = {query.extension} & self._extensions if query.extension else self._extensions
        if not wanted:
            return VoicemailPage(voicemails=(), total_count=0)
        extension = next(iter(wanted)) if len(wanted) == 1 else ""
        return await super().list(query.model_copy(update={"extension": extension}), limit, keep, caller_names)

    async def recording_link(self, uuid: str, on_asked: OnAsked | None = None) -> RecordingLink:
        """Return a link to a recording once it is known that its message is in one of the mailboxes."""
        await self._check_seen(uuid)
        return await super().recording_link(uuid, on_asked)

    def _is_allowed(self, voicemail: Voicemail) -> bool:
        return voicemail.extension in self._extensions
