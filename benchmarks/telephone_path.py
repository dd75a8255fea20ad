"""Send recordings over real telephone calls, transcribe what the mailbox recorded, and compare it with what was said.

    uv run --with pjsua2-python==2.15.1.post1 python benchmarks/telephone_path.py [--recordings N] [--paths NAME,...]
        [--files FOLDER] [--at-once N] [--out FOLDER]

Two user agents call each other on loopback, in real time: those of PyPI's pjsua2-python, and for Opus, AMR and noise
suppression those of Debian's ``baresip-core``, without which these paths are left out. A relay between them loses and
delays packets. The calls are held side by side, some ten minutes for 200; they take little of the processor, and should
have what they take, since an agent that comes late cuts words as a bad line does. Then the engine that a server has by
default transcribes the recordings, with the weights of ``base``.

``--files`` names a folder with more messages, as `slots.messages` reads it; without it, those that come with vm-mcp
are sent. ``--out`` keeps the recordings, the transcripts and the table; without it they are removed at the end.
"""

import argparse
import asyncio
import importlib.util
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from slots.messages import Message, transcripts
from telephone import baresip_agent
from telephone.callers import choose
from telephone.calls import call_all
from telephone.judging import Verdict, judge
from telephone.one_call import Failed, Recorded
from telephone.paths import BARESIP, PATHS, TelephonePath
from telephone.report import failures, table

_GREETING = "tr01_randevu"


def main() -> None:
    """Hold the calls, and print the table."""
    arguments = parse()
    if not importlib.util.find_spec("pjsua2"):
        raise SystemExit(f"{__doc__}\nNot installed: pjsua2-python. The command above brings it.")
    paths = [
        path for path in PATHS if path.name in arguments.paths and (path.agents != BARESIP or baresip_agent.PROGRAM)
    ]
    with nullcontext(arguments.out) if arguments.out else tempfile.TemporaryDirectory() as folder:
        print(run(paths, arguments, Path(folder)))
    left_out = set(arguments.paths) - {path.name for path in paths}
    if left_out:
        print(f"\nLeft out, as there is no baresip: {', '.join(sorted(left_out))}")


def run(paths: Sequence[TelephonePath], arguments: argparse.Namespace, folder: Path) -> str:
    """Return the table for some paths, and a line for each call that failed."""
    callers = choose(max(1, arguments.recordings // len(paths)), arguments.files)
    greeting = next(caller for caller in choose(len(PATHS), None) if caller.message.name == _GREETING)
    held = asyncio.run(call_all(paths, callers, greeting, folder / "calls", arguments.at_once))
    recorded = [each for each in held if isinstance(each, Recorded)]
    messages = [Message(each.file.parent.name, each.file, "", ()) for each in recorded]
    made = transcripts(messages, "base", with_names=False, kept=folder / "transcripts.json")
    verdicts: dict[TelephonePath, list[Verdict]] = {}
    for message, each in zip(messages, recorded, strict=True):
        verdicts.setdefault(each.path, []).append(judge(each, made[message.name]))
    return f"{table(verdicts)}\n\n{failures([each for each in held if isinstance(each, Failed)])}".rstrip()


def parse() -> argparse.Namespace:
    """Parse the command line."""
    names = tuple(path.name for path in PATHS)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", type=int, default=200, help="of all paths together (default: 200)")
    parser.add_argument(
        "--paths",
        type=lambda text: tuple(text.split(",")),
        default=names,
        metavar="NAME,...",
        help=f"some of {','.join(names)}",
    )
    parser.add_argument("--files", type=Path, metavar="FOLDER", help="more messages (default: those of vm-mcp alone)")
    parser.add_argument("--at-once", type=int, default=10, help="calls held at the same time (default: 10)")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="an empty folder for all that is made")
    arguments = parser.parse_args()
    if unknown := set(arguments.paths) - set(names):
        parser.error(f"--paths accepts {', '.join(names)}, not {', '.join(sorted(unknown))}")
    return arguments


if __name__ == "__main__":
    main()
