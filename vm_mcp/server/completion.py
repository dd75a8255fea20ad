"""Completion of the arguments of prompts and of resource addresses, while a user types."""

from collections.abc import Iterable

from mcp_types import Completion, CompletionArgument, PromptReference, ResourceTemplateReference

from vm_mcp.inbox import Inbox
from vm_mcp.server.prompts import LANGUAGES, PERIODS
from vm_mcp.server.resources import SCHEME

OFFERED = 100
"""Values per answer, the protocol's limit."""
LOOKED_AT = 500
"""Latest messages in the archive, whose mailboxes are offered."""


class Completions:
    """Completes from the archive alone: a key press must not cost a request to the PBX."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def complete(
        self, reference: PromptReference | ResourceTemplateReference, argument: CompletionArgument
    ) -> Completion:
        """Return the values that begin with what was typed, the likeliest first.

        Raises:
            ArchiveError: The archive can't be used.
        """
        typed = argument.value.strip()
        if isinstance(reference, ResourceTemplateReference):
            is_ours = argument.name == "uuid" and reference.uri.startswith(SCHEME)
            return await self._uuids(typed) if is_ours else _offer([])
        if argument.name == "uuid":
            return await self._uuids(typed)
        if argument.name == "extension":
            return _offer(await self._extensions(typed))
        choices = {"language": tuple(LANGUAGES), "period": PERIODS}.get(argument.name, ())
        return _offer(value for value in choices if value.startswith(typed.lower()))

    async def _uuids(self, typed: str) -> Completion:
        recent = await self._inbox.listing.recent(OFFERED + 1, typed)  # one more shows whether there are more
        return _offer(voicemail.uuid for voicemail in recent)

    async def _extensions(self, typed: str) -> list[str]:
        recent = await self._inbox.listing.recent(LOOKED_AT)
        return sorted({voicemail.extension for voicemail in recent if voicemail.extension.startswith(typed)} - {""})


def _offer(values: Iterable[str]) -> Completion:
    offered = list(values)
    return Completion(values=offered[:OFFERED], has_more=len(offered) > OFFERED)
