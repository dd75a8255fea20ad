"""Errors that an assistant passes on to its user: English for the model, and the user's language where that is set."""

import asyncio
from collections.abc import Sequence

from vm_mcp.errors import InputError, VmError
from vm_mcp.inbox import Transcription
from vm_mcp.wording import Words, words


async def passed_on(error: VmError, language: str) -> str:
    """Return an error's text for a model, which corrects an unusable argument by itself and passes on the rest.

    Args:
        error: The error.
        language: The user's, by `Settings.lang`; empty: nobody has set one.
    """
    return str(error) if isinstance(error, InputError) else await in_both(error.words, language)


async def in_language(text: Words, language: str) -> str:
    """Return a text for somebody who reads it themselves, as at the inbox page."""
    from vm_mcp.translation import translate

    # The catalogue is read at the first use.
    return await asyncio.to_thread(translate, text, language)


async def in_both(text: Words, language: str) -> Words:
    """Return a text with the same in the user's language below; alone where that is English or not set."""
    if not text or language in {"", "en"}:
        return text
    return words(
        "{text}\n{hint} {translated}",
        text=text,
        hint=f"For the user, in their language ({language}):",
        translated=await in_language(text, language),
    )


async def entries_in_both(entries: Sequence[Transcription], language: str) -> list[Transcription]:
    """Return transcriptions with their errors for the user; see `in_both`."""
    return [
        entry.model_copy(update={"error": await in_both(entry.error, language)}) if entry.error else entry
        for entry in entries
    ]
