"""Count how many misheard words a search finds, and how many of its near hits are wrong.

    uv run python benchmarks/search_recall.py [--show]

search_recall.json holds real transcripts, what was said in each, and words that the engine misheard. Each word is
searched for twice: in an archive without the messages that have it exactly, as where nobody else said it, and among all
messages, where a nearer word hides a farther one. A word is found if its message is among the hits; a near hit is right
if the word was said in that message. What matches exactly is what a search found before it looked for near words.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from vm_mcp.archive import Lease
from vm_mcp.archive.sqlite import SqliteArchive
from vm_mcp.archive.words import folded_terms
from vm_mcp.models import SearchHit, Segment, Transcript, TranscriptKey, Voicemail, Word
from vm_mcp.text import DOUBT_END, DOUBT_START

DATA = Path(__file__).with_suffix(".json")
LIMIT = 20


class Message(NamedTuple):
    """A message, what was said in it, and its transcript with doubt marks."""

    name: str
    said: str
    heard: str

    def has(self, word: str) -> bool:
        """Return whether a word that begins so was said."""
        return _has(self.said, word)

    def shows(self, word: str) -> bool:
        """Return whether a word that begins so is in the transcript."""
        return _has(self.heard, word)


class Misheard(NamedTuple):
    """A word as people search for it, what was heard in its place, and where."""

    word: str
    heard: str
    message: str


class Tally(NamedTuple):
    """What the searches for all misheard words found."""

    exact: int
    """Words found as they were typed."""
    found: int
    """Words found."""
    right: int
    """Near hits in which the word was said."""
    near: int
    """All near hits."""


def main() -> None:
    """Print recall and precision."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="print each word that was not found, and each wrong hit")
    arguments = parser.parse_args()
    messages, misheard = load()
    for title, alone in (("where nobody else said it", True), ("among all messages", False)):
        tally = asyncio.run(count(messages, misheard, alone=alone, show=arguments.show))
        total = len(misheard)
        print(
            f"{title}: {tally.exact} of {total} found as typed, {tally.found} with near words; "
            f"{tally.right} of {tally.near} near hits are right"
        )


def load() -> tuple[list[Message], list[Misheard]]:
    """Return the messages and the misheard words."""
    content = json.loads(DATA.read_text(encoding="utf-8"))
    return [Message(**each) for each in content["messages"]], [Misheard(**each) for each in content["misheard"]]


async def count(messages: Sequence[Message], misheard: Sequence[Misheard], *, alone: bool, show: bool = False) -> Tally:
    """Search for each misheard word.

    Args:
        messages: The archive.
        misheard: The words.
        alone: Whether to leave out the messages that have the word exactly.
        show: Whether to print what was not found, and what was wrongly.
    """
    searched = [await _search(messages, each, alone=alone) for each in misheard]
    by_name = {message.name: message for message in messages}
    near = {(each.word, hit.voicemail.uuid): hit for each, hits in zip(misheard, searched, strict=True) for hit in hits}
    near = {key: hit for key, hit in near.items() if hit.close}
    wrong = {(word, name): hit for (word, name), hit in near.items() if not by_name[name].has(word)}
    found = [
        {hit.voicemail.uuid: hit.close for hit in hits}.get(each.message)
        for each, hits in zip(misheard, searched, strict=True)
    ]
    if show:
        for each, close in zip(misheard, found, strict=True):
            print(f"  {each.word} ({each.heard}): {'not found' if close is None else ', '.join(close)}")
        for (word, name), hit in wrong.items():
            print(f"  {word}: wrong in {name}: {', '.join(hit.close)}")
    exact = sum(close == () for close in found)
    return Tally(exact, sum(close is not None for close in found), len(near) - len(wrong), len(near))


async def _search(messages: Sequence[Message], misheard: Misheard, *, alone: bool) -> Sequence[SearchHit]:
    with tempfile.TemporaryDirectory() as folder:
        archive = SqliteArchive(Path(folder) / "archive.sqlite3")
        for message in messages:
            if not (alone and message.shows(misheard.word)):
                await _keep(archive, message)
        hits = (await archive.search(misheard.word, limit=LIMIT)).hits
        await archive.aclose()
    return hits


async def _keep(archive: SqliteArchive, message: Message) -> None:
    await archive.note_listed([Voicemail(uuid=message.name)])
    lease = await archive.acquire(TranscriptKey(message.name, "faster-whisper", "base", ""))
    if isinstance(lease, Lease):
        await archive.save(lease, transcript(message.heard))


def transcript(marked: str) -> Transcript:
    """Return a transcript that is shown with about the same marks as a text has: in them the engine was unsure."""
    words: list[Word] = []
    is_doubtful = False
    for at, piece in enumerate(marked.split()):
        is_doubtful = is_doubtful or DOUBT_START in piece
        text = piece.replace(DOUBT_START, "").replace(DOUBT_END, "")
        probability, logprob = (0.2, -4.0) if is_doubtful else (0.98, -0.02)
        words.append(
            Word(
                text=text,
                start_seconds=at / 2,
                end_seconds=at / 2 + 0.4,
                probability=probability,
                least_probability=probability,
                logprob=logprob,
                tokens=2,
            )
        )
        is_doubtful = is_doubtful and DOUBT_END not in piece
    segment = Segment(
        text=" ".join(word.text for word in words),
        start_seconds=0,
        end_seconds=len(words) / 2,
        avg_logprob=-0.4,
        no_speech_prob=0,
        words=tuple(words),
    )
    return Transcript(language="tr", segments=(segment,), duration_seconds=30, engine="faster-whisper", model="base")


def _has(text: str, word: str) -> bool:
    [beginning] = folded_terms(word)
    return any(term.startswith(beginning) for term in folded_terms(text))


if __name__ == "__main__":
    main()
