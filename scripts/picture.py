"""Draw docs/demo.svg, the README's picture, from the output of a real run of the demo.

uv run python scripts/picture.py

The picture shows how many seconds each step took, so leave the processor to it.
"""

import io
import re
from pathlib import Path

from rich.console import Console
from rich.text import Text

from vm_mcp.cli.demo import show_voicemail
from vm_mcp.config import load_settings
from vm_mcp.simulator import Simulator

PICTURE = Path(__file__).parent.parent / "docs" / "demo.svg"
COMMAND = "uv run vm-mcp demo"
COLUMNS = 116
MOST_LINES = 36
"""Most lines to draw; the rest of the table is left out."""


def main() -> None:
    """Run the demo and draw its output."""
    # Not a terminal, so the progress bar, which disappears at the end, is not drawn.
    console = recorder()
    with Simulator() as simulator:
        show_voicemail(simulator.base_url, simulator.api_key, load_settings(), console)
    PICTURE.write_text(drawn(beginning(console.export_text(styles=True))), encoding="utf-8")


def recorder() -> Console:
    """Return a console that records its output and prints nothing."""
    return Console(record=True, file=io.StringIO(), width=COLUMNS)


def beginning(printed: str) -> list[Text]:
    """Return the lines up to the last table row that fits completely."""
    lines = list(Text.from_ansi(printed).split("\n"))
    ends = [index for index, line in enumerate(lines[:MOST_LINES]) if line.plain.startswith("├")]
    return [*lines[: ends[-1] + 1], Text("…")]


def drawn(lines: list[Text]) -> str:
    """Return lines as an SVG that loads nothing from the network: it uses a local font."""
    console = recorder()
    for line in lines:
        console.print(line)
    svg = console.export_svg(title=COMMAND, unique_id="demo")
    return re.sub(r"\s*@font-face \{.*?\}|\s*<!--.*?-->", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    main()
