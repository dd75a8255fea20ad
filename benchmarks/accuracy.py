"""Words of the demo's transcripts against their references: word and character error rate by language.

    uv run python benchmarks/accuracy.py [--model base]

The simulated PBX's recordings go the way a user's go: listed, fetched and transcribed through the tools of a server
over stdio. References are beside the recordings. English goes through OpenAI's own normaliser; Turkish is lowered as it
wants (I to ı, İ to i) and its numbers spelled out; punctuation is dropped, and then jiwer counts. On
recordings without speech every word is an invented one.
"""

import argparse
import asyncio
import re
import sys
import tempfile
import time
from collections import defaultdict
from typing import Any, NamedTuple

import jiwer
from mcp import Client, StdioServerParameters
from whisper_normalizer.english import EnglishTextNormalizer

from vm_mcp.config import load_settings
from vm_mcp.simulator import Simulator, Voice

ONES = ["sıfır", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz"]
TENS = ["", "on", "yirmi", "otuz", "kırk", "elli", "altmış", "yetmiş", "seksen", "doksan"]
IN_ENGLISH = EnglishTextNormalizer()


class Heard(NamedTuple):
    """A recording, and what came of it."""

    voice: Voice
    text: str
    language: str


def main() -> None:
    """Transcribe everything and print the rates."""
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
        }
        started = time.perf_counter()
        server = StdioServerParameters(command=sys.executable, args=["-m", "vm_mcp"], env=settings, cwd=folder)
        texts = asyncio.run(transcribe(server))
        seconds = time.perf_counter() - started
        heard = [Heard(message.recording, *texts[message.uuid]) for message in simulator.scenario.messages]
    report(heard, seconds, verbose=arguments.verbose)


async def transcribe(server: StdioServerParameters) -> dict[str, tuple[str, str]]:
    """Return text and language of every message, by uuid."""
    async with Client(server) as client:
        listed = (await call(client, "list_voicemails", limit=20))["voicemails"]
        while True:
            answer = await call(client, "transcribe_voicemails", uuids=[item["uuid"] for item in listed])
            entries = answer["transcriptions"]
            if all(entry["status"] != "pending" for entry in entries):
                return {entry["uuid"]: (entry.get("text", ""), entry.get("language", "")) for entry in entries}


async def call(client: Client, tool: str, **arguments: object) -> dict[str, Any]:
    """Call a tool; a failure ends the benchmark."""
    result = await client.call_tool(tool, arguments)
    if result.is_error:
        raise SystemExit(getattr(result.content[0], "text", tool))
    return dict(result.structured_content or {})


def report(heard: list[Heard], seconds: float, *, verbose: bool) -> None:
    """Print rates by language, languages told right, and invented words."""
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for item in heard:
        if item.voice.text:
            language = item.voice.language
            pairs[language].append((normalise(item.voice.text, language), normalise(item.text, language) or "-"))
    if verbose:
        for item in heard:
            print(f"{item.voice.name}: {item.text}\n    {item.voice.text}")
    pairs["all"] = [pair for language in list(pairs) for pair in pairs[language]]
    print(f"{'language':10}{'messages':>9}{'words':>7}{'WER %':>8}{'CER %':>8}")
    for language, rows in pairs.items():
        references, texts = [reference for reference, _ in rows], [text for _, text in rows]
        words = sum(len(reference.split()) for reference in references)
        rates = f"{100 * jiwer.wer(references, texts):8.1f}{100 * jiwer.cer(references, texts):8.1f}"
        print(f"{language:10}{len(rows):9}{words:7}{rates}")
    spoken = [item for item in heard if item.voice.text]
    silent = [item for item in heard if not item.voice.text]
    audio = sum(item.voice.seconds for item in heard)
    print(f"language right: {sum(item.language == item.voice.language for item in spoken)} of {len(spoken)}")
    print(
        f"invented words: {sum(len(item.text.split()) for item in silent)} on {len(silent)} recordings without speech"
    )
    print(f"{audio:.0f} s of recordings in {seconds:.1f} s, start of the server and of the engine included")


def normalise(text: str, language: str) -> str:
    """Bring a text and its reference to one spelling: OpenAI's normaliser for English, the same idea for Turkish."""
    joined = re.sub(r"(\d)[-.:,](\d)", r"\1\2", text)
    if language == "en":
        return " ".join(re.sub(r"(\d)", r" \1 ", re.sub(r"[^\w\s]", " ", IN_ENGLISH(joined))).split())
    lowered = joined.replace("I", "ı").replace("İ", "i").lower()
    spelled = re.sub(r"\d+", lambda found: f" {spell(found[0])} ", re.sub(r"['’]", "", lowered))
    return " ".join(re.sub(r"[^\w\s]|_", " ", spelled).split())


def spell(digits: str) -> str:
    """Say digits in Turkish: a number as a number, a telephone number digit by digit."""
    if digits.startswith("0") or len(digits) > len("999999"):
        return " ".join(ONES[int(digit)] for digit in digits)
    words, number = [], int(digits)
    for size, name in ((1000, "bin"), (100, "yüz")):
        count, number = divmod(number, size)
        words += [spell(str(count))] * (count > 1) + [name] * (count > 0)
    tens, ones = divmod(number, 10)
    return " ".join([*words, *[TENS[tens]] * (tens > 0), *[ONES[ones]] * (ones > 0)]) or ONES[0]


if __name__ == "__main__":
    main()
