"""All that is known of a message, joined in one place: for lists, transcripts and search hits alike."""

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from vm_mcp.archive import KnownTranscript
from vm_mcp.errors import ArchiveError, ConfigError
from vm_mcp.handling import state_of
from vm_mcp.heard import heard_by, opening_of
from vm_mcp.inbox.outcomes import ListedVoicemail
from vm_mcp.models import Voicemail

if TYPE_CHECKING:
    from vm_mcp.inbox.account import Account
    from vm_mcp.inbox.neighbours import Neighbours
    from vm_mcp.inbox.surroundings import Surroundings

_NO_TRANSCRIPT = KnownTranscript("", no_speech=False)


class KnownMessages:
    """Joins what one account's archive knows of messages."""

    def __init__(self, account: "Account", neighbours: "Neighbours") -> None:
        self._account = account
        self._neighbours = neighbours

    async def join(
        self, voicemails: Sequence[Voicemail], surroundings: "Surroundings | None" = None
    ) -> list[ListedVoicemail]:
        """Return messages with who has heard them, what was said, what became of them, and who the people are.

        Args:
            voicemails: As the PBX lists them, or listed them last.
            surroundings: What is kept of calls and people; None: it is read from the archive.

        Raises:
            ArchiveError: The archive can't be used.
        """
        if not voicemails:
            return []
        around = surroundings or await self._surroundings(voicemails)
        archive = await self._account.archive()
        uuids = [voicemail.uuid for voicemail in voicemails]
        retrievals, transcripts = await archive.retrievals(uuids), await archive.known(uuids)
        marks, endings = await archive.marks(uuids), await archive.endings(uuids)
        joined = []
        for voicemail in voicemails:
            mark = marks.get(voicemail.uuid)
            callback = around.callback(voicemail, mark.at if mark and mark.state == "open" else None)
            joined.append(
                ListedVoicemail(
                    **dict(voicemail),
                    heard_by=heard_by(voicemail, retrievals.get(voicemail.uuid)),
                    **transcripts.get(voicemail.uuid, _NO_TRANSCRIPT)._asdict(),
                    state=state_of(mark, callback),
                    mark=mark,
                    opening=opening_of(voicemail, retrievals.get(voicemail.uuid)),
                    callback=callback,
                    contacts=around.people.contacts_of(voicemail.caller_id_number),
                    owner=around.people.owners.get(voicemail.extension, ""),
                    ending=endings[voicemail.uuid],
                )
            )
        return joined

    async def of_uuids(self, uuids: Sequence[str]) -> dict[str, ListedVoicemail]:
        """Return messages by uuid as they were last listed; those that never were are left out.

        Raises:
            ArchiveError: The archive can't be used.
        """
        archive = await self._account.archive()
        found = [voicemail for uuid in uuids if (voicemail := await archive.voicemail(uuid))]
        return {message.uuid: message for message in await self.join(found)}

    async def was_read(self, uuid: str) -> bool | None:
        """Return whether a message was marked as read, by a list or a retrieval of ours; None where it isn't known."""
        with suppress(ArchiveError, ConfigError):
            archive = await self._account.archive()
            voicemail = await archive.voicemail(uuid)
            retrieval = (await archive.retrievals([uuid])).get(uuid)
            if voicemail:
                return voicemail.is_read or bool(retrieval and retrieval.confirmed_at)
        return None

    async def unread(self, voicemails: Sequence[Voicemail]) -> set[str]:
        """Return the uuids of messages that neither a list nor a retrieval of ours shows as marked as read.

        Raises:
            ArchiveError: The archive can't be used.
        """
        unread = [voicemail.uuid for voicemail in voicemails if not voicemail.is_read]
        retrievals = await (await self._account.archive()).retrievals(unread) if unread else {}
        return {uuid for uuid in unread if uuid not in retrievals or not retrievals[uuid].confirmed_at}

    async def refresh_meanwhile(self) -> None:
        """Have call records and people read, where they are old, while something else takes its time."""
        await self._neighbours.refresh(wait_seconds=0)

    async def surroundings(self) -> "Surroundings":
        """Return what is kept of calls and people, for messages of any time.

        Raises:
            ArchiveError: The archive can't be used.
        """
        return await self._neighbours.surroundings()

    async def _surroundings(self, voicemails: Sequence[Voicemail]) -> "Surroundings":
        received = [voicemail.received_at for voicemail in voicemails]
        return await self._neighbours.surroundings(None if None in received else min(filter(None, received)))
