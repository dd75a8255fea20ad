"""Count the words that are invented over sounds in which nobody speaks, and the short messages that get lost.

    uv run python benchmarks/sounds.py FOLDER [--model base] [--verbose]

The folder has a ``manifest.json`` with recordings, as `speech.recordings` reads it; each may name its ``kind``. Also
counts what is told of those without words: silence, music or tones, or speech that was not understood.
"""

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path

from speech import recordings
from speech.in_process import transcribe_all

from vm_mcp.models import Transcript


def main() -> None:
    """Transcribe everything and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--model", default="base")
    parser.add_argument("--verbose", action="store_true", help="print each transcript")
    arguments = parser.parse_args()
    items = json.loads((arguments.folder / "manifest.json").read_text(encoding="utf-8"))["items"]
    kinds = {item["id"]: item.get("kind", "") for item in items}
    loaded = recordings.load(arguments.folder)
    transcripts, seconds = transcribe_all([each.samples for each in loaded], arguments.model)
    states: dict[str, Counter[str]] = defaultdict(Counter)
    for each, transcript in zip(loaded, transcripts, strict=True):
        states[kinds[each.name]][_state(transcript)] += 1
        if arguments.verbose:
            print(f"{each.name} {kinds[each.name]}: {transcript.languages} {_state(transcript)}: {transcript.text}")
    for kind, counts in states.items():
        print(f"{kind}: {', '.join(f'{count} {state}' for state, count in counts.items())}")
    pairs = list(zip(loaded, transcripts, strict=True))
    silent = [transcript for each, transcript in pairs if not each.text]
    spoken = [transcript for each, transcript in pairs if each.text]
    invented = sum(len(transcript.text.split()) for transcript in silent)
    print(f"{invented} words invented in {len(silent)} without speech")
    print(f"{sum(not transcript.text for transcript in spoken)} of {len(spoken)} with speech lost")
    print(f"{sum('en' in transcript.languages for transcript in spoken)} of {len(spoken)} taken for English")
    print(f"{seconds:.0f} s of processor time")


def _state(transcript: Transcript) -> str:
    if transcript.text:
        return "words"
    kinds = {stretch.kind for stretch in transcript.untranscribed or ()}
    return "speech not understood" if "speech" in kinds else "music or tones" if kinds else "silence"


if __name__ == "__main__":
    main()
