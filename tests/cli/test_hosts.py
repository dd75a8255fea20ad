"""Hosts are told to start vm-mcp, each in its own file, and lose nothing else that the file holds."""

import json
import os
import stat
import sys
from pathlib import Path, PureWindowsPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vm_mcp.cli import main
from vm_mcp.cli.hosts import HOSTS, Host, Machine, host_files
from vm_mcp.cli.hosts.host_entries import is_ours, program
from vm_mcp.cli.hosts.host_install import Wish, install, uninstall
from vm_mcp.cli.setup_commands import HOST_NAMES
from vm_mcp.errors import ConfigError

STORED = Wish(is_key_stored=True)
OTHER: dict[str, Any] = {"command": "node", "args": ["server.js"], "env": {"TOKEN": "s3cret"}}

PLACES = {
    ("win32", "claude-desktop"): "AppData/Roaming/Claude/claude_desktop_config.json",
    ("darwin", "claude-desktop"): "Library/Application Support/Claude/claude_desktop_config.json",
    ("linux", "claude-desktop"): ".config/Claude/claude_desktop_config.json",
    ("win32", "claude-code"): ".claude.json",
    ("darwin", "claude-code"): ".claude.json",
    ("linux", "claude-code"): ".claude.json",
    ("win32", "cursor"): ".cursor/mcp.json",
    ("darwin", "cursor"): ".cursor/mcp.json",
    ("linux", "cursor"): ".cursor/mcp.json",
    ("win32", "vscode"): "AppData/Roaming/Code/User/mcp.json",
    ("darwin", "vscode"): "Library/Application Support/Code/User/mcp.json",
    ("linux", "vscode"): ".config/Code/User/mcp.json",
}


@pytest.fixture(params=list(HOSTS.values()), ids=HOST_NAMES)
def host(request: pytest.FixtureRequest) -> Host:
    found: Host = request.param
    return found


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine.of("linux", tmp_path)


@pytest.fixture
def this_machine(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(Machine, "this", lambda: machine)
    monkeypatch.setattr("vm_mcp.config.reading.env_file", lambda: machine.home / "vm-mcp.env")
    return machine


def put(host: Host, machine: Machine, content: str | dict[str, Any]) -> Path:
    path = host.configuration(machine)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def servers(host: Host, machine: Machine) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(host.configuration(machine).read_text(encoding="utf-8"))[host.section]
    return found


@pytest.mark.parametrize(("platform", "name"), PLACES)
def test_each_host_keeps_its_file_where_it_does_on_each_platform(tmp_path: Path, platform: str, name: str) -> None:
    host = next(host for host in HOSTS.values() if host.name == name)
    machine = Machine.of(platform, tmp_path)
    assert host.configuration(machine) == tmp_path / PLACES[platform, name]
    install(host, machine, STORED)
    assert (tmp_path / PLACES[platform, name]).is_file()


def test_claude_desktop_as_a_packaged_program_reads_the_file_in_its_own_folder(tmp_path: Path) -> None:
    machine = Machine.of("win32", tmp_path)
    packaged = tmp_path / "AppData/Local/Packages/Claude_abc123/LocalCache/Roaming"
    packaged.mkdir(parents=True)
    install(HOSTS["claude-desktop"], machine, STORED)
    assert (packaged / "Claude/claude_desktop_config.json").is_file()
    assert not (tmp_path / "AppData/Roaming").exists()


def test_this_computers_folders_follow_what_its_user_has_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "elsewhere"))
    assert HOSTS["claude-code"].configuration(Machine.this()) == tmp_path / "elsewhere" / ".claude.json"
    monkeypatch.delenv("CLAUDE_CONFIG_DIR")
    assert HOSTS["claude-code"].configuration(Machine.this()) == Path.home() / ".claude.json"
    assert HOSTS["vscode"].configuration(Machine.this()).parent.parent.name == "Code"


def test_the_program_names_every_host_that_is_known() -> None:
    assert tuple(HOSTS) == HOST_NAMES


def test_the_command_is_a_full_path_that_is_there() -> None:
    assert Path(program()[0]).is_absolute()
    assert Path(program()[0]).is_file()


