"""Completion: what a host offers while a user types an argument of a prompt or of a resource's address."""

from collections.abc import Iterable

from mcp_types import Completion, CompletionArgument, PromptReference, ResourceTemplateReference

from vm_mcp.inbox import Inbox
from vm_mcp.server.prompts import LANGUAGES, PERIODS
from vm_mcp.server.resources import SCHEME

OFFERED = 100
"""The protocol's own limit."""
LOOKED_AT = 500
"""The latest messages, whose mailboxes are offered."""


class Completions:
    """Offers what this computer knows; a key that is pressed asks the PBX nothing."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def complete(
        self, asked: PromptReference | ResourceTemplateReference, argument: CompletionArgument
    ) -> Completion:
        """Offer values that begin with what was typed, the likeliest first.

        Raises:
            ArchiveError: The archive can't be used.
        """
        typed = argument.value.strip()
        if isinstance(asked, ResourceTemplateReference):
            known = argument.name == "uuid" and asked.uri.startswith(SCHEME)
            return await self._uuids(typed) if known else _offer([])
        if argument.name == "uuid":
            return await self._uuids(typed)
        if argument.name == "extension":
            return _offer(await self._extensions(typed))
        fixed = {"language": tuple(LANGUAGES), "period": PERIODS}.get(argument.name, ())
        return _offer(value for value in fixed if value.startswith(typed.lower()))

    async def _uuids(self, typed: str) -> Completion:
        return _offer(voicemail.uuid for voicemail in await self._inbox.listing.recent(OFFERED + 1, typed))

    async def _extensions(self, typed: str) -> list[str]:
        recent = await self._inbox.listing.recent(LOOKED_AT)
        return sorted({voicemail.extension for voicemail in recent if voicemail.extension.startswith(typed)} - {""})


def _offer(values: Iterable[str]) -> Completion:
    offered = list(values)
    return Completion(values=offered[:OFFERED], has_more=len(offered) > OFFERED)
