from pathlib import Path

import pytest

from vm_mcp.cli.setting_sources import is_key_stored, setting_sources
from vm_mcp.config import Settings, load_settings
from vm_mcp.errors import ConfigError

KEY = "K12345678-1234-5678-4321-123456789012"


@pytest.fixture(autouse=True)
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config" / ".env"
    path.parent.mkdir()
    monkeypatch.setattr("vm_mcp.config.reading.env_file", lambda: path)
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


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_placeholder_of_a_question_that_a_host_left_unanswered_is_as_good_as_none(
    name: str, env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    default = getattr(load_settings(), name)
    monkeypatch.setenv(f"VM_MCP_{name.upper()}", f"${{user_config.{name}}}")
    assert getattr(load_settings(), name) == default
    assert name not in setting_sources()
    env_file.write_text("VM_MCP_MODEL=tiny\n", encoding="utf-8")
    assert load_settings().model == "tiny"


def test_a_value_with_a_dollar_in_it_is_no_placeholder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VM_MCP_REMOTE_API_KEY", "a${user_config.x}")
    key = load_settings().remote_api_key
    assert key
    assert key.get_secret_value() == "a${user_config.x}"


def test_languages_are_a_plain_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VM_MCP_LANGUAGES", "TR, de")
    assert load_settings().languages == ("tr", "de")


@pytest.mark.parametrize("languages", ["Turkish,English", "tr-TR, en_US", "türkçe,İngilizce", "tr,tur,en"])
def test_languages_may_be_named_in_the_usual_ways(monkeypatch: pytest.MonkeyPatch, languages: str) -> None:
    monkeypatch.setenv("VM_MCP_LANGUAGES", languages)
    assert load_settings().languages == ("tr", "en")


@pytest.mark.parametrize("languages", ["tr;en", "klingon", ",", "tr,"])
def test_languages_that_can_not_be_read_are_refused(monkeypatch: pytest.MonkeyPatch, languages: str) -> None:
    monkeypatch.setenv("VM_MCP_LANGUAGES", languages)
    with pytest.raises(ConfigError, match="such as tr,en"):
        load_settings()


def test_what_to_hide_is_a_plain_list_with_commas_and_empty_unless_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().mask == ()
    monkeypatch.setenv("VM_MCP_MASK", "Cards, ids,ibans")
    assert load_settings().mask == ("cards", "ids", "ibans")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LANGUAGES", "klingon"),
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


def store_in(env_file: Path, account: str = "", **more: str) -> None:
    """Write what `vm-mcp login --file` writes for an account."""
    values = {"api_key": KEY, **({"account": account} if account else {}), **more}
    lines = (f"VM_MCP_{name.upper()}='{value}'\n" for name, value in values.items())
    env_file.write_text("".join(lines), encoding="utf-8")


@pytest.mark.parametrize(("in_file", "asked"), [("klinik", "atolye"), ("", "atolye"), ("klinik", "")])
def test_a_key_in_the_settings_file_is_not_used_for_another_account(
    env_file: Path, monkeypatch: pytest.MonkeyPatch, in_file: str, asked: str
) -> None:
    store_in(env_file, in_file)
    settings = load_settings({"account": asked})
    assert settings.api_key is None
    assert settings.account == asked
    assert not is_key_stored(settings)
    assert "api_key" not in setting_sources({"account": asked})
    if asked:
        monkeypatch.setenv("VM_MCP_ACCOUNT", asked)
        assert load_settings().api_key is None


@pytest.mark.parametrize("account", ["klinik", " Klinik "])
def test_a_key_in_the_settings_file_is_used_for_the_account_beside_it(
    env_file: Path, monkeypatch: pytest.MonkeyPatch, account: str
) -> None:
    store_in(env_file, "klinik")
    assert load_settings().account == "klinik"
    monkeypatch.setenv("VM_MCP_ACCOUNT", account)
    settings = load_settings()
    assert settings.api_key
    assert settings.api_key.get_secret_value() == KEY
    assert is_key_stored(settings)


def test_an_account_in_the_settings_file_is_not_used_with_a_key_from_elsewhere(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_in(env_file, "klinik")
    monkeypatch.setenv("VM_MCP_API_KEY", KEY.replace("1", "2"))
    assert load_settings().account == ""
    assert "account" not in setting_sources()
    assert load_settings({"account": "atolye"}).account == "atolye"
    monkeypatch.setenv("VM_MCP_API_KEY", KEY)
    assert load_settings().account == "klinik"
    monkeypatch.setenv("VM_MCP_API_KEY", KEY.replace("1", "2"))
    env_file.write_text("VM_MCP_ACCOUNT=klinik\n", encoding="utf-8")
    assert load_settings().account == "klinik", "without a key beside it, it is for any key"


def test_a_key_in_the_settings_file_is_sent_only_to_the_address_beside_it(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_in(env_file, base_url="https://api.bulutsantralim.com")
    assert load_settings({"base_url": "https://API.bulutsantralim.com/"}).api_key
    monkeypatch.setenv("VM_MCP_BASE_URL", "http://127.0.0.1:8008")
    assert load_settings().api_key is None


@pytest.mark.parametrize("blank", [" ", "\t\n"])
def test_a_blank_key_counts_as_none(monkeypatch: pytest.MonkeyPatch, blank: str) -> None:
    monkeypatch.setenv("VM_MCP_API_KEY", blank)
    settings = load_settings()
    assert settings.api_key is None
    assert settings.account_id == ""


@pytest.mark.parametrize(
    ("given", "kept"),
    [("Klinik", "klinik"), (" klinik\n", "klinik"), ("a.b_c-1", "a.b_c-1"), ("key-0123456789ab", "key-0123456789ab")],
)
def test_account_names_ignore_case(given: str, kept: str) -> None:
    assert load_settings({"account": given}).account == kept


@pytest.mark.parametrize(
    "given",
    [
        "Kliniğim",
        "İstanbul",
        "a b",
        "../x",
        ".",
        "..",
        "-x",
        "a@b",
        "a/b",
        "a\\b",
        "a\x00",
        "x" * 41,
        "${user_config.account}",
    ],
)
def test_an_account_name_that_is_unsafe_in_a_file_name_is_refused_and_not_shown(given: str) -> None:
    with pytest.raises(ConfigError, match=r"VM_MCP_ACCOUNT: .* such as klinik") as raised:
        load_settings({"account": given})
    assert given not in str(raised.value) or len(given) < 3
