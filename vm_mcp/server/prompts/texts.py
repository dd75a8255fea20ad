"""`Texts`: what each language provides for the prompts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Texts:
    """One language's texts.

    ``{scope}``, ``{arguments}``, ``{reading}``, ``{rules}``, ``{noted}``, ``{marked_read}``, ``{uuid}`` and
    ``{spoken}`` are filled in per request. The texts have the model get the callers' words by calling tools, and never
    hold any: a model takes a prompt for its user's own words.
    """

    summarize: str
    triage: str
    callback: str
    transcribe: str
    """How to get the texts, where messages can be transcribed."""
    archived: str
    """How to get the texts, where only earlier transcripts can be read."""
    noted: str
    """Has the messages noted that the user was told of; left out where nothing can be noted."""
    marked_read: str
    """Asks for the messages that were marked as read; left out where none can be."""
    rules: str
    in_extension: str
    """Limits the request to a mailbox."""
    since: str
    """Limits the request to a period."""
    as_spoken: str
    """Asks for a draft in the caller's language."""
    draft_in: str
    """Asks for a draft in the language of these texts."""
