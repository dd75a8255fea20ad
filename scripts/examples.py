"""Write docs/tools.md: for each tool, a question, the assistant's call, and the tool's answer.

uv run python scripts/examples.py

The tools are real, with the simulated PBX. The clock stands still, and a script replaces the speech engine, so every
run writes the same page.
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

from vm_mcp.asr import Demand, Progress, TranscribeOptions
from vm_mcp.config import Settings
from vm_mcp.inbox import Inbox
from vm_mcp.models import Segment, Transcript, Word
from vm_mcp.server import build_server
from vm_mcp.simulator import Simulator, Voice, clinic, load_voices

PAGE = Path(__file__).parent.parent / "docs" / "tools.md"
NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
"""9:00 in Istanbul."""

SLIPS = {"tr02_geri_ara": ("üç numaralı", "dört numaralı"), "tr06_ariza": ("Şahin.", "Şahan.")}
"""By recording: words, and what the script recognises instead of them, with the first word unsure."""
SURE, UNSURE = 0.97, 0.45

INTRODUCTION = """\
# The tools, with example answers

A morning at a clinic's desk. For each tool, this page shows what somebody may say to the assistant, the arguments of
the assistant's call, and the exact text of the answer. (Programs also get the same facts as JSON.)

The tools are real, with the simulated phone system. A script replaces the speech engine: it returns what was recorded,
with two errors that show how doubtful words are marked. `uv run python scripts/examples.py` writes this page, and a
test checks that it is current.

*Bir kliniğin sabahı: asistana ne denebileceği, asistanın aracı hangi bilgilerle çağırdığı ve eline geçen metin. Araçlar
İngilizce cevap verir; asistan size kendi dilinizde anlatır.*"""


class Example(NamedTuple):
    """A tool call, the question that leads to it in English and Turkish, and a note on the answer."""

    tool: str
    asked: str
    asked_tr: str
    arguments: dict[str, Any]
    note: str


def examples() -> Iterator[Example]:
    """Yield the calls in the order of a morning's work."""
    uuids = {message.voice: message.uuid for message in clinic(NOW).messages}
    yield Example(
        "show_inbox",
        "Is anybody waiting for the reception?",
        "Resepsiyonu bekleyen var mı?",
        {"extension": "1001"},
        "Mehmet Kaya's older message was answered, so he is there once. Fatma Öztürk left no message at all.",
    )
    yield Example(
        "list_voicemails",
        "Who called today whom nobody has listened to?",
        "Bugün arayıp da dinlenmeyen kim var?",
        {"since": "today", "status": "unheard"},
        "Listing marks nothing as read. The other tools take the end of the uuid. What a colleague heard is not there; "
        "`status: open` lists all that nobody has dealt with.",
    )
    yield Example(
        "transcribe_voicemails",
        "What do Mehmet Kaya, Emre Şahin and the hidden number want?",
        "Mehmet Kaya, Emre Şahin ve gizli numara ne istiyor?",
        {"uuids": [uuids["tr02_geri_ara"], uuids["tr06_ariza"], uuids["sil1_noise"]]},
        "Here the script errs: Mehmet Kaya said *üç*, and Emre Şahin said his own name. The doubt marks and the "
        "comparison with the caller ID warn the assistant. Nobody speaks in the third message; nothing is invented.",
    )
    yield Example(
        "transcribe_voicemails",
        "What is still to do for the service desk?",
        "Serviste yapılacak ne kaldı?",
        {"status": "open", "extension": "1003"},
        "Without uuids it takes the open messages: neither called back nor closed, whoever heard them.",
    )
    yield Example(
        "update_voicemails",
        "The boiler is settled, the technician goes at five.",
        "Kombi işi tamam, usta beşte gidiyor.",
        {"uuids": [uuids["tr06_ariza"][-6:]], "state": "done", "note": "usta beşte gidiyor"},
        "The end of the uuid is enough.",
    )
    yield Example(
        "list_missed_calls",
        "Who called in vain and was never called back?",
        "Kim boşuna aradı da kimse dönmedi?",
        {"returned": "no"},
        "From the call records: calls that left no message.",
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
        "It searches messages that were transcribed before.",
    )
    yield Example(
        "get_transcripts",
        "What did the hidden number and Ayşe Yılmaz say?",
        "Gizli numara ile Ayşe Yılmaz ne demişti?",
        {"uuids": [uuids["sil1_noise"], uuids["tr01_randevu"]]},
        "With `VM_MCP_READ_ONLY=true`, this tool replaces `transcribe_voicemails`: messages that were not transcribed "
        "before are `missing`, and nothing is marked as read.",
    )


class Script:
    """A speech engine that knows what is said in the simulator's recordings."""

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
        demand: Demand | None = None,  # noqa: ARG002 - the protocol's
    ) -> Transcript:
        """Return what was recorded, with the errors of `SLIPS`."""
        voice = self._voices[audio]
        return Transcript(
            language=voice.language,
            segments=tuple(segments(voice)),
            duration_seconds=voice.seconds,
            engine=self.engine,
            model=self.model,
        )

    async def aclose(self) -> None:
        """Do nothing."""


def segments(voice: Voice) -> Iterator[Segment]:
    """Yield what is said in a recording as one segment, errors included; nothing where nobody speaks."""
    right, wrong = SLIPS.get(voice.name, ("", ""))
    before, _, after = voice.text.partition(right) if right else (voice.text, "", "")
    text = f"{before}{wrong}{after}"
    slip = len(before.split()) if wrong else -1
    words = tuple(
        Word(text=word, start_seconds=0, end_seconds=0, probability=UNSURE if index == slip else SURE)
        for index, word in enumerate(text.split())
    )
    if words:
        yield Segment(
            text=text, start_seconds=0, end_seconds=voice.seconds, avg_logprob=-0.1, no_speech_prob=0, words=words
        )


async def answers(simulator: Simulator, folder: Path) -> AsyncIterator[tuple[Example, str]]:
    """Yield each call with its answer, in order; the archive is in ``folder``."""
    # Not from the environment, which would change the page.
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
    """Replace links, which hold a random port and token, by one that is the same in every run."""
    return re.sub(rf"{re.escape(base_url)}/recording/R\S+", "https://api.bulutsantralim.com/recording/R…", text)


def section(example: Example, answer: str) -> str:
    """Return one tool's section of the page."""
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


FOR_PAGE = """\
## What the inbox page calls

A host that shows MCP Apps may show the answer of `show_inbox` as a page, `ui://vm-mcp/inbox.html`. That page calls
three more tools, which such hosts show to no model: `inbox_messages` (messages with the words of their transcripts
and when each was said), `inbox_audio` (sound, piece by piece; the first piece marks the message as read) and
`inbox_update` (what `update_voicemails` does; a note alone changes no state, and an empty one deletes it). They are
listed, since some hosts let a page call only what is listed."""


def page() -> str:
    """Return the page in Markdown."""
    return "\n\n".join([INTRODUCTION, *asyncio.run(_sections()), FOR_PAGE]) + "\n"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
