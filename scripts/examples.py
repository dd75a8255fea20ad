"""Write docs/tools.md: what a person may ask, the call that an assistant makes of it, and what the tool answers.

uv run python scripts/examples.py

The tools are the real ones, over the simulated PBX. The clock stands still, and a script speaks in place of the speech
engine, so that every run gives the same page.
"""

import asyncio
import json
import re
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from mcp import Client
from mcp_types import TextContent
from pydantic import SecretStr

from vm_mcp.asr import Progress, TranscribeOptions
from vm_mcp.config import Settings
from vm_mcp.inbox import Inbox
from vm_mcp.models import Segment, Transcript, Word
from vm_mcp.server import build_server
from vm_mcp.simulator import Simulator, Voice, clinic, load_voices

PAGE = Path(__file__).parent.parent / "docs" / "tools.md"
NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
"""Nine in the morning in Istanbul."""

SLIPS = {"tr02_geri_ara": ("üç numaralı", "dört numaralı"), "tr06_ariza": ("Şahin.", "Şahan.")}
"""By recording: words, and what the script hears in their place, unsure of the first."""
SURE, UNSURE = 0.97, 0.45

INTRODUCTION = """\
# The tools, with example answers

A morning at a clinic's desk. For each tool: what somebody may say to the assistant, the arguments with which the
assistant calls the tool, and the text that it gets back, to the letter. (Programs get the same facts as JSON, too.)

The tools are the real ones, over the simulated phone system. In place of the speech engine stands a script that says
what was recorded, but for two slips, which show how doubt looks. `uv run python scripts/examples.py` writes this page;
a test keeps it true.

*Bir kliniğin sabahı: asistana ne denebileceği, asistanın aracı hangi bilgilerle çağırdığı ve eline geçen metin. Araçlar
İngilizce cevap verir; asistan size kendi dilinizde anlatır.*"""


class Example(NamedTuple):
    """A call of a tool, what leads to it, in English and Turkish, and what to see in its answer."""

    tool: str
    asked: str
    asked_tr: str
    arguments: dict[str, Any]
    note: str


def examples() -> Iterator[Example]:
    """Give the calls in the order in which a morning would bring them."""
    uuids = {message.voice: message.uuid for message in clinic(NOW).messages}
    yield Example(
        "show_inbox",
        "Is anybody waiting for the reception?",
        "Resepsiyonu bekleyen var mı?",
        {"extension": "1001"},
        "Mehmet Kaya called twice: one line.",
    )
    yield Example(
        "list_voicemails",
        "Who called today whom nobody has listened to?",
        "Bugün arayıp da dinlenmeyen kim var?",
        {"since": "today", "status": "unheard"},
        "Listing marks nothing as read. The uuid is what the other tools want.",
    )
    yield Example(
        "transcribe_voicemails",
        "What do Mehmet Kaya, Emre Şahin and the hidden number want?",
        "Mehmet Kaya, Emre Şahin ve gizli numara ne istiyor?",
        {"uuids": [uuids["tr02_geri_ara"], uuids["tr06_ariza"], uuids["sil1_noise"]]},
        "Here the script slips: Mehmet Kaya said *üç*, and Emre Şahin said his own name. The marks, and the comparison "
        "with the caller ID, tell the assistant. In the third message nobody speaks, and nothing is made up.",
    )
    yield Example(
        "get_recording",
        "Let me listen to Mehmet Kaya myself.",
        "Mehmet Kaya'yı kendim dinleyeyim.",
        {"uuid": uuids["tr02_geri_ara"]},
        "`delivery: file` saves it on this computer instead.",
    )
    yield Example(
        "search_transcripts",
        "Who had trouble with a boiler?",
        "Kombisi bozulan kimdi?",
        {"query": "kombi"},
        "It finds words of messages that were transcribed before.",
    )
    yield Example(
        "get_transcripts",
        "What did the hidden number and Ayşe Yılmaz say?",
        "Gizli numara ile Ayşe Yılmaz ne demişti?",
        {"uuids": [uuids["sil1_noise"], uuids["tr01_randevu"]]},
        "With `VM_MCP_READ_ONLY=true` this tool stands in for `transcribe_voicemails`: what was not transcribed before "
        "is `missing`, and nothing is marked as read.",
    )


