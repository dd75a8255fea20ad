import json
import re
import runpy
from pathlib import Path

import pytest

from vm_mcp.config import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
README_TR = (ROOT / "README.tr.md").read_text(encoding="utf-8")


def test_the_readme_shows_the_settings_as_they_are() -> None:
    docs = runpy.run_path(str(ROOT / "scripts" / "docs.py"))
    assert docs["settings_table"]() in README, "run: uv run python scripts/docs.py"


def test_the_turkish_readme_names_every_setting_tool_and_command_of_the_english_one() -> None:
    settings = {f"`VM_MCP_{name.upper()}`" for name in Settings.model_fields}
    tools = set(re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE))
    commands = set(re.findall(r"^```console\n(.*?)\n```", README, re.MULTILINE | re.DOTALL))
    assert len(commands) == 3
    assert {word for word in settings | tools | commands if word not in README_TR} == set()


def test_both_readmes_link_only_to_what_is_there() -> None:
    for page in (README, README_TR):
        targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", page)
        assert targets
        assert [target for target in targets if not (ROOT / target).exists()] == []


@pytest.mark.parametrize("path", sorted((ROOT / "examples" / "hosts").glob("*.json")), ids=lambda path: path.name)
def test_a_hosts_example_is_json_that_starts_vm_mcp_and_holds_no_key(path: Path) -> None:
    hosts = json.loads(path.read_text(encoding="utf-8"))
    server = (hosts.get("mcpServers") or hosts["servers"])["voicemail"]
    assert server["command"] == "vm-mcp"
    assert not re.search(r"K[0-9a-f]{8}", server["env"]["VM_MCP_API_KEY"])
