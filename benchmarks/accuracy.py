"""Compare the demo's transcripts with their references: word and character error rates by language.

    uv run python benchmarks/accuracy.py [--model base]

The simulated PBX's recordings are listed, downloaded and transcribed as a user's are, through the tools of a server
over stdio. The references are stored beside the recordings. English is normalised by OpenAI's own normaliser. Turkish
is lower-cased by its own rules (I to ı, İ to i), its numbers are spelled out, and punctuation is dropped. jiwer counts
the errors. On recordings without speech, every word is a hallucination.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import defaultdict
from typing import Any, NamedTuple

from mcp import Client, StdioServerParameters
from speech import wording

from vm_mcp.config import load_settings
from vm_mcp.simulator import Simulator, Voice
from vm_mcp.text import DOUBT_END, DOUBT_START


class Heard(NamedTuple):
    """A recording and its transcript."""

    voice: Voice
    text: str
    language: str


def main() -> None:
    """Transcribe all recordings and print the rates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="base")
    parser.add_argument("--verbose", action="store_true", help="print each text beside its reference")
    arguments = parser.parse_args()
    with Simulator() as simulator, tempfile.TemporaryDirectory() as folder:
        settings = {
            "VM_MCP_BASE_URL": simulator.base_url,
            "VM_MCP_API_KEY": simulator.api_key,
            "VM_MCP_MODEL": arguments.model,
            "VM_MCP_DATA_DIR": str(load_settings().data_dir),
            # Each simulated PBX has its own address, so its archive is never used again.
            "VM_MCP_ARCHIVE_DIR": folder,
        }
        started = time.perf_counter()
        server = StdioServerParameters(command=sys.executable, args=["-m", "vm_mcp"], env=settings, cwd=folder)
        texts = asyncio.run(transcribe(server))
        seconds = time.perf_counter() - started
        heard = [Heard(message.recording, *texts[message.uuid]) for message in simulator.scenario.messages]
    report(heard, seconds, verbose=arguments.verbose)


async def transcribe(server: StdioServerParameters) -> dict[str, tuple[str, str]]:
    """Return the text and the language of every message, by uuid."""
    async with Client(server) as client:
        listed = (await call(client, "list_voicemails", limit=20))["voicemails"]
        while True:
            answer = await call(client, "transcribe_voicemails", uuids=[item["uuid"] for item in listed])
            entries = answer["transcriptions"]
            if all(entry["status"] != "pending" for entry in entries):
                return {
                    entry["uuid"]: (_unmarked(entry.get("text", "")), entry.get("language", "")) for entry in entries
                }


async def call(client: Client, tool: str, **arguments: object) -> dict[str, Any]:
    """Call a tool; exit the benchmark if it fails."""
    result = await client.call_tool(tool, arguments)
    if result.is_error:
        raise SystemExit(getattr(result.content[0], "text", tool))
    return dict(result.structured_content or {})


def _unmarked(text: str) -> str:
    """Return a text without its doubt marks, whose words count like others."""
    return text.replace(DOUBT_START, "").replace(DOUBT_END, "")


def report(heard: list[Heard], seconds: float, *, verbose: bool) -> None:
    """Print the error rates by language, the languages detected correctly, and the invented words."""
    pairs: dict[str, list[wording.Pair]] = defaultdict(list)
    for item in heard:
        if item.voice.text:
            pairs[item.voice.language].append(wording.pair(item.voice.text, item.text, item.voice.language))
    if verbose:
        for item in heard:
            print(f"{item.voice.name}: {item.text}\n    {item.voice.text}")
    pairs["all"] = [pair for language in list(pairs) for pair in pairs[language]]
    print(f"{'language':10}{'messages':>9}{'words':>7}{'WER %':>8}{'CER %':>8}")
    for language, rows in pairs.items():
        found = wording.rates(rows)
        print(f"{language:10}{found.messages:9}{found.words:7}{found.wer:8.1f}{found.cer:8.1f}")
    spoken = [item for item in heard if item.voice.text]
    silent = [item for item in heard if not item.voice.text]
    audio = sum(item.voice.seconds for item in heard)
    print(f"language right: {sum(item.language == item.voice.language for item in spoken)} of {len(spoken)}")
    invented = wording.invented_words(item.text for item in silent)
    print(f"invented words: {invented} on {len(silent)} recordings without speech")
    print(f"{audio:.0f} s of recordings in {seconds:.1f} s, start of the server and of the engine included")


if __name__ == "__main__":
    main()
