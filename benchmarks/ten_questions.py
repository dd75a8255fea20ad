"""Count the calls and bytes that ten questions of a desk take, each asked with nothing known but the archive.

uv run python benchmarks/ten_questions.py

The tools are real, over the simulated clinic; a script replaces the speech engine. Run with the package of an older
release, it makes the calls that were needed there, so that both can be compared.
"""

import asyncio
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from mcp import Client
from mcp_types import CallToolResult, TextContent
from pydantic import SecretStr

from vm_mcp.asr import Progress, TranscribeOptions
from vm_mcp.config import Settings
from vm_mcp.inbox import Inbox
from vm_mcp.models import Segment, Transcript, Word
from vm_mcp.server import build_server
from vm_mcp.simulator import Simulator, Voice, clinic, load_voices

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
SLIPS = {"tr02_geri_ara": ("üç numaralı", "dört numaralı"), "tr06_ariza": ("Şahin.", "Şahan.")}
"""By recording: words, and what the script recognises in their place, the first word unsure."""
SAID = {
    "enh1_librivox": "Good evening, I would like to book a double room from the third to the sixth of December.",
    "en03_dentist": "Ben avukat Selma Kurt. Duruşma on beş Aralık salı günü saat on buçukta Kadıköy Adliyesinde.",
}
"""By recording: what the script recognises although something else is said."""

Call = tuple[str, dict[str, Any]]


class Question(NamedTuple):
    """A question, and the calls that answer it: today, and where messages can't be chosen by filters."""

    asked: str
    calls: Sequence[Call]
    before: Callable[[list[str]], Sequence[Call]]
    """Takes the uuids of the messages that its own first call lists."""


def _transcribe(filters: dict[str, Any], **more: Any) -> Callable[[list[str]], Sequence[Call]]:  # noqa: ANN401 - any argument
    return lambda uuids: [("list_voicemails", filters), ("transcribe_voicemails", {"uuids": uuids, **more})]


def _same(*calls: Call) -> tuple[Sequence[Call], Callable[[list[str]], Sequence[Call]]]:
    return calls, lambda _: calls


QUESTIONS = (
    Question(
        "Who called, what do they want, whom do I call first?",
        [("transcribe_voicemails", {})],
        _transcribe({"status": "unheard"}),
    ),
    Question(
        "Which names and numbers are you unsure of, and at which second do I listen?",
        [("transcribe_voicemails", {"status": "all"})],
        _transcribe({}, detail="full"),
    ),
    Question(
        "Did anybody call about an invoice, and how much is it?",
        *_same(("search_transcripts", {"query": "fatura"}), ("search_transcripts", {"query": "invoice"})),
    ),
    Question("Who called three times without being called back?", *_same(("show_inbox", {}))),
    Question(
        "Whom do I have to call today, by what time?",
        [("transcribe_voicemails", {})],
        _transcribe({"status": "unheard"}),
    ),
    Question(
        "What did the English-speaking woman want? Write me a reply.",
        [("transcribe_voicemails", {"caller": "Sarah", "status": "all"})],
        _transcribe({"caller": "Sarah"}),
    ),
    Question("Which of these look read, and which did you open?", *_same(("list_voicemails", {}))),
    Question("Does anybody want a hotel room, for which dates?", *_same(("search_transcripts", {"query": "room"}))),
    Question("When is the hearing, and where?", *_same(("search_transcripts", {"query": "duruşma"}))),
    Question("Which messages have nothing to hear in them?", *_same(("list_voicemails", {}))),
)


