"""Messages whose words, names, numbers and dates are known, and their transcripts."""

import asyncio
import json
from pathlib import Path
from typing import NamedTuple

from vm_mcp.asr import TranscribeOptions, open_transcriber
from vm_mcp.config import load_settings
from vm_mcp.models import Transcript

NUMERIC = frozenset({"phone", "ext", "amount", "date", "time", "count", "ref", "apt", "iban", "plate"})
"""Kinds of slots that hold digits or a date; the others are names."""


class Slot(NamedTuple):
    """A name, a number or a date in a message."""

    kind: str
    value: str
    start: int
    """Index of its first word."""
    end: int
    """Index after its last one."""


class Message(NamedTuple):
    """A message and what is known of it."""

    name: str
    path: Path
    text: str
    slots: tuple[Slot, ...]

    @property
    def caller_name(self) -> str:
        """The only full name in it, as a PBX may send it; empty if there is none or there are more."""
        names = [slot.value for slot in self.slots if slot.kind == "name"]
        return names[0] if len(names) == 1 else ""


def load_messages(folder: Path) -> list[Message]:
    """Return the messages that a folder's ``manifest.json`` lists; those without slots have none."""
    items = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["items"]
    return [
        Message(
            item["id"],
            folder / item["file"],
            item["text"],
            tuple(Slot(each["kind"], each["value"], *each["words"]) for each in item.get("slots", [])),
        )
        for item in items
    ]


def transcripts(messages: list[Message], model: str, *, with_names: bool, kept: Path | None) -> dict[str, Transcript]:
    """Transcribe messages with the engine as a server does.

    Args:
        messages: What to transcribe.
        model: Name of the model.
        with_names: Whether the engine is told who calls.
        kept: A file from which the transcripts are read if it exists, and into which they are written otherwise.
    """
    if kept and kept.exists():
        stored = json.loads(kept.read_text(encoding="utf-8"))
        return {name: Transcript.model_validate(content) for name, content in stored.items()}
    made = asyncio.run(_transcribe(messages, model, with_names=with_names))
    if kept:
        stored = {name: transcript.model_dump(mode="json") for name, transcript in made.items()}
        kept.write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")
    return made


async def _transcribe(messages: list[Message], model: str, *, with_names: bool) -> dict[str, Transcript]:
    transcriber = open_transcriber(
        load_settings({"model": model, "engine": "faster-whisper", "languages": ("tr", "en")})
    )
    try:
        await transcriber.prepare()
        made = await asyncio.gather(
            *(
                transcriber.transcribe(
                    message.path.read_bytes(),
                    TranscribeOptions(caller_name=message.caller_name if with_names else ""),
                )
                for message in messages
            )
        )
    finally:
        await transcriber.aclose()
    return {message.name: transcript for message, transcript in zip(messages, made, strict=True)}
