"""The accounts of a team: where their keys are, what they may set, and who may see what."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vm_mcp.config import load_settings
from vm_mcp.config.accounts import AccountEntry, load_accounts
from vm_mcp.errors import ConfigError

Load = Callable[..., dict[str, AccountEntry]]

KEY = "K-secret-of-the-clinic"


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.setenv("KLINIK_KEY", KEY)
    monkeypatch.setenv("OTEL_KEY", "K-secret-of-the-hotel")

    def read(text: str, **settings: object) -> dict[str, AccountEntry]:
        path = tmp_path / "accounts.toml"
        path.write_text(text, encoding="utf-8")
        return load_accounts(path, load_settings({"data_dir": tmp_path, **settings}))

    return read


def test_an_account_has_its_own_settings_before_those_of_the_process(load: Load) -> None:
    accounts = load(
        """
        [accounts.klinik]
        key_env = "KLINIK_KEY"
        timezone = "Europe/Berlin"
        transcribe = "new"
        poll_seconds = 30
        [accounts.Otel]
        key_env = "OTEL_KEY"
        """,
        model="base",
        retention_days=90,
    )
    assert [*accounts] == ["klinik", "otel"]
    klinik, otel = accounts.values()
    assert (klinik.settings.timezone, otel.settings.timezone) == ("Europe/Berlin", "Europe/Istanbul")
    assert (klinik.transcribe, klinik.poll_seconds, otel.transcribe, otel.poll_seconds) == ("new", 30, "never", 60)
    assert {entry.settings.model for entry in accounts.values()} == {"base"}
    assert otel.settings.retention_days == 90
    assert klinik.settings.api_key is not None
    assert klinik.settings.api_key.get_secret_value() == KEY
    assert klinik.settings.account_id == "klinik"


def test_who_sees_which_mailboxes_is_a_rule_on_a_claim(load: Load) -> None:
    (account,) = load(
        """
        [accounts.klinik]
        key_env = "KLINIK_KEY"
        [[accounts.klinik.access]]
        claim = "groups"
        value = "reception"
        extensions = ["101", "102"]
        [[accounts.klinik.access]]
        claim = "email"
        value = "bas.hekim@example.com"
        """
    ).values()
    assert [(rule.claim, rule.value, rule.extensions) for rule in account.access] == [
        ("groups", "reception", ("101", "102")),
        ("email", "bas.hekim@example.com", None),
    ]


def test_a_key_file_that_others_may_read_is_refused(load: Load, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    text = f'[accounts.klinik]\nkey_file = "{file}"'
    file.chmod(0o640)
    with pytest.raises(ConfigError, match="Others may read"):
        load(text)
    file.chmod(0o600)
    assert load(text)["klinik"].settings.api_key.get_secret_value() == KEY  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no account"),
        ("[accounts]", "names no account"),
        ("accounts = 3", "must hold tables"),
        ("[accounts.a]\nkey_env = 'KLINIK_KEY'\n[other]", "must hold tables"),
        ("[accounts.a]\nkey_env = \nkeyring = true", "at line 2"),
        ("[accounts.a]", "one of key_env, key_file and keyring"),
        ("[accounts.a]\nkey_env = 'KLINIK_KEY'\nkeyring = true", "one of key_env, key_file and keyring"),
        ("[accounts.a]\nkey_env = 'NOT_THERE'", "not in the variable NOT_THERE"),
        ("[accounts.a]\nkey_file = '/not/there'", "can't be read from /not/there"),
        (f"[accounts.a]\napi_key = '{KEY}'", "must not set api_key"),
        ("[accounts.a]\nkey_env = 'KLINIK_KEY'\ntranscribe = 'all'", "transcribe: give"),
        ("[accounts.a]\nkey_env = 'KLINIK_KEY'\npoll_seconds = 1", "poll_seconds: give 10 or more"),
        ("[accounts.a]\nkey_env = 'KLINIK_KEY'\nengine = 'none'", "engine: there is no such"),
        ("[accounts.a]\nkey_env = 'KLINIK_KEY'\ntimezone = 'Mars'", "timezone: give an IANA name"),
        ("[accounts.'../a']\nkey_env = 'KLINIK_KEY'", "account: give up to 40 letters"),
        ("[accounts.a]\nkey_env = 'KLINIK_KEY'\n[accounts.A]\nkey_env = 'KLINIK_KEY'", "an account twice"),
        ("[accounts.a]\nkey_env = 'KLINIK_KEY'\n[accounts.b]\nkey_env = 'KLINIK_KEY'", "`a` and `b` have the same key"),
        ("[accounts.a]\nkey_env = 'KLINIK_KEY'\n[[accounts.a.access]]\nclaim = 'groups'", "access.0.value"),
    ],
)
def test_an_unusable_file_says_what_is_wrong_and_shows_no_value(load: Load, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(text)
    assert said in str(caught.value)
    assert KEY not in str(caught.value)