def test_what_else_a_file_holds_is_kept_and_so_is_a_copy_of_it(host: Host, machine: Machine) -> None:
    before = {"theme": "dark", host.section: {"other": OTHER}, "numbers": [1, 2.5, None, True]}
    path = put(host, machine, before)
    written = install(host, machine, STORED)
    after = json.loads(path.read_text(encoding="utf-8"))
    assert after[host.section].pop("voicemail")["command"] == program()[0]
    assert after == before
    assert written.backup
    assert json.loads(written.backup.read_text(encoding="utf-8")) == before


def test_a_second_time_nothing_is_written(host: Host, machine: Machine) -> None:
    path = put(host, machine, {})
    install(host, machine, Wish())
    first, folder = path.read_bytes(), sorted(path.parent.iterdir())
    assert install(host, machine, Wish()).is_changed is False
    assert path.read_bytes() == first
    assert sorted(path.parent.iterdir()) == folder


def test_uninstalling_leaves_the_file_as_it_was(host: Host, machine: Machine) -> None:
    before = {host.section: {"other": OTHER}, "inputs": [{"id": "else"}]}
    path = put(host, machine, before)
    install(host, machine, Wish())
    assert uninstall(host, machine).is_changed
    assert json.loads(path.read_text(encoding="utf-8")) == before
    assert uninstall(host, machine).is_changed is False


def test_a_host_that_asks_for_secrets_does_so_when_no_key_is_kept_and_no_file_holds_it(machine: Machine) -> None:
    host = HOSTS["vscode"]
    install(host, machine, Wish())
    data = json.loads(host.configuration(machine).read_text(encoding="utf-8"))
    assert data["servers"]["voicemail"]["env"] == {"VM_MCP_API_KEY": "${input:vm-mcp-key}"}
    assert data["inputs"][0]["password"] is True
    install(host, machine, STORED)
    data = json.loads(host.configuration(machine).read_text(encoding="utf-8"))
    assert "env" not in data["servers"]["voicemail"]
    assert data["inputs"] == []


@pytest.mark.parametrize("name", ["claude-desktop", "claude-code", "cursor"])
def test_a_host_that_can_not_ask_is_left_without_a_key_and_the_user_is_told(machine: Machine, name: str) -> None:
    host = next(host for host in HOSTS.values() if host.name == name)
    written = install(host, machine, Wish())
    assert written.needs_key
    assert "env" not in servers(host, machine)["voicemail"]
    assert install(host, machine, STORED).needs_key is False


def test_a_key_in_clear_is_taken_out_once_it_is_kept_elsewhere(host: Host, machine: Machine) -> None:
    entry = {"command": "vm-mcp", "env": {"VM_MCP_API_KEY": "K123", "VM_MCP_LANGUAGES": "de"}, "disabled": False}
    put(host, machine, {host.section: {"mine": entry}})
    assert install(host, machine, Wish()).has_clear_key
    written = install(host, machine, STORED)
    assert written.has_clear_key is False
    assert servers(host, machine)["mine"]["env"] == {"VM_MCP_LANGUAGES": "de"}
    assert servers(host, machine)["mine"]["disabled"] is False


def test_a_key_that_the_host_takes_from_elsewhere_is_left_alone(machine: Machine) -> None:
    host = HOSTS["cursor"]
    entry = {"command": "vm-mcp", "env": {"VM_MCP_API_KEY": "${env:VM_MCP_API_KEY}"}}
    put(host, machine, {"mcpServers": {"voicemail": entry}})
    assert install(host, machine, Wish()).needs_key is False
    assert servers(host, machine)["voicemail"]["env"] == entry["env"]


def test_the_demo_needs_no_key_and_is_replaced_by_the_real_one(host: Host, machine: Machine) -> None:
    assert install(host, machine, Wish(is_demo=True)).needs_key is False
    assert servers(host, machine)["voicemail"]["args"][-2:] == ["serve", "--demo"]
    install(host, machine, STORED)
    assert "--demo" not in servers(host, machine)["voicemail"].get("args", [])


def test_the_demo_in_place_of_the_real_one_asks_for_no_key(machine: Machine) -> None:
    host = HOSTS["vscode"]
    install(host, machine, Wish())
    install(host, machine, Wish(is_demo=True))
    data = json.loads(host.configuration(machine).read_text(encoding="utf-8"))
    assert "env" not in data["servers"]["voicemail"]
    assert data["inputs"] == []


