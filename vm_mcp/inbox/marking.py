"""What persons say of messages: told, done, or open again. Kept on this computer; the PBX knows nothing of it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from vm_mcp.errors import InputError
from vm_mcp.handling import Mark, MarkState
from vm_mcp.text import clean_text

if TYPE_CHECKING:
    from vm_mcp.inbox.account import Account
    from vm_mcp.inbox.known import KnownMessages
    from vm_mcp.inbox.outcomes import ListedVoicemail

SHORTEST_ENDING = 4
"""Characters; what is shorter is taken for a whole uuid."""
MOST_NAMED = 5


class Marking:
    """One account's marks, and the short forms of its uuids."""

    def __init__(self, account: "Account", known: "KnownMessages") -> None:
        self._account = account
        self._known = known

    async def mark(self, uuids: Sequence[str], state: MarkState, note: str = "") -> "list[ListedVoicemail]":
        """Note what a person said of messages, and return them as they are then; nothing else changes.

        The note before is kept where none is given. Saying the same again changes nothing.

        Args:
            uuids: Messages that were listed before.
            state: What they said.
            note: Their words.

        Raises:
            AccessDeniedError: Whoever asks may note nothing.
            InputError: A message was never listed here.
            ArchiveError: The archive can't be used.
        """
        words, now, by = clean_text(note), self._account.now(), self._account.access.by

        def marked(old: Mark) -> Mark:
            said = Mark(state=state, at=now, note=words or old.note, by=by)
            return old if (said.state, said.note) == (old.state, old.note) else said

        return await self._change(uuids, marked)

    async def write_note(self, uuids: Sequence[str], note: str) -> "list[ListedVoicemail]":
        """Write a note to messages, over the note before, and return them as they are then; their state stays.

        Args:
            uuids: Messages that were listed before.
            note: The words; empty: there is no note any more.

        Raises:
            AccessDeniedError: Whoever asks may note nothing.
            InputError: A message was never listed here.
            ArchiveError: The archive can't be used.
        """
        words, by = clean_text(note), self._account.access.by

        def noted(old: Mark) -> Mark:
            if old.state != "noted":  # who said so, and when, stays: a call after it may have answered the message
                return old.model_copy(update={"note": words})
            return old if words == old.note else Mark(state="noted", at=self._account.now(), note=words, by=by)

        return await self._change(uuids, noted)

    async def _change(self, uuids: Sequence[str], changed: Callable[[Mark], Mark]) -> "list[ListedVoicemail]":
        """Store the marks that change, and return the messages; one without a mark has an empty one."""
        self._account.access.require("voicemail:update")
        distinct = list(dict.fromkeys(uuids))
        archive = await self._account.archive()
        known = await self._known.of_uuids(distinct)
        if missing := [uuid for uuid in distinct if uuid not in known]:
            raise InputError(
                "No message here has the uuid {uuids}. List the messages, then use their uuids.", uuids=_named(missing)
            )
        before, nothing = await archive.marks(distinct), Mark(state="noted", at=self._account.now())
        for uuid in distinct:
            old = before.get(uuid, nothing)
            if (new := changed(old)) != old:
                await archive.mark([uuid], new)
                self._account.on_change(uuid, "message")
        return list((await self._known.of_uuids(distinct)).values())

    async def whole_uuid(self, ending: str) -> str:
        """Return the uuid of the one message that was listed here and ends so; what ends no uuid comes back as it is.

        Raises:
            InputError: Several messages end so.
            ArchiveError: The archive can't be used.
        """
        if len(ending) < SHORTEST_ENDING:
            return ending
        found = await (await self._account.archive()).uuids_ending(ending, MOST_NAMED + 1)
        if len(found) > 1:
            raise InputError(
                "Several messages end in {ending}: {uuids}. Give more of the uuid.",
                ending=_named([ending]),
                uuids=_named(found),
            )
        return found[0] if found else ending


def _named(uuids: Sequence[str]) -> str:
    more = ", …" if len(uuids) > MOST_NAMED else ""
    return ", ".join(f"`{clean_text(uuid)[:128]}`" for uuid in uuids[:MOST_NAMED]) + more
