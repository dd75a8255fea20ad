"""The shape of a prompt's texts, which each language fills."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Texts:
    """One language's texts.

    ``{scope}``, ``{arguments}``, ``{reading}``, ``{rules}``, ``{opened}``, ``{uuid}`` and ``{spoken}`` stand for what a
    request fills in. They ask for what was said by calling tools, and never hold a word of a caller's: what stands in a
    prompt is the user's own word to the model.
    """

    summarize: str
    triage: str
    callback: str
    transcribe: str
    """How to find out what was said, where messages can be transcribed."""
    archived: str
    """The same where only what was transcribed before can be read."""
    opened: str
    """Asks to be told what was opened; left out where nothing can be."""
    rules: str
    in_extension: str
    """Narrows a request to a mailbox."""
    since: str
    """Narrows a request to a time."""
    as_spoken: str
    """The draft's language is the caller's."""
    draft_in: str
    """The draft's language was asked for."""
