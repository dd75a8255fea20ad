import argparse
import base64
import html
import json
import re
import runpy
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from vm_mcp.asr import open_transcriber
from vm_mcp.cli.demo import _table
from vm_mcp.cli.program import build_parser
from vm_mcp.config import Settings, load_settings
from vm_mcp.config.mail_settings import MailSettings
from vm_mcp.inbox import Inbox
from vm_mcp.server.prompts import VoicemailPrompts
from vm_mcp.server.resources import VoicemailResources

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


def test_both_readmes_name_every_setting_of_a_mail_server() -> None:
    names = [f"`VM_MCP_SMTP_{name.upper()}`" for name in MailSettings.model_fields]
    for page in (README, README_TR):
        assert [name for name in names if name not in page] == []


def test_both_readmes_name_every_resource_and_prompt() -> None:
    settings = load_settings({"engine": "faster-whisper", "read_only": False})
    inbox = Inbox(settings, open_transcriber(settings))
    resources = [template.uri_template for template in VoicemailResources(inbox).templates]
    prompts = [prompt.name for prompt in VoicemailPrompts(inbox).listed]
    for page in (README, README_TR):
        assert [name for name in [*resources, *prompts] if f"`{name}`" not in page] == []


def announced_tools() -> set[str]:
    snapshot = (ROOT / "tests" / "server" / "tools.json").read_text(encoding="utf-8")
    helpers = {"ui": {"visibility": ["app"]}}  # of the inbox page; no model sees them
    return {tool["name"] for tool in json.loads(snapshot) if tool.get("_meta") != helpers}


def test_the_example_answers_are_what_the_tools_answer() -> None:
    examples = runpy.run_path(str(ROOT / "scripts" / "examples.py"))
    written = (ROOT / "docs" / "tools.md").read_text(encoding="utf-8")
    assert examples["page"]() == written, "run: uv run python scripts/examples.py"
    assert set(re.findall(r"^## `(\w+)`$", written, re.MULTILINE)) == announced_tools()


def test_the_picture_is_of_the_demo_as_it_is_and_fetches_nothing() -> None:
    svg = (ROOT / "docs" / "demo.svg").read_text(encoding="utf-8")
    assert len(svg.encode()) < 100_000
    assert set(re.findall(r"https?:[^\"']*", svg)) == {"http://www.w3.org/2000/svg"}
    assert re.findall(r"@font-face|@import|<image|url\((?!#)", svg) == []
    shown = html.unescape(re.sub(r"<[^>]*>", "", svg)).replace("\xa0", " ")
    columns = {str(column.header) for column in _table([], {}).columns}
    wanted = columns | announced_tools() - {"get_transcripts"}
    assert {word for word in wanted if word not in shown} == set(), "run: uv run python scripts/picture.py"


def test_both_readmes_show_the_picture_and_lead_to_the_example_answers() -> None:
    for page in (README, README_TR):
        assert page.index("](docs/demo.svg)") < page.index("\n## ")
        assert "](docs/tools.md)" in page


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


def test_every_test_that_the_security_page_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "SECURITY.md").read_text(encoding="utf-8")))
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) > 30
    assert named - set(re.findall(r"def (test_\w+)", code)) == set()


def links(page: str) -> list[dict[str, str]]:
    found = re.findall(r"\]\((https://(?:cursor\.com|vscode\.dev)/[^)]*)\)", page)
    return [dict(parse_qsl(urlsplit(link).query)) for link in found]


@pytest.mark.parametrize("page", [README, README_TR], ids=["en", "tr"])
def test_the_links_for_cursor_and_vs_code_start_vm_mcp_and_hold_no_key(page: str) -> None:
    cursor, vscode = links(page)
    assert json.loads(base64.b64decode(cursor["config"])) == {"command": "vm-mcp"}
    entry, (asked,) = json.loads(vscode["config"]), json.loads(vscode["inputs"])
    assert entry["command"] == "vm-mcp"
    assert entry["env"] == {"VM_MCP_API_KEY": f"${{input:{asked['id']}}}"}
    assert asked["password"] is True
    assert cursor["name"] == vscode["name"] == "voicemail"


def test_every_command_of_the_program_is_in_both_readmes() -> None:
    parser = build_parser()
    (commands,) = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    for page in (README, README_TR):
        assert [name for name in commands if f"vm-mcp {name}" not in page and f"`{name}" not in page] == []


@pytest.mark.parametrize("page", [README, README_TR], ids=["en", "tr"])
def test_the_tree_draws_what_the_package_holds_and_nothing_else(page: str) -> None:
    tree = page.partition("```\nvm_mcp/\n")[2].partition("```")[0]
    drawn = {name.rstrip("/") for name in re.findall(r"  ([a-z_]+(?:\.py|/))(?= )", tree)}
    held = {
        path.name for path in (ROOT / "vm_mcp").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert drawn == held - {"__init__.py", "__main__.py"}


def test_the_map_of_the_house_names_only_places_that_are_there() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    places = re.findall(r"`((?:vm_mcp|tests|scripts|bundle)/[\w./]*)`", page)
    assert len(places) > 20
    assert [place for place in places if not (ROOT / place).exists()] == []


def test_each_surprise_names_tests_and_sources_that_there_are() -> None:
    page = (ROOT / "docs" / "surprises.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| Surprise")]
    code = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py"))
    tests = set(re.findall(r"^(?:async )?def (test_\w+)", code, re.MULTILINE))
    for row in rows:
        named, sources = re.findall(r"`(test_\w+)`", row), re.findall(r"\]\(\.\./([^)]+)\)", row)
        assert named
        assert set(named) <= tests
        assert sources
        assert [source for source in sources if not (ROOT / source).exists()] == []