def test_another_server_of_that_name_is_left_alone(host: Host, machine: Machine) -> None:
    path = put(host, machine, {host.section: {"voicemail": OTHER}})
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="is another server"):
        install(host, machine, STORED)
    with pytest.raises(ConfigError, match="is another server"):
        uninstall(host, machine, "voicemail")
    assert path.read_bytes() == before
    install(host, machine, Wish(name="santral", is_key_stored=True))
    assert set(servers(host, machine)) == {"voicemail", "santral"}
    assert uninstall(host, machine).name == "santral"


@pytest.mark.parametrize(
    "content",
    [
        '{"mcpServers": {}, // mine\n}',
        '{"mcpServers": {},}',
        '{"mcpServers": {}, "mcpServers": {}}',
        '{"mcpServers": []}',
        '{"mcpServers": {}, "inputs": {}}',
        "[]",
        "mcpServers:",
        '{"a": NaN}',
        '{"a": 1e999}',
        '{"a":' * 100_000,
    ],
)
def test_a_file_that_can_not_be_written_again_as_it_was_is_left_alone(machine: Machine, content: str) -> None:
    host = HOSTS["cursor"]
    path = put(host, machine, content)
    with pytest.raises(ConfigError, match=r"mcp\.json"):
        install(host, machine, Wish())
    assert path.read_text(encoding="utf-8") == content
    assert [file.name for file in path.parent.iterdir()] == ["mcp.json"]


@pytest.mark.parametrize("raw", [b"\xff\xfe{}", b'{"a": "\xc3("}'])
def test_a_file_that_is_no_text_is_left_alone(machine: Machine, raw: bytes) -> None:
    path = put(HOSTS["cursor"], machine, "")
    path.write_bytes(raw)
    with pytest.raises(ConfigError, match="not plain JSON"):
        install(HOSTS["cursor"], machine, STORED)
    assert path.read_bytes() == raw


def test_an_empty_file_is_as_good_as_none(host: Host, machine: Machine) -> None:
    put(host, machine, " \n")
    install(host, machine, STORED)
    assert set(servers(host, machine)) == {"voicemail"}


def test_a_file_keeps_its_indent_its_line_ends_and_its_mark(machine: Machine) -> None:
    path = put(HOSTS["cursor"], machine, "")
    path.write_bytes(b'\xef\xbb\xbf{\r\n\t"mcpServers": {},\r\n\t"name": "\xc5\x9e"\r\n}\r\n')
    install(HOSTS["cursor"], machine, STORED)
    uninstall(HOSTS["cursor"], machine)
    assert path.read_bytes() == b'\xef\xbb\xbf{\r\n\t"mcpServers": {},\r\n\t"name": "\xc5\x9e"\r\n}\r\n'


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_a_private_file_and_its_copy_stay_private_and_a_link_stays_a_link(machine: Machine, tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles" / "mcp.json"
    kept.parent.mkdir()
    kept.write_text("{}", encoding="utf-8")
    kept.chmod(0o600)
    path = HOSTS["cursor"].configuration(machine)
    path.parent.mkdir()
    path.symlink_to(kept)
    written = install(HOSTS["cursor"], machine, STORED)
    assert path.is_symlink()
    assert "voicemail" in kept.read_text(encoding="utf-8")
    assert written.backup
    for file in (kept, written.backup):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_that_its_host_changes_meanwhile_is_left_alone(machine: Machine) -> None:
    path = put(HOSTS["cursor"], machine, {})
    document = host_files.read(path)
    path.write_text('{"new": 1}', encoding="utf-8")
    with pytest.raises(ConfigError, match="changed by another program"):
        host_files.write(document, {"mcpServers": {}})
    assert path.read_text(encoding="utf-8") == '{"new": 1}'
    assert [file.name for file in path.parent.iterdir()] == ["mcp.json"]


def test_a_write_that_fails_half_way_leaves_the_file_as_it_was(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError

    path = put(HOSTS["cursor"], machine, {"a": 1})
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ConfigError, match="can't be written"):
        install(HOSTS["cursor"], machine, STORED)
    assert json.loads(path.read_text(encoding="utf-8")) == {"a": 1}
    assert [file.name for file in path.parent.iterdir()] == ["mcp.json"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40)
@given(st.dictionaries(st.text(), JSON, max_size=4), st.sampled_from([None, "\t", 4]))
def test_any_json_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, data: Any, indent: Any) -> None:  # noqa: ANN401 - any JSON
    path = tmp_path_factory.mktemp("host") / "mcp.json"
    path.write_text(json.dumps(data, indent=indent), encoding="utf-8")
    document = host_files.read(path)
    assert document.data == data
    host_files.write(document, {**data, "mcpServers": {"ş": 1}})
    assert host_files.read(path).data == {**data, "mcpServers": {"ş": 1}}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"command": "vm-mcp"}, True),
        ({"command": str(PureWindowsPath("C:/Users/Ayşe/.local/bin/VM-MCP.exe"))}, True),
        ({"command": "uvx", "args": ["--from", "vm-mcp[whisper]", "vm-mcp"]}, True),
        ({"command": "/opt/py/bin/python", "args": ["-m", "vm_mcp"]}, True),
        ({"command": "npx", "args": ["vm-mcp-helper"]}, False),
        ({"command": "/opt/vm-mcp/run"}, False),
        ({"url": "https://vm-mcp.example"}, False),
        ({"command": 5, "args": [5]}, False),
        ("vm-mcp", False),
    ],
)
def test_vm_mcp_is_known_however_it_is_started(entry: object, expected: bool) -> None:  # noqa: FBT001 - an expectation
    assert is_ours(entry) is expected


