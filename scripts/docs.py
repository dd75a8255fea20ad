"""Write what others take from the code: the READMEs' table of settings, and the snapshot of the tools' schemas.

uv run python scripts/docs.py
"""

import json
import re
from pathlib import Path
from typing import get_args

from pydantic_core import PydanticUndefined

from vm_mcp.asr import open_transcriber
from vm_mcp.config import Settings
from vm_mcp.inbox import Inbox
from vm_mcp.server.tools import inbox_tools

ROOT = Path(__file__).parent.parent
SNAPSHOT = ROOT / "tests" / "server" / "tools.json"


def default_of(name: str) -> str:
    """Show a setting's default the way a person would write it into the environment."""
    field = Settings.model_fields[name]
    if name == "data_dir":
        return "the user's data folder"
    value = field.default
    if value is PydanticUndefined or value is None:
        return ""
    if isinstance(value, tuple):
        value = ",".join(value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def choices_of(name: str) -> str:
    """List what a setting accepts, where that is a closed list."""
    options = [option for option in get_args(Settings.model_fields[name].annotation) if isinstance(option, str)]
    return f" ({', '.join(f'`{option}`' for option in options)})" if options else ""


def settings_table() -> str:
    """Return the table of settings in Markdown."""
    rows = [
        f"| `VM_MCP_{name.upper()}` | {default_of(name)} | {field.description}{choices_of(name)} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| Variable | Default | What it does |", "|---|---|---|", *rows])


def with_section(text: str, section: str, content: str) -> str:
    """Return a page with what stands between a section's two markers replaced."""
    pattern = re.compile(f"(<!-- {section}:start -->\n).*?(<!-- {section}:end -->)", re.DOTALL)
    return pattern.sub(lambda found: f"{found[1]}{content}\n{found[2]}", text)


def tools_snapshot() -> str:
    """Return what a host is told of each tool, whatever the settings, as JSON: a change shows in the diff."""
    tools = {tool.name: tool for engine in ("auto", "none") for tool in inbox_tools(_inbox(engine))}
    shown = {
        name: {
            "title": tool.title,
            "description": tool.description,
            "annotations": tool.annotations.model_dump(exclude_none=True) if tool.annotations else {},
            "input": tool.parameters,
            "output": tool.output_schema,
        }
        for name, tool in tools.items()
    }
    return f"{json.dumps(shown, indent=1, ensure_ascii=False)}\n"


def _inbox(engine: str) -> Inbox:
    settings = Settings(api_key=None).model_copy(update={"engine": engine, "read_only": False})
    return Inbox(settings, open_transcriber(settings.model_copy(update={"engine": "none"})))


def main() -> None:
    """Write the table into the README, and the snapshot beside its test."""
    SNAPSHOT.write_text(tools_snapshot(), encoding="utf-8")
    page = ROOT / "README.md"
    page.write_text(with_section(page.read_text(encoding="utf-8"), "settings", settings_table()), encoding="utf-8")


if __name__ == "__main__":
    main()
