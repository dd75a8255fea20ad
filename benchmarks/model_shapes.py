"""Measure what Whisper's models take, without their weights: seconds a message, a backlog, and memory.

    uv run python benchmarks/model_shapes.py [--models tiny,base,...] [--runs 2] [--out FILE]

The models have the true shapes and random weights. Random weights never end a text, so each text is made to end where
the real words of its window end, and the engine goes on with these words: it reads numbers a second time and aligns the
words as ever. The real `base`, on the same messages, shows how far off that is.

Each model runs on both runtimes, on one core and on two, in turn, in a fresh process each. A message is 30 s of speech;
the backlog is messages of that length, all at once. `seconds` is wall time as seen; `cpu` is processor time, which
other programs on the machine change less. The columns for 4 and 8 cores, and those for an idle machine, are estimates:
see benchmarks/shapes/estimates.py.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path

from shapes.estimates import backlog_speed, lone_seconds
from shapes.one_run import Job, Outcome, Spent
from shapes.random_whisper import SHAPES, write_random

from vm_mcp.asr.weights import find_weights
from vm_mcp.asr.worker_client import _environment
from vm_mcp.config import load_settings

BENCHMARKS = Path(__file__).parent
REAL = "base, real"
CORES = (1, 2)
Runs = dict[tuple[str, str], dict[int, list[Outcome]]]
"""By model and runtime, then by number of cores."""


def main() -> None:
    """Run everything, and print and write the figures."""
    arguments = parse()
    runs: Runs = {}
    base = find_weights("base", load_settings().data_dir).folder
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.keep or Path(scratch)
        for model in arguments.models:
            make(model, base, folder)
        jobs = [
            (model, runtime, cores)
            for _ in range(arguments.runs)
            for model in arguments.models
            for runtime in arguments.runtimes
            for cores in CORES
        ]
        for model, runtime, cores in jobs:
            job = Job(
                model=str(base if model == REAL else folder / model),
                runtime=runtime,
                cores=cores,
                data_dir=str(folder),
                recordings=str(arguments.files or ""),
                is_forced=model != REAL,
                lone=arguments.lone,
                backlog=arguments.backlog,
            )
            outcome = run(job)
            print(model, runtime, cores, load_line(outcome), flush=True)
            runs.setdefault((model, runtime), {}).setdefault(cores, []).append(outcome)
            if arguments.out:
                write(arguments.out, runs)
    print(f"\n{table(runs)}")


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = (REAL, *SHAPES)
    parser.add_argument(
        "--models", type=lambda text: text.split(";"), default=names, help=f"some of {'; '.join(names)}"
    )
    parser.add_argument(
        "--runtimes", type=lambda text: text.split(","), default=("packed", "ctranslate2"), help="default: both"
    )
    parser.add_argument("--runs", type=int, default=2, help="rounds (default: 2)")
    parser.add_argument("--lone", type=int, default=3, help="messages one by one in a run (default: 3)")
    parser.add_argument("--backlog", type=int, default=8, help="messages at once in a run (default: 8)")
    parser.add_argument(
        "--files", type=Path, help="folder with recordings and manifest.json (default: the simulator's)"
    )
    parser.add_argument("--keep", type=Path, help="folder for the models, which are then not made again")
    parser.add_argument("--out", type=Path, help="file for all figures, as JSON")
    return parser.parse_args()


def make(model: str, base: Path, folder: Path) -> None:
    """Write a model, unless it is there."""
    if model != REAL and not (folder / model / "tokenizer.json").exists():
        write_random(SHAPES[model], base, folder / model)


def run(job: Job) -> Outcome:
    """Run a job in a fresh process, with the environment of the server's worker; convert the weights before."""
    if job.runtime != "packed":
        return _run(job)
    before = _run(replace(job, lone=0, backlog=0))
    return replace(_run(job), converting_mib=before.peak_mib)


def _run(job: Job) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "outcome.json"
        subprocess.run(  # noqa: S603 - it runs this folder's own module
            [sys.executable, "-m", "shapes.one_run", json.dumps(asdict(job)), str(answer)],
            check=True,
            env=_environment() | {"PYTHONPATH": os.pathsep.join([str(BENCHMARKS), *sys.path[1:]])},
        )
        found = json.loads(answer.read_text(encoding="utf-8"))
    spent = {"load": Spent(**found["load"]), "backlog": Spent(**found["backlog"])}
    return Outcome(**found | spent | {"lone": [Spent(**each) for each in found["lone"]]})


def load_line(outcome: Outcome) -> str:
    """Return a run's figures as text."""
    lone = statistics.median(each.wall for each in outcome.lone), statistics.median(each.cpu for each in outcome.lone)
    return (
        f"lone {lone[0]:.1f} s ({lone[1]:.1f} cpu), backlog {outcome.backlog.wall:.1f} s ({outcome.backlog.cpu:.1f} "
        f"cpu) of {outcome.backlog_seconds:.0f}, peak {outcome.peak_mib:.0f} MiB, loaded in {outcome.load.wall:.1f} s"
    )


def write(path: Path, runs: Runs) -> None:
    """Write all figures as JSON."""
    rows = [
        {"model": model, "runtime": runtime, "cores": cores, **asdict(outcome)}
        for (model, runtime), by_cores in runs.items()
        for cores, outcomes in by_cores.items()
        for outcome in outcomes
    ]
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False), encoding="utf-8")


def table(runs: Runs) -> str:
    """Return the figures as a Markdown table: medians over the runs."""
    titles = (
        "Model",
        "Runtime",
        "30 s: seconds seen, 1 / 2 cores",
        "30 s: cpu, 1 / 2",
        "30 s, idle: 1 / 2 / 4 / 8 cores",
        "backlog, x real time: seen, 1 / 2",
        "the same, idle: 1 / 2 / 4 / 8",
        "peak MiB, 1 / 2 / converting",
    )
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    for (model, runtime), by_cores in runs.items():
        lone = {cores: [each for outcome in found for each in outcome.lone] for cores, found in by_cores.items()}
        columns = [
            [statistics.median(each.wall for each in lone[cores]) for cores in CORES],
            [statistics.median(each.cpu for each in lone[cores]) for cores in CORES],
            [lone_seconds(by_cores, cores) for cores in (1, 2, 4, 8)],
            [statistics.median(o.backlog_seconds / o.backlog.wall for o in by_cores[cores]) for cores in CORES],
            [backlog_speed(by_cores, cores) for cores in (1, 2, 4, 8)],
        ]
        peaks = [max(outcome.peak_mib for outcome in by_cores[cores]) for cores in CORES]
        peaks.append(max(outcome.converting_mib for found in by_cores.values() for outcome in found))
        memory = " / ".join(f"{peak:.0f}" if peak else "-" for peak in peaks)
        cells = [" / ".join(f"{value:.1f}" for value in column) for column in columns]
        lines.append(f"| {model} | {runtime} | {' | '.join(cells)} | {memory} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