class Script:
    """A speech engine that knows what is said in the simulator's recordings, word by word."""

    engine = "script"
    model = "demo"
    waiting_for = ""

    def __init__(self) -> None:
        self._voices = {voice.read(): voice for voice in load_voices().values()}

    async def prepare(self, on_progress: Progress | None = None) -> None:
        """Do nothing."""

    async def warm_up(self) -> None:
        """Do nothing."""

    async def transcribe(
        self,
        audio: bytes,
        options: TranscribeOptions,  # noqa: ARG002 - the protocol's
        on_progress: Progress | None = None,  # noqa: ARG002 - the protocol's
        demand: object = None,  # noqa: ARG002 - the protocol's
    ) -> Transcript:
        """Return what was recorded, with the errors of `SLIPS`."""
        voice = self._voices[audio]
        return Transcript(
            language="tr" if voice.name == "en03_dentist" else voice.language,
            segments=tuple(_segments(voice)),
            duration_seconds=voice.seconds,
            engine=self.engine,
            model=self.model,
            untranscribed=(),
        )

    async def aclose(self) -> None:
        """Do nothing."""


def _segments(voice: Voice) -> Iterator[Segment]:
    right, wrong = SLIPS.get(voice.name, ("", ""))
    said = SAID.get(voice.name, voice.text)
    before, _, after = said.partition(right) if right else (said, "", "")
    text = f"{before}{wrong}{after}"
    parts = text.split()
    slip = len(before.split()) if wrong else -1
    pace = voice.seconds / max(1, len(parts))
    words = tuple(
        Word(
            text=word,
            start_seconds=at * pace,
            end_seconds=(at + 1) * pace,
            probability=0.45 if at == slip else 0.97,
        )
        for at, word in enumerate(parts)
    )
    if words:
        yield Segment(
            text=text, start_seconds=0, end_seconds=voice.seconds, avg_logprob=-0.1, no_speech_prob=0, words=words
        )


def inbox_over(simulator: Simulator, folder: Path) -> Inbox:
    """Return the inbox of the questions: the clinic's, at a time that stands still."""
    settings = Settings.model_construct(
        base_url=simulator.base_url, api_key=SecretStr(simulator.api_key), data_dir=folder
    )
    return Inbox(settings, Script(), clock=lambda: NOW)


def text_of(result: CallToolResult) -> str:
    """Return the text of a tool's result."""
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


async def ask(client: Client, question: Question) -> list[CallToolResult]:
    """Make the calls of a question, those of today if the tools know them, and return the answers."""
    tools = {tool.name for tool in (await client.list_tools()).tools}
    if "update_voicemails" in tools:
        return [await client.call_tool(*call) for call in question.calls]
    results: list[CallToolResult] = []
    while len(results) < len(calls := question.before(_uuids(results))):
        results.append(await client.call_tool(*calls[len(results)]))
    return results


def _uuids(results: Sequence[CallToolResult]) -> list[str]:
    listed = (results[0].structured_content or {}) if results else {}
    return [item["uuid"] for item in listed.get("voicemails", [])]


async def _measure(folder: Path) -> None:
    with Simulator(clinic(NOW), clock=lambda: NOW) as simulator:
        async with Client(build_server(inbox_over(simulator, folder))) as client:
            listed = (await client.call_tool("list_voicemails", {})).structured_content or {}
            uuids = [item["uuid"] for item in listed["voicemails"]]
            await client.call_tool("transcribe_voicemails", {"uuids": uuids})
            total = [0, 0, 0]
            for question in QUESTIONS:
                results = await ask(client, question)
                sizes = [
                    len(results),
                    sum(len(text_of(result).encode()) for result in results),
                    sum(len(json.dumps(result.structured_content, ensure_ascii=False).encode()) for result in results),
                ]
                total = [sum(pair) for pair in zip(total, sizes, strict=True)]
                _print(question.asked, sizes)
            _print("all", total)


def _print(name: str, sizes: Sequence[int]) -> None:
    calls, text, structured = sizes
    print(f"{calls:3} calls  {text:6} bytes of text  {structured:6} of JSON  {name}")


def main() -> None:
    """Print the calls and bytes of each question."""
    with tempfile.TemporaryDirectory(prefix="vm-mcp-", ignore_cleanup_errors=True) as folder:
        asyncio.run(_measure(Path(folder)))


if __name__ == "__main__":
    main()