class Script:
    """A speech engine that knows the simulator's recordings by heart."""

    engine = "script"
    model = "demo"
    waiting_for = ""

    def __init__(self) -> None:
        self._voices = {voice.read(): voice for voice in load_voices().values()}

    async def prepare(self, on_progress: Progress | None = None) -> None:
        """Do nothing: it is ready."""

    async def warm_up(self) -> None:
        """Do nothing: it is ready."""

    async def transcribe(
        self,
        audio: bytes,
        options: TranscribeOptions,  # noqa: ARG002 - the protocol's
        on_progress: Progress | None = None,  # noqa: ARG002 - the protocol's
    ) -> Transcript:
        """Say what was recorded."""
        voice = self._voices[audio]
        return Transcript(
            language=voice.language,
            segments=tuple(segments(voice)),
            duration_seconds=voice.seconds,
            engine=self.engine,
            model=self.model,
        )

    async def aclose(self) -> None:
        """Do nothing: nothing was started."""


def segments(voice: Voice) -> Iterator[Segment]:
    """Give what is said in a recording, slips included, as one segment, or none where nobody speaks."""
    right, heard = SLIPS.get(voice.name, ("", ""))
    before, _, after = voice.text.partition(right) if right else (voice.text, "", "")
    text = f"{before}{heard}{after}"
    slip = len(before.split()) if heard else -1
    words = tuple(
        Word(text=word, start_seconds=0, end_seconds=0, probability=UNSURE if index == slip else SURE)
        for index, word in enumerate(text.split())
    )
    if words:
        yield Segment(
            text=text, start_seconds=0, end_seconds=voice.seconds, avg_logprob=-0.1, no_speech_prob=0, words=words
        )


async def answers(simulator: Simulator, folder: Path) -> AsyncIterator[tuple[Example, str]]:
    """Make the calls, one after the other, each with what it answers; the archive is kept in ``folder``."""
    # Not from the environment: the page is the same for everybody who writes it.
    full = Settings.model_construct(base_url=simulator.base_url, api_key=SecretStr(simulator.api_key), data_dir=folder)
    read_only = full.model_copy(update={"read_only": True})
    for example in examples():
        settings = read_only if example.tool == "get_transcripts" else full
        async with Client(build_server(Inbox(settings, Script(), clock=lambda: NOW))) as client:
            result = await client.call_tool(example.tool, example.arguments)
        text = "\n".join(block.text for block in result.content if isinstance(block, TextContent))
        if result.is_error:
            raise RuntimeError(f"{example.tool}: {text}")
        yield example, with_plain_links(text, simulator.base_url)


def with_plain_links(text: str, base_url: str) -> str:
    """Put what is the same on every run in place of links, which hold a free port and chance."""
    return re.sub(rf"{re.escape(base_url)}/recording/R\S+", "https://api.bulutsantralim.com/recording/R…", text)


def section(example: Example, answer: str) -> str:
    """Write one tool's part of the page."""
    return "\n".join(
        [
            f"## `{example.tool}`\n",
            f"> {example.asked}<br>",
            f"> *{example.asked_tr}*\n",
            f"```json\n{json.dumps(example.arguments, ensure_ascii=False)}\n```\n",
            f"```text\n{answer}\n```\n",
            example.note,
        ]
    )


async def _sections() -> Sequence[str]:
    with (
        Simulator(clinic(NOW), clock=lambda: NOW) as simulator,
        tempfile.TemporaryDirectory(prefix="vm-mcp-", ignore_cleanup_errors=True) as folder,
    ):
        return [section(example, answer) async for example, answer in answers(simulator, Path(folder))]


def page() -> str:
    """Return the page in Markdown."""
    return "\n\n".join([INTRODUCTION, *asyncio.run(_sections())]) + "\n"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
