"""Write what the READMEs take from the code: the table of settings.

uv run python scripts/docs.py
"""

import re
from pathlib import Path
from typing import get_args

from pydantic_core import PydanticUndefined

from vm_mcp.config import Settings

ROOT = Path(__file__).parent.parent


def default_of(name: str) -> str:
    """Show a setting's default the way a person would write it into the environment."""
    field = Settings.model_fields[name]
    if name == "data_dir":
        return "the user's data folder"
    value = field.default
    if value is PydanticUndefined or value in (None, "", ()):
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


def main() -> None:
    """Write the table into the README."""
    page = ROOT / "README.md"
    page.write_text(with_section(page.read_text(encoding="utf-8"), "settings", settings_table()), encoding="utf-8")


if __name__ == "__main__":
    main()