def test_the_command_says_what_it_did_and_what_comes_next(
    this_machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["install", "claude-desktop"]) == 0
    out = capsys.readouterr().out
    assert str(HOSTS["claude-desktop"].configuration(this_machine)) in out
    assert "was not found on this computer" in out
    assert "start it again" not in out
    assert "vm-mcp login" in out
    assert main(["install", "claude-desktop"]) == 0
    out = capsys.readouterr().out
    assert "already" in out
    assert "start it again" in out
    assert main(["uninstall", "claude-desktop"]) == 0
    out = capsys.readouterr().out
    assert "no longer starts `voicemail`. The previous file is beside it: claude_desktop_config.json." in out
    assert main(["uninstall", "claude-desktop"]) == 0
    assert "does not know vm-mcp" in capsys.readouterr().out


def test_a_key_in_the_settings_file_is_enough(this_machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    (this_machine.home / "vm-mcp.env").write_text("VM_MCP_API_KEY=K123\n", encoding="utf-8")
    put(HOSTS["vscode"], this_machine, {})
    main(["install", "vscode"])
    assert "login" not in capsys.readouterr().out
    assert "inputs" not in json.loads(HOSTS["vscode"].configuration(this_machine).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", HOST_NAMES)
def test_printing_changes_nothing_and_prints_what_would_be_written(
    this_machine: Machine, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    host = next(host for host in HOSTS.values() if host.name == name)
    assert main(["install", name, "--print", "--name", "santral"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert not host.configuration(this_machine).exists()
    main(["install", name, "--name", "santral"])
    assert json.loads(host.configuration(this_machine).read_text(encoding="utf-8")) == printed


def test_a_refusal_is_explained_and_ends_with_1(this_machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    put(HOSTS["cursor"], this_machine, "{ // mine\n}")
    assert main(["install", "cursor"]) == 1
    assert "add the lines that `vm-mcp install cursor --print` shows" in capsys.readouterr().err
    assert main(["uninstall", "cursor"]) == 1
    assert "remove the lines of vm-mcp" in capsys.readouterr().err


@pytest.mark.usefixtures("this_machine")
def test_a_program_in_a_cache_is_warned_of(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/home/a/.cache/uv/archive-v0/x1/bin/python")
    main(["install", "cursor"])
    assert "in a cache that may be cleared" in capsys.readouterr().out


def test_each_account_that_is_named_has_an_entry_of_its_own(host: Host, machine: Machine) -> None:
    assert install(host, machine, Wish(account="klinik", is_key_stored=True)).account == "klinik"
    install(host, machine, Wish(account="atolye", is_key_stored=True))
    install(host, machine, Wish(account="klinik", is_key_stored=True))
    accounts = {name: entry["env"]["VM_MCP_ACCOUNT"] for name, entry in servers(host, machine).items()}
    assert accounts == {"voicemail": "klinik", "voicemail-atolye": "atolye"}


def entry_for(account: str, key: str = "") -> dict[str, Any]:
    env = {"VM_MCP_ACCOUNT": account} | ({"VM_MCP_API_KEY": key} if key else {})
    return {"command": "vm-mcp", "env": env}


def test_vscode_asks_for_each_accounts_key_separately(machine: Machine) -> None:
    """With one question for two accounts, one would be served with the other's key."""
    host = HOSTS["vscode"]
    for account in ("klinik", "atolye"):
        install(host, machine, Wish(account=account))
    data = json.loads(host.configuration(machine).read_text(encoding="utf-8"))
    asked = {name: entry["env"]["VM_MCP_API_KEY"] for name, entry in data["servers"].items()}
    assert len(set(asked.values())) == 2
    assert {f"${{input:{each['id']}}}" for each in data["inputs"]} == set(asked.values())
    assert [account in each["description"] for account, each in zip(("klinik", "atolye"), data["inputs"], strict=True)]
    install(host, machine, Wish(account="klinik", is_key_stored=True))
    data = json.loads(host.configuration(machine).read_text(encoding="utf-8"))
    assert [f"${{input:{each['id']}}}" for each in data["inputs"]] == [asked["voicemail-atolye"]]


def test_a_question_shared_by_two_accounts_is_replaced_for_the_installed_one(machine: Machine) -> None:
    host = HOSTS["vscode"]
    shared = [entry_for(account, "${input:vm-mcp-key}") for account in ("klinik", "atolye")]
    put(host, machine, {"servers": {"a": shared[0], "b": shared[1]}, "inputs": [{"id": "vm-mcp-key"}, {"id": "mine"}]})
    install(host, machine, Wish(account="atolye"))
    data = json.loads(host.configuration(machine).read_text(encoding="utf-8"))
    assert data["servers"]["a"] == shared[0]
    assert data["servers"]["b"]["env"]["VM_MCP_API_KEY"] == "${input:vm-mcp-key-atolye}"
    assert [each["id"] for each in data["inputs"]] == ["vm-mcp-key", "mine", "vm-mcp-key-atolye"]


def test_an_entry_is_found_by_its_account_in_any_spelling(host: Host, machine: Machine) -> None:
    put(host, machine, {host.section: {"mine": entry_for(" Klinik")}})
    assert install(host, machine, Wish(account="klinik", is_key_stored=True)).name == "mine"


@pytest.mark.parametrize("environment", [["A=B"], "A=B", 5, {"VM_MCP_ACCOUNT": 5}, None])
def test_an_environment_that_is_no_json_object_does_not_matter(
    host: Host, machine: Machine, environment: object
) -> None:
    put(host, machine, {host.section: {"mine": {"command": "vm-mcp", "env": environment}}})
    install(host, machine, Wish(account="klinik", is_key_stored=True))
    assert servers(host, machine)["voicemail-klinik"]["env"] == {"VM_MCP_ACCOUNT": "klinik"}


def test_installing_without_an_account_leaves_the_entries_of_named_accounts_unchanged(
    this_machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stored key is not theirs, so theirs must not be removed."""
    host = HOSTS["cursor"]
    (this_machine.home / "vm-mcp.env").write_text("VM_MCP_API_KEY=K123\n", encoding="utf-8")
    named = {"a": entry_for("klinik", "K1"), "b": entry_for("atolye", "K2")}
    path = put(host, this_machine, {host.section: named})
    before = path.read_bytes()
    assert main(["install", "cursor"]) == 1
    said = capsys.readouterr().err
    assert "klinik, atolye" in said
    assert "--account" in said
    assert path.read_bytes() == before
    put(host, this_machine, {host.section: {**named, "c": {"command": "vm-mcp"}}})
    assert main(["install", "cursor"]) == 0
    assert {**servers(host, this_machine), "c": None} == {**named, "c": None}


def test_installing_again_without_an_account_means_the_only_one_there(
    this_machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    host = HOSTS["cursor"]
    (this_machine.home / "vm-mcp.env").write_text("VM_MCP_API_KEY=K123\n", encoding="utf-8")
    put(host, this_machine, {host.section: {"a": entry_for("klinik", "K1")}})
    assert main(["install", "cursor"]) == 0
    assert servers(host, this_machine)["a"]["env"] == entry_for("klinik", "K1")["env"]
    assert "run vm-mcp login --account klinik" in capsys.readouterr().out


def test_an_entry_never_changes_its_account(host: Host, machine: Machine) -> None:
    """The new account would be served with the old one's key."""
    path = put(host, machine, {host.section: {"mine": entry_for("klinik", "K1")}})
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="serves the account `klinik`"):
        install(host, machine, Wish(name="mine", account="atolye"))
    assert path.read_bytes() == before
