"""The API key goes into the keyring, is found there by the server, and leaves no trace elsewhere."""

import importlib.util
import io
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest
from conftest import Connect, MakeSettings
from pydantic import SecretStr
from support.tool_answers import text_of

from vm_mcp.cli import main
from vm_mcp.config import load_settings, with_stored_key
from vm_mcp.errors import ConfigError
from vm_mcp.keychain import key_id, read_key, store_key
from vm_mcp.simulator import Simulator

KEY = "K99999999-1234-5678-4321-123456789012"


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring that is gone with the test."""

    priority = 9
    name = "the test's keyring"

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.is_locked = False
        self.exists = True

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise keyring.errors.KeyringLocked
        if not self.exists:
            raise keyring.errors.InitError
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.is_locked:
            raise keyring.errors.PasswordSetError
        if not self.exists:
            raise keyring.errors.InitError
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    memory = MemoryKeyring()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config" / ".env"
    monkeypatch.setattr("vm_mcp.config.reading.env_file", lambda: path)
    monkeypatch.setattr("vm_mcp.cli.login.env_file", lambda: path)
    monkeypatch.delenv("VM_MCP_API_KEY", raising=False)
    return path


def type_in(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def login(simulator: Simulator, *flags: str) -> int:
    return main(["login", "--base-url", simulator.base_url, *flags])


def test_a_key_is_tried_out_and_kept_for_its_address_alone(
    ring: MemoryKeyring, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    unread = sum(message.read_at is None for message in simulator.scenario.messages)
    type_in(monkeypatch, f" {simulator.api_key}\n")
    assert login(simulator) == 0
    said = capsys.readouterr()
    assert simulator.api_key not in said.out + said.err
    assert f"…{simulator.api_key[-4:]}" in said.out
    assert "the test's keyring" in said.out
    assert ring.kept == {("vm-mcp", simulator.base_url): simulator.api_key}
    assert sum(message.read_at is None for message in simulator.scenario.messages) == unread
    assert read_key(f"{simulator.base_url}/") == SecretStr(simulator.api_key)
    assert read_key("https://elsewhere.example") is None


def test_a_key_that_the_pbx_refuses_is_not_kept(
    ring: MemoryKeyring, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    type_in(monkeypatch, KEY)
    assert login(simulator) == 1
    said = capsys.readouterr().err
    assert "refuses this key, so it was not stored. Copy it again" in said
    assert "vm-mcp login" not in said
    assert ring.kept == {}
    type_in(monkeypatch, KEY)
    assert login(simulator, "--unchecked") == 0
    assert "not checked" in capsys.readouterr().out
    assert list(ring.kept.values()) == [KEY]


@pytest.mark.parametrize("given", ["", "\n", "K1", "not a key at all\n", "Kşşşşşşşşşşşşşş", "x" * 500])
def test_what_is_no_key_is_not_sent_anywhere(
    ring: MemoryKeyring, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    type_in(monkeypatch, given)
    assert login(simulator) == 1
    assert simulator.requests == []
    assert ring.kept == {}


def test_at_a_terminal_it_is_typed_without_an_echo(
    ring: MemoryKeyring, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _: simulator.api_key)
    assert login(simulator) == 0
    assert list(ring.kept.values()) == [simulator.api_key]


def test_whoever_breaks_off_at_the_question_is_told_and_nothing_is_kept(
    ring: MemoryKeyring, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ended(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", ended)
    assert login(simulator) == 1
    assert "That is not an API key" in capsys.readouterr().err
    assert ring.kept == {}


@pytest.mark.anyio
async def test_a_server_without_a_key_takes_the_one_in_the_keyring_also_when_it_comes_later(
    ring: MemoryKeyring, simulator: Simulator, settings_for: MakeSettings, connect: Connect
) -> None:
    async with connect(settings_for(simulator, api_key=None)) as client:
        refused = await client.call_tool("list_voicemails", {})
        assert refused.is_error
        assert "vm-mcp login" in text_of(refused)
        ring.is_locked = True
        assert "keyring is locked" in text_of(await client.call_tool("list_voicemails", {}))
        ring.is_locked = False
        store_key(simulator.base_url, SecretStr(simulator.api_key))
        assert not (await client.call_tool("list_voicemails", {})).is_error


def test_every_other_source_wins_over_the_keyring_and_leaves_it_unasked(
    ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_key("https://api.bulutsantralim.com", SecretStr(KEY))
    assert with_stored_key(load_settings()).api_key == SecretStr(KEY)
    ring.is_locked = True  # whoever asks is refused
    monkeypatch.setenv("VM_MCP_API_KEY", "K1")
    assert with_stored_key(load_settings()).api_key == SecretStr("K1")


def test_the_library_is_imported_when_no_setting_holds_a_key_and_not_before(tmp_path: Path) -> None:
    code = (
        "import sys, vm_mcp.cli, vm_mcp.server\n"
        "from vm_mcp.config import Settings, with_stored_key\n"
        "with_stored_key(Settings(api_key='K1'))\n"
        "assert 'keyring' not in sys.modules\n"
        "with_stored_key(Settings(api_key=None))\n"
        "assert 'keyring' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)


def test_without_the_library_the_settings_file_is_offered(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert login(simulator) == 1
    said = capsys.readouterr().err
    assert "vm-mcp[keyring]" in said
    assert "--file" in said
    assert read_key(simulator.base_url) is None


def test_a_computer_without_a_keyring_says_so_before_anybody_types(
    simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert login(simulator) == 1  # the suite's keyring is none
    assert "has no keyring" in capsys.readouterr().err


def test_a_locked_keyring_is_a_clear_error(
    ring: MemoryKeyring, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ring.is_locked = True
    type_in(monkeypatch, simulator.api_key)
    assert login(simulator) == 1
    assert "Unlock it" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="Unlock it"):
        read_key(simulator.base_url)


def test_a_keyring_that_nobody_has_made_yet_holds_no_key_and_takes_none(
    ring: MemoryKeyring, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ring.exists = False
    assert read_key(simulator.base_url) is None
    type_in(monkeypatch, simulator.api_key)
    assert login(simulator) == 1
    assert "login --file" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_the_settings_file_takes_the_key_on_request_keeps_the_rest_and_is_private(
    simulator: Simulator,
    settings_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings_file.parent.mkdir()
    settings_file.write_text("# mine\nVM_MCP_TIMEZONE=UTC\n", encoding="utf-8")
    settings_file.chmod(0o644)
    type_in(monkeypatch, simulator.api_key)
    assert login(simulator, "--file") == 0
    assert stat.S_IMODE(settings_file.stat().st_mode) == 0o600
    assert "# mine" in settings_file.read_text(encoding="utf-8")
    settings = load_settings()
    assert settings.api_key == SecretStr(simulator.api_key)
    assert settings.timezone == "UTC"
    assert settings.base_url == simulator.base_url, "it is sent to the address that it was tried out at"


def test_a_key_in_the_keyring_replaces_one_in_the_settings_file(
    ring: MemoryKeyring, simulator: Simulator, settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_file.parent.mkdir()
    settings_file.write_text(f"VM_MCP_API_KEY={KEY}\nVM_MCP_TIMEZONE=UTC\n", encoding="utf-8")
    type_in(monkeypatch, simulator.api_key)
    assert login(simulator) == 0
    assert list(ring.kept.values()) == [simulator.api_key]
    assert settings_file.read_text(encoding="utf-8").strip() == "VM_MCP_TIMEZONE=UTC"


def test_logging_out_removes_the_key_from_wherever_it_is(
    ring: MemoryKeyring, simulator: Simulator, settings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store_key(simulator.base_url, SecretStr(KEY))
    settings_file.parent.mkdir()
    settings_file.write_text(f"VM_MCP_API_KEY={KEY}\n", encoding="utf-8")
    assert main(["logout", "--base-url", simulator.base_url]) == 0
    assert "from the keyring and the settings file" in capsys.readouterr().out
    assert ring.kept == {}
    assert KEY not in settings_file.read_text(encoding="utf-8")
    assert main(["logout", "--base-url", simulator.base_url]) == 0
    assert "No key is stored" in capsys.readouterr().out


def test_a_variable_that_wins_is_pointed_out(
    ring: MemoryKeyring, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VM_MCP_API_KEY", "K1")
    type_in(monkeypatch, simulator.api_key)
    assert login(simulator) == 0
    assert "takes precedence as long as it is" in capsys.readouterr().err
    assert ring.kept


@pytest.fixture
def logged_in(simulator: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """Log in with a key, to a PBX that accepts only that key."""
    monkeypatch.setenv("VM_MCP_BASE_URL", simulator.base_url)
    monkeypatch.setenv("VM_MCP_DATA_DIR", str(tmp_path))

    def log_in(key: str, *flags: str) -> int:
        simulator.scenario.api_key = key
        type_in(monkeypatch, key)
        return main(["login", *flags])

    return log_in


LogIn = Callable[..., int]


def test_the_key_of_another_account_is_told_of_the_archives_that_it_may_not_see(
    logged_in: LogIn, ring: MemoryKeyring, simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    first = simulator.api_key
    assert logged_in(first) == 0
    assert main(["list"]) == 0
    capsys.readouterr()
    assert logged_in(first) == 0
    assert "login --account" not in capsys.readouterr().out
    simulator.scenario.messages.clear()
    assert logged_in(KEY, "--account", "atolye") == 0
    said = capsys.readouterr().out
    assert key_id(SecretStr(first)) in said
    assert "vm-mcp login --account NAME" in said
    assert ring.kept == {
        ("vm-mcp", simulator.base_url): first,
        ("vm-mcp", f"{simulator.base_url} atolye"): KEY,
    }
    assert main(["logout", "--account", "atolye"]) == 0
    assert list(ring.kept) == [("vm-mcp", simulator.base_url)]


def test_a_key_is_not_stored_under_another_accounts_name(
    logged_in: LogIn, ring: MemoryKeyring, simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    first = simulator.api_key
    assert logged_in(first, "--account", "klinik") == 0
    assert main(["list", "--account", "klinik"]) == 0
    simulator.scenario.messages.clear()
    assert logged_in(KEY, "--account", "klinik") == 1
    said = capsys.readouterr().err
    assert "The key was not stored" in said
    assert "`klinik`" in said
    assert list(ring.kept.values()) == [first]


@pytest.mark.usefixtures("ring")
def test_a_login_under_an_archives_name_takes_it_over_as_advised(
    logged_in: LogIn, simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    """The key was renewed while the PBX listed none of the archived messages."""
    first, messages = simulator.api_key, simulator.scenario.messages[:]
    assert logged_in(first) == 0
    assert main(["list"]) == 0
    simulator.scenario.messages[:] = [replace(message, uuid=f"new-{message.uuid}") for message in messages]
    assert logged_in(KEY) == 0
    assert main(["list"]) == 0
    simulator.scenario.messages[:] = messages
    name = key_id(SecretStr(first))
    assert logged_in(KEY, "--account", name) == 0
    capsys.readouterr()
    assert main(["show", messages[0].uuid, "--json"]) == 0
    assert main(["purge", "--all", "--yes"]) == 0
    assert f"Deleted {len(messages)} messages" in capsys.readouterr().out


@pytest.mark.usefixtures("ring")
def test_the_archive_of_a_lost_key_can_be_deleted_by_its_name(
    logged_in: LogIn, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VM_MCP_API_KEY", simulator.api_key)
    assert main(["list"]) == 0
    count, name = len(simulator.scenario.messages), key_id(SecretStr(simulator.api_key))
    simulator.scenario.messages.clear()
    simulator.scenario.api_key = KEY
    monkeypatch.setenv("VM_MCP_API_KEY", KEY)
    assert main(["purge", "--before", "2099-01-01", "--yes", "--account", name]) == 1, (
        "only all of it can be deleted without its key"
    )
    assert main(["export", "--account", name]) == 1
    assert f"The archive of the account `{name}` belongs to another API key" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    type_in(monkeypatch, "no")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert main(["purge", "--all", "--account", name]) == 4
    assert f"the archive of `{name}`" in capsys.readouterr().err
    assert main(["purge", "--all", "--yes", "--account", name]) == 0
    assert f"Deleted {count} messages" in capsys.readouterr().out
    assert logged_in(KEY) == 0
    assert name not in capsys.readouterr().out, "an empty archive is not listed"


@pytest.mark.usefixtures("ring")
def test_a_login_works_where_the_archive_folder_can_not_be_read(
    logged_in: LogIn, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VM_MCP_ARCHIVE_DIR", str(tmp_path / ("x" * 300)))
    assert logged_in(simulator.api_key) == 0


@pytest.mark.usefixtures("ring")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_an_archives_name_is_printed_without_what_a_terminal_obeys(
    logged_in: LogIn, simulator: Simulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert logged_in(simulator.api_key) == 0
    assert main(["list"]) == 0
    (archive,) = tmp_path.glob("archive-*.sqlite3")
    archive.rename(archive.with_name(archive.name.replace("@key", "@\udcff\x1b[31m")))
    simulator.scenario.messages.clear()
    assert logged_in(KEY) == 0
    said = capsys.readouterr().out
    assert "Other accounts' archives" in said
    assert "\x1b" not in said
    said.encode()


@pytest.mark.usefixtures("ring")
def test_an_account_without_a_key_is_told_how_to_log_in(
    logged_in: LogIn, simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert logged_in(simulator.api_key) == 0
    assert main(["list", "--account", "klinik"]) == 1
    assert "vm-mcp login --account klinik" in capsys.readouterr().err


@pytest.mark.usefixtures("ring")
def test_the_settings_file_holds_the_key_of_one_account(
    logged_in: LogIn, simulator: Simulator, settings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = simulator.api_key
    assert logged_in(first, "--file", "--account", "klinik") == 0
    before = settings_file.read_text(encoding="utf-8")
    assert logged_in(KEY, "--file", "--account", "atolye") == 1
    assert "logout --account klinik" in capsys.readouterr().err
    assert settings_file.read_text(encoding="utf-8") == before
    assert logged_in(first, "--file", "--account", "poliklinik") == 0
    assert load_settings().account == "poliklinik"


def test_login_and_logout_keep_another_accounts_key_in_the_settings_file(
    logged_in: LogIn, ring: MemoryKeyring, simulator: Simulator
) -> None:
    first = simulator.api_key
    assert logged_in(first, "--file", "--account", "klinik") == 0
    assert logged_in(KEY, "--account", "atolye") == 0
    assert list(ring.kept.values()) == [KEY]
    assert main(["logout", "--account", "atolye"]) == 0
    assert load_settings().api_key == SecretStr(first)
    assert main(["logout", "--account", "klinik"]) == 0
    assert load_settings().api_key is None
