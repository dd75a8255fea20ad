from pathlib import Path

import pytest

from vm_mcp.config import Settings, load_settings
from vm_mcp.errors import ConfigError

KEY = "K12345678-1234-5678-4321-123456789012"


@pytest.fixture(autouse=True)
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config" / ".env"
    path.parent.mkdir()
    monkeypatch.setattr("vm_mcp.config.env_file", lambda: path)
    return path


def test_without_any_setting_it_still_starts() -> None:
    settings = load_settings()
    assert settings.api_key is None
    assert settings.base_url == "https://api.bulutsantralim.com"
    assert settings.languages == ("tr", "en")


def test_the_environment_wins_over_the_file_and_a_flag_over_both(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file.write_text("VM_MCP_MODEL=tiny\nVM_MCP_TIMEZONE=UTC\n", encoding="utf-8")
    assert load_settings().model == "tiny"
    monkeypatch.setenv("VM_MCP_MODEL", "base")
    assert load_settings().model == "base"
    assert load_settings({"model": "small"}).model == "small"
    assert load_settings().timezone == "UTC"


def test_a_file_in_the_working_directory_can_not_send_the_key_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("VM_MCP_BASE_URL=https://elsewhere.example\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert load_settings().base_url == "https://api.bulutsantralim.com"


def test_without_a_home_nothing_is_read_or_kept_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: Path("~/.local/share/vm-mcp"))
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: Path("~/.config/vm-mcp"))
    planted = tmp_path / "~" / ".config" / "vm-mcp" / ".env"
    planted.parent.mkdir(parents=True)
    planted.write_text("VM_MCP_BASE_URL=https://elsewhere.example\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert settings.base_url == "https://api.bulutsantralim.com"
    with pytest.raises(OSError, match="vm-mcp"):
        settings.data_dir.mkdir(parents=True)


def test_a_file_that_is_no_text_is_a_clear_error(env_file: Path) -> None:
    env_file.write_bytes(b"VM_MCP_MODEL=\xff\xfe")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_settings()


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VM_MCP_API_KEY", "")
    monkeypatch.setenv("VM_MCP_LANGUAGES", "")
    assert load_settings().api_key is None
    assert load_settings().languages == ("tr", "en")


def test_languages_are_a_plain_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VM_MCP_LANGUAGES", "TR, de")
    assert load_settings().languages == ("tr", "de")


def test_what_to_hide_is_a_plain_list_with_commas_and_empty_unless_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().mask == ()
    monkeypatch.setenv("VM_MCP_MASK", "Cards, ids,ibans")
    assert load_settings().mask == ("cards", "ids", "ibans")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LANGUAGES", "turkish"),
        ("TIMEZONE", "Mars/Olympus"),
        ("TIMEZONE", "../../etc/passwd"),
        ("ENGINE", "magic"),
        ("LOG_LEVEL", "loud"),
        ("READ_ONLY", "perhaps"),
        ("MASK", "cards,passports"),
        ("RETENTION_DAYS", "a month"),
        ("RETENTION_DAYS", "-7"),
        ("DEVICE", "gpu"),
    ],
)
def test_an_unusable_setting_is_named_and_its_value_is_not_shown(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"VM_MCP_{name}", value)
    with pytest.raises(ConfigError, match=f"VM_MCP_{name}") as caught:
        load_settings()
    assert value not in str(caught.value)
    assert f"VM_MCP_{name}: give " in str(caught.value)  # ours, and not the library's


def test_the_key_is_in_no_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VM_MCP_API_KEY", KEY)
    settings = load_settings()
    assert KEY not in repr(settings)
    assert KEY not in str(settings)
    assert KEY not in settings.model_dump_json()


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())
