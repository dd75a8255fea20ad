"""Compare vm-mcp with other Whisper engines: speed, time per message, memory, wrong and invented words.

    python3 -m venv venv
    venv/bin/pip install --upgrade pip
    venv/bin/pip install torch==2.13.0
    venv/bin/pip install --editable . --group benchmarks
    venv/bin/python benchmarks/transcription.py

Every engine gets the same recordings and the weights of ``base`` in its own format, in a fresh process each run. The
engines take turns, so a machine that slows down affects all of them. Engines that are not installed are left out. Then
the server itself transcribes a backlog. Measured are the time to answer a ping meanwhile, the result of a call right
after a cancelled one, and the time to exit. The table, the raw figures and the picture are written to
``benchmarks/results``. Nothing is sent anywhere: the telemetry of onnxruntime and OpenVINO is off.

On two cores, a round takes about twice the length of the recordings, much of it for the beam search of openai-whisper
and of onnxruntime-genai. Before the first one, converting the weights takes two minutes.

Not in the race, although it can run the same weights: onnxruntime's own WhisperBeamSearch operator. Its exporter is
deprecated and needs transformers 4, and the int8 model that it writes, as of onnxruntime 1.32, does not load.
"""

import argparse
import importlib.util
from pathlib import Path

CONTENDERS = (
    *("openai-greedy", "openai-beam5", "faster-whisper", "faster-whisper-batched", "whisper.cpp"),
    *("openvino-greedy", "openvino-beam5", "onnxruntime-greedy", "onnxruntime-beam5", "sherpa-onnx"),
    *("ours-backlog", "ours-single"),
)
EXTRAS = ("speech-kept", "liveness")
NEEDED = ("faster_whisper", "filelock", "jiwer", "matplotlib", "psutil", "whisper_normalizer")


def main() -> None:
    """Run the requested parts, and print and write the results."""
    arguments = parse()
    missing = [name for name in NEEDED if not importlib.util.find_spec(name)]
    if missing:
        raise SystemExit(f"{__doc__}\nNot installed: {', '.join(missing)}. The commands above install everything.")
    from speech import liveness, race, recordings
    from speech.report import Report

    base = race.find_base()
    cores = race.pin(arguments.cores)
    found = recordings.load(arguments.files, arguments.messages)
    racing, left_out = race.choose(arguments.only)
    report = Report(
        recordings=found,
        runs=race.run_all(racing, race.Course(found, base, cores, arguments.tell_language), arguments.runs),
        left_out=left_out,
        told=arguments.tell_language,
        cores=cores,
        command=command(arguments),
        speech_kept=recordings.percent_kept(found) if "speech-kept" in arguments.only else None,
        liveness=liveness.measure(base) if "liveness" in arguments.only else [],
    )
    print(f"\n{report.as_markdown()}")
    report.write(arguments.out)


def parse() -> argparse.Namespace:
    """Parse the command line."""
    names = CONTENDERS + EXTRAS
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="rounds; the medians are shown (default: 3)")
    parser.add_argument("--only", type=split, default=names, metavar="PART,...", help=f"some of {','.join(names)}")
    parser.add_argument(
        "--files", type=Path, help="folder with recordings and manifest.json (default: the simulator's)"
    )
    parser.add_argument("--messages", type=split, metavar="NAME,...", help="some of the recordings, for a quick run")
    parser.add_argument(
        "--tell-language",
        choices=("peers", "all", "none"),
        default="peers",
        help="engines that are given the language; the others detect it (default: peers, which favours them)",
    )
    parser.add_argument("--cores", type=int, default=2, help="cores that all processes may use (default: 2)")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results", help="folder for the results")
    arguments = parser.parse_args()
    if unknown := set(arguments.only) - set(names):
        parser.error(f"--only accepts {', '.join(names)}, not {', '.join(sorted(unknown))}")
    return arguments


def split(text: str) -> tuple[str, ...]:
    """Split names at commas."""
    return tuple(text.split(","))


def command(arguments: argparse.Namespace) -> str:
    """Return the command without the names of local folders."""
    words = ["python benchmarks/transcription.py", f"--runs {arguments.runs}"]
    words += ["--files FOLDER"] * bool(arguments.files)
    words += [f"--messages {','.join(arguments.messages or ())}"] * bool(arguments.messages)
    words += [f"--only {','.join(arguments.only)}"] * (len(arguments.only) < len(CONTENDERS + EXTRAS))
    return " ".join([*words, f"--tell-language {arguments.tell_language}", f"--cores {arguments.cores}"])


if __name__ == "__main__":
    main()
