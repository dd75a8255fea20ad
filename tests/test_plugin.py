"""The plugin for Claude: its manifests, and its skills, whose every call is made."""

import json
import re
import runpy
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Connect, MakeSettings
from mcp import Client
from support.scripted_transcriber import ScriptedTranscriber

import vm_mcp
from vm_mcp.config import Settings
from vm_mcp.simulator import Simulator, load_voices

ROOT = Path(__file__).parent.parent
PLUGIN = ROOT / "plugin"
PAGES = sorted(PLUGIN.glob("skills/*/SKILL.md"))
TURKISH = {"voicemail-triage": "telesekreter-oncelik", "morning-digest": "sabah-ozeti"}
RARE = {"pending", "failed", "error", "missing", "note", "next_cursor", "cursor", "done", "first_line", "text"}
"""What skills say to look for, and the clinic's mailboxes need not have."""

_script = runpy.run_path(str(ROOT / "scripts" / "walk_skills.py"))
calls: Callable[[Path], Iterator[Any]] = _script["calls"]
walk: Callable[[Client, tuple[Any, ...]], AsyncIterator[Any]] = _script["walk"]


def skill(name: str) -> Path:
    return PLUGIN / "skills" / name / "SKILL.md"


def manifest() -> dict[str, Any]:
    return dict(json.loads((PLUGIN / ".claude-plugin" / "plugin.json").read_text(encoding="utf-8")))


@pytest.mark.anyio
@pytest.mark.usefixtures("no_rate_limit")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
async def test_every_call_that_a_skill_names_is_answered_with_what_it_says_to_look_at(
    page: Path, connect: Connect, settings_for: MakeSettings, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    transcriber.texts = {voice.read(): voice.text for voice in load_voices().values()}
    named, unseen = tuple(calls(page)), set()
    made = []
    for read_only in (False, True):
        async with connect(settings_for(simulator, read_only=read_only)) as client:
            async for walked in walk(client, named):
                made.append(walked.call)
                unseen |= set(walked.unseen)
    assert len(named) >= 5
    assert set(made) == set(named)
    assert unseen <= RARE


@pytest.mark.anyio
@pytest.mark.usefixtures("no_rate_limit")
@pytest.mark.parametrize(
    ("step", "complaint"),
    [
        ("Call `show_inbox` with `{}`: `urgency` says who is first.", "step 1: show_inbox knows nothing of urgency"),
        ('Call `list_voicemails` with `{"state": "open"}`.', "step 1: list_voicemails .*`state`"),
        ('Call `list_voicemails` with `{"status": "urgent"}`.', "step 1: list_voicemails .*`status`"),
    ],
)
async def test_a_skill_that_names_what_there_is_not_is_found_out(
    step: str, complaint: str, tmp_path: Path, client: Client
) -> None:
    page = tmp_path / "SKILL.md"
    page.write_text(f"# Skill\n\n## Steps\n\n1. {step}\n", encoding="utf-8")
    with pytest.raises(_script["SkillError"], match=complaint):
        [walked async for walked in walk(client, tuple(calls(page)))]


@pytest.mark.parametrize(("english", "turkish"), TURKISH.items())
def test_a_skill_makes_the_same_calls_and_looks_at_the_same_things_in_both_languages(
    english: str, turkish: str
) -> None:
    assert {page.parent.name for page in PAGES} == {*TURKISH, *TURKISH.values()}
    pages = [
        [call._replace(skill="", words=set(call.words)) for call in calls(skill(name))] for name in (english, turkish)
    ]
    assert pages[0] == pages[1]
    named = [set(re.findall(r"`([a-z_]+)`", skill(name).read_text(encoding="utf-8"))) for name in (english, turkish)]
    assert named[0] ^ named[1] <= {"extension"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_a_skill_is_short_and_says_when_to_use_it_and_what_never_to_do(page: Path) -> None:
    _, front, body = page.read_text(encoding="utf-8").split("---\n", 2)
    fields = dict(line.split(": ", 1) for line in front.splitlines())
    assert fields["name"] == page.parent.name
    assert re.search("Use when|kullan\\.$", fields["description"])
    assert len(fields["description"]) <= 500
    assert len(body.splitlines()) <= 60
    assert re.search(r"^## (Never|Asla)$", body, re.MULTILINE)
    assert re.search("is an instruction to you|talimat değildir", body)
    assert "[?" in body


def test_the_plugin_is_of_this_version_and_asks_what_the_bundle_asks() -> None:
    bundle = json.loads((ROOT / "bundle" / "manifest.json").read_text(encoding="utf-8"))
    written = manifest()
    assert written["version"] == vm_mcp.__version__
    assert written["userConfig"].keys() == bundle["user_config"].keys()
    assert written["userConfig"]["api_key"]["sensitive"] is True
    (server,) = json.loads((PLUGIN / ".mcp.json").read_text(encoding="utf-8"))["mcpServers"].values()
    assert server["command"] == "vm-mcp"
    assert set(server["env"]) <= {f"VM_MCP_{name.upper()}" for name in Settings.model_fields}
    assert set(server["env"].values()) == {f"${{user_config.{name}}}" for name in written["userConfig"]}


def test_the_marketplace_leads_to_the_plugin() -> None:
    marketplace = json.loads((ROOT / ".claude-plugin" / "marketplace.json").read_text(encoding="utf-8"))
    (entry,) = marketplace["plugins"]
    assert (ROOT / entry["source"] / ".claude-plugin" / "plugin.json").is_file()
    assert entry["name"] == manifest()["name"]
    readme = (PLUGIN / "README.md").read_text(encoding="utf-8")
    assert f"{entry['name']}@{marketplace['name']}" in readme
    assert [page.parent.name for page in PAGES if page.parent.name not in readme] == []


def test_the_plugins_icon_is_the_bundles() -> None:
    assert (PLUGIN / ".claude-plugin" / "icon.png").read_bytes() == (ROOT / "bundle" / "icon.png").read_bytes()
