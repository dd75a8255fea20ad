"""Draw docs/demo.svg, the README's picture: the demo, run in earnest, as it prints itself.

uv run python scripts/picture.py

The seconds that it took are in the picture: let nothing else keep the processor busy.
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
"""As much as is seen at a glance; the rest of the table is left out."""


def main() -> None:
    """Run the demo and draw it."""
    # It is no terminal, so that the bar, which is gone at the end, leaves no trace.
    console = recorder()
    with Simulator() as simulator:
        show_voicemail(simulator.base_url, simulator.api_key, load_settings(), console)
    PICTURE.write_text(drawn(beginning(console.export_text(styles=True))), encoding="utf-8")


def recorder() -> Console:
    """Return a console that shows nothing and remembers everything."""
    return Console(record=True, file=io.StringIO(), width=COLUMNS)


def beginning(printed: str) -> list[Text]:
    """Take as many whole rows of the table as there is room for."""
    lines = list(Text.from_ansi(printed).split("\n"))
    ends = [index for index, line in enumerate(lines[:MOST_LINES]) if line.plain.startswith("├")]
    return [*lines[: ends[-1] + 1], Text("…")]


def drawn(lines: list[Text]) -> str:
    """Return lines as an SVG that fetches nothing: its font is the reader's own."""
    console = recorder()
    for line in lines:
        console.print(line)
    svg = console.export_svg(title=COMMAND, unique_id="demo")
    return re.sub(r"\s*@font-face \{.*?\}|\s*<!--.*?-->", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    main()
