"""What is published beside the package: the bundle for Claude Desktop, and the entry for the registry."""

import json
import re
import runpy
import struct
import zipfile
from pathlib import Path

import vm_mcp
from vm_mcp.config import Settings

ROOT = Path(__file__).parent.parent


def test_the_bundle_holds_the_program_and_a_manifest_with_its_own_tools(tmp_path: Path) -> None:
    bundle = runpy.run_path(str(ROOT / "scripts" / "bundle.py"))
    bundle["stage"](tmp_path / "bundle")
    bundle["pack"](tmp_path / "bundle", tmp_path / "vm-mcp.mcpb")
    with zipfile.ZipFile(tmp_path / "vm-mcp.mcpb") as packed:
        names = set(packed.namelist())
        manifest = json.loads(packed.read("manifest.json"))
    assert {manifest["icon"], manifest["server"]["entry_point"], "pyproject.toml", "locales/tr.json"} <= names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".env")]
    assert manifest["version"] == vm_mcp.__version__
    tools = {tool["name"] for tool in manifest["tools"]}
    assert {"list_voicemails", "get_recording", "transcribe_voicemails"} <= tools
    assert all(tool["description"] for tool in manifest["tools"])
    prompts = {prompt["name"]: prompt for prompt in manifest["prompts"]}
    assert {"summarize_voicemails", "triage_inbox", "draft_callback"} == prompts.keys()
    for prompt in prompts.values():
        assert re.findall(r"\$\{arguments\.(\w+)\}", prompt["text"])[:1] == prompt["arguments"]
    assert manifest["user_config"]["api_key"]["sensitive"] is True


def test_the_bundles_pictures_are_in_it_and_of_the_size_that_directories_want(tmp_path: Path) -> None:
    bundle = runpy.run_path(str(ROOT / "scripts" / "bundle.py"))
    bundle["stage"](tmp_path / "bundle")
    manifest = json.loads((tmp_path / "bundle" / "manifest.json").read_text(encoding="utf-8"))
    pages = [f"screenshots/{path.name}" for path in (ROOT / "docs").glob("inbox-*.png")]
    assert sorted(manifest.get("screenshots", [])) == sorted(pages)
    for name in (manifest["icon"], *pages):
        assert (tmp_path / "bundle" / name).read_bytes().startswith(b"\x89PNG")
    header = (tmp_path / "bundle" / manifest["icon"]).read_bytes()[16:24]
    assert struct.unpack(">II", header) == (512, 512)


def test_the_privacy_policy_is_our_own_and_has_an_address_in_both_languages() -> None:
    manifest = json.loads((ROOT / "bundle" / "manifest.json").read_text(encoding="utf-8"))
    for address in manifest["privacy_policies"]:
        page = ROOT / address.rpartition("/")[2]
        text = page.read_text(encoding="utf-8")
        assert f"<{address}>" in text
        assert "VM_MCP_REMOTE_URL" in text
        readme = ROOT / page.name.replace("PRIVACY", "README")
        assert f"]({page.name})" in readme.read_text(encoding="utf-8")
    addresses = (manifest[key] for key in ("homepage", "documentation", "support"))
    assert all(address.startswith(manifest["repository"]["url"]) for address in addresses)


def test_the_bundle_sets_settings_that_exist_and_every_question_has_its_turkish() -> None:
    manifest = json.loads((ROOT / "bundle" / "manifest.json").read_text(encoding="utf-8"))
    turkish = json.loads((ROOT / "bundle" / "locales" / "tr.json").read_text(encoding="utf-8"))
    settings = {f"VM_MCP_{name.upper()}" for name in Settings.model_fields}
    environment = manifest["server"]["mcp_config"]["env"]
    assert set(environment) <= settings
    assert set(environment.values()) == {f"${{user_config.{name}}}" for name in manifest["user_config"]}
    assert turkish["user_config"].keys() == manifest["user_config"].keys()
    for name, question in turkish["user_config"].items():
        assert question.keys() == {"title", "description"}, name


def test_the_registrys_entry_keeps_to_its_schema_and_to_the_code() -> None:
    # What the schema, by which `scripts/conformance/run.py` checks it, leaves to us.
    entry = json.loads((ROOT / "server.json").read_text(encoding="utf-8"))
    assert re.fullmatch(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+", entry["name"])
    assert 1 <= len(entry["description"]) <= 100
    (package,) = entry["packages"]
    assert {"registryType", "identifier", "version", "transport"} <= package.keys()
    assert entry["version"] == package["version"] == vm_mcp.__version__
    settings = {f"VM_MCP_{name.upper()}" for name in Settings.model_fields}
    assert {variable["name"] for variable in package["environmentVariables"]} <= settings
    (key,) = [variable for variable in package["environmentVariables"] if variable.get("isSecret")]
    assert key["name"] == "VM_MCP_API_KEY"
    assert f"mcp-name: {entry['name']}" in (ROOT / "README.md").read_text(encoding="utf-8")
