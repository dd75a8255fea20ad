"""The accounts of a team, as its TOML file names them."""

import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from vm_mcp.argument_errors import wanted
from vm_mcp.config.settings import AccountSettings, Settings
from vm_mcp.errors import ConfigError
from vm_mcp.keychain import read_key
from vm_mcp.operating_system import this_system
from vm_mcp.text import clean_text
from vm_mcp.wording import joined, words

_READABLE_BY_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class AccessRule(BaseModel):
    """Which people see which mailboxes of an account."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    claim: Annotated[str, Field(min_length=1)]
    """A claim of a person's token, such as ``groups``; of nested ones the path, such as ``realm_access.roles``."""
    value: Annotated[str, Field(min_length=1)]
    """What it must be, or hold where it is a list."""
    extensions: tuple[str, ...] | None = None
    """The mailboxes that they see; None: all."""


class AccountEntry(BaseModel):
    """One account of a team."""

    model_config = ConfigDict(frozen=True)

    settings: Settings
    """The account's settings, with those of the process; with its key."""
    transcribe: Literal["never", "new"] = "never"
    """``new``: every new message is opened and transcribed at once, which marks it as read for everybody."""
    poll_seconds: Annotated[int, Field(ge=10, le=86_400)] = 60
    """How often the PBX is asked for new messages."""
    access: tuple[AccessRule, ...] = ()
    """Who sees what; nobody where no rule matches."""

    @property
    def name(self) -> str:
        """Its name."""
        return self.settings.account

    @property
    def opens_new(self) -> bool:
        """Whether new messages are opened although nobody asks for them."""
        return self.transcribe == "new" and not self.settings.read_only


class _Table(AccountSettings):
    """An account's table in the file: its settings by their own names, where its key is, and what is done for it."""

    model_config = ConfigDict(extra="forbid")

    key_env: str = ""
    key_file: Path | None = None
    keyring: bool = False
    transcribe: Literal["never", "new"] = "never"
    poll_seconds: Annotated[int, Field(ge=10, le=86_400)] = 60
    access: tuple[AccessRule, ...] = ()

    @model_validator(mode="after")
    def _check_key_sources(self) -> Self:
        if [bool(self.key_env), self.key_file is not None, self.keyring].count(True) != 1:
            raise ValueError("give one of key_env, key_file and keyring")
        return self


def load_accounts(path: Path, settings: Settings) -> dict[str, AccountEntry]:
    """Read the accounts file, and each account's key from where the file says.

    Args:
        path: The file.
        settings: Those of the process, which an account's own go before.

    Returns:
        The accounts by name, in the file's order.

    Raises:
        ConfigError: The file or a key can't be read, or an entry is unusable. No value is shown.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("The accounts file {path} can't be read. Check VM_MCP_ACCOUNTS.", path=path) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            "The accounts file {path} is no TOML: {where}. Correct it.", path=path, where=_place(error)
        ) from None
    accounts = tables.pop("accounts", {})
    if tables or not isinstance(accounts, dict) or not all(isinstance(each, dict) for each in accounts.values()):
        raise ConfigError(
            "The accounts file {path} must hold tables such as [accounts.klinik], and nothing else.", path=path
        )
    entries = [_entry(str(name), table, settings) for name, table in accounts.items()]
    if not entries:
        raise ConfigError(
            "The accounts file {path} names no account. Add a table such as [accounts.klinik].", path=path
        )
    by_name = {entry.name: entry for entry in entries}
    if len(by_name) < len(entries):
        raise ConfigError(
            "The accounts file {path} names an account twice; case does not matter. Rename one.", path=path
        )
    _check_keys_differ(entries)
    return by_name


def _check_keys_differ(entries: list[AccountEntry]) -> None:
    """Refuse two accounts with one key: each one's people would see the callers of the other's business."""
    owners: dict[tuple[str, str], str] = {}
    for entry in entries:
        key = entry.settings.api_key.get_secret_value() if entry.settings.api_key else ""
        owner = owners.setdefault((entry.settings.base_url, key), entry.name)
        if owner != entry.name:
            raise ConfigError(
                "The accounts `{owner}` and `{name}` have the same key, so that the people of one would see the "
                "messages of the other. Give each its own key, or make them one account.",
                owner=owner,
                name=entry.name,
            )


def _place(error: tomllib.TOMLDecodeError) -> str:
    """Return where the file is wrong; the library's own words may quote what stands there."""
    found = re.search(r"\(at [a-z0-9, ]+\)$", str(error))
    return found[0].strip("()") if found else words("it can't be parsed")


def _entry(name: str, table: dict[str, Any], settings: Settings) -> AccountEntry:
    if forbidden := sorted(table.keys() & {"account", "api_key"}):
        raise ConfigError(
            "The account `{account}` must not set {setting}: its name is the table's, and its key stays out of this "
            "file, see key_env and key_file.",
            account=clean_text(name),
            setting=forbidden[0],
        )
    try:
        read = _Table.model_validate({**table, "account": name})
    except ValidationError as error:
        problems = joined(
            "; ",
            (
                joined("", (_path(item["loc"]), ": ", wanted(item)))
                for item in error.errors(include_input=False, include_url=False)
            ),
        )
        raise ConfigError(
            "The account `{account}` is unusable: {problems}. Correct the accounts file.",
            account=clean_text(name),
            problems=problems,
        ) from None
    own = {field: getattr(read, field) for field in read.model_fields_set & AccountSettings.model_fields.keys()}
    merged = settings.model_copy(update={**own, "account": read.account})
    key = _key(read, merged.base_url)
    return AccountEntry(
        settings=merged.model_copy(update={"api_key": key}),
        transcribe=read.transcribe,
        poll_seconds=read.poll_seconds,
        access=read.access,
    )


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part)[:40] for part in location) or words("its keys")


def _key(table: _Table, base_url: str) -> SecretStr:
    """Return an account's key.

    Raises:
        ConfigError: It isn't where the table says, or others may read it there.
    """
    if table.key_env:
        key = os.environ.get(table.key_env, "")
        place = words("the variable {name}", name=table.key_env)
    elif table.key_file:
        key, place = _read_key_file(table.key_file, table.account), words("the file {path}", path=table.key_file)
    else:
        stored = read_key(base_url, table.account)
        key, place = stored.get_secret_value() if stored else "", words("the keyring")
    if not key.strip():
        raise ConfigError(
            "The key of the account `{account}` is not in {place}. Put it there.", account=table.account, place=place
        )
    return SecretStr(key.strip())


def _read_key_file(path: Path, account: str) -> str:
    try:
        mode = path.stat().st_mode
        if this_system().keeps_modes and mode & _READABLE_BY_OTHERS:
            raise ConfigError(
                "Others may read the key of the account `{account}` in {path}. Run `chmod 600` on it.",
                account=account,
                path=path,
            )
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            "The key of the account `{account}` can't be read from {path}. Correct key_file.",
            account=account,
            path=path,
        ) from error
