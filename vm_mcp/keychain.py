"""Store the API key on this computer: in the operating system's keyring, or in the settings file.

The only module that imports ``keyring``, which is optional. A key is stored for one address and account, so it is never
sent to another address that is set later, nor used under another account's name.
"""

import hashlib
import importlib.util
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import SecretStr

from vm_mcp.errors import ConfigError
from vm_mcp.os_reasons import os_reason
from vm_mcp.wording import template

SERVICE = "vm-mcp"
VARIABLE = "VM_MCP_API_KEY"
ACCOUNT_VARIABLE = "VM_MCP_ACCOUNT"

_MISSING = (
    'Keyring support is not installed. Reinstall vm-mcp as "vm-mcp[keyring]" (README, "Use it"), or run '
    "`vm-mcp login --file` to keep the key in your settings file."
)
_NONE = "This computer has no keyring that works. Run `vm-mcp login --file` to keep the key in your settings file."
_REFUSED = template("The keyring is locked or denied access. Unlock it and try again, or set {variable}.")


def key_id(key: SecretStr) -> str:
    """Return an id of a key's account, for accounts without a name: 48 bits of a digest, which don't reveal the key.

    A prefix is part of what is digested, so the id can't be matched with another program's digest of the same key.
    """
    digest = hashlib.sha256(b"vm-mcp account " + key.get_secret_value().strip().encode(errors="replace"))
    return f"key-{digest.hexdigest()[:12]}"


def read_key(base_url: str, account: str = "", variable: str = VARIABLE) -> SecretStr | None:
    """Return the key stored for an address; None if there is none, or no keyring. May wait for the user to unlock it.

    Args:
        base_url: The address.
        account: Whose key, or password, it is.
        variable: The setting that could hold it instead, which the error names.

    Raises:
        ConfigError: The keyring can't be read.
    """
    if not importlib.util.find_spec("keyring"):
        return None
    library, errors = _library()
    try:
        key = library.get_password(SERVICE, _entry(base_url, account))
    except _absent(errors):
        return None
    except errors.KeyringError as error:
        raise ConfigError(_REFUSED, variable=variable) from error
    return SecretStr(key) if key else None


def keyring_name() -> str:
    """Return the name of the keyring that a key would be stored in.

    Raises:
        ConfigError: There is none; the text says what to do instead.
    """
    library, _ = _library()
    keyring = library.get_keyring()
    if keyring.priority <= 0:
        raise ConfigError(_NONE)
    return str(keyring.name)


def store_key(base_url: str, key: SecretStr, account: str = "", variable: str = VARIABLE) -> None:
    """Store a key for an address; see `read_key`.

    Raises:
        ConfigError: There is no keyring, or it denied access; the text says what to do instead.
    """
    library, errors = _library()
    try:
        library.set_password(SERVICE, _entry(base_url, account), key.get_secret_value())
    except _absent(errors) as error:
        raise ConfigError(_NONE) from error
    except errors.KeyringError as error:
        raise ConfigError(_REFUSED, variable=variable) from error


def remove_key(base_url: str, account: str = "", variable: str = VARIABLE) -> bool:
    """Remove the key stored for an address; return False when there was none. See `read_key`.

    Raises:
        ConfigError: The keyring denied access.
    """
    if read_key(base_url, account, variable) is None:
        return False
    library, errors = _library()
    try:
        library.delete_password(SERVICE, _entry(base_url, account))
    except errors.KeyringError as error:
        raise ConfigError(_REFUSED, variable=variable) from error
    return True


def keep_in_file(path: Path, key: SecretStr, base_url: str, account: str = "") -> None:
    """Write the key, its address and its account into the settings file, and make that readable by its owner only.

    Raises:
        ConfigError: It can't be written.
    """
    from dotenv import dotenv_values

    set_in_file(path, {VARIABLE: key.get_secret_value(), "VM_MCP_BASE_URL": base_url})
    with _as_config_error(path):
        if account or ACCOUNT_VARIABLE in dotenv_values(path):
            set_in_file(path, {ACCOUNT_VARIABLE: account})


def set_in_file(path: Path, values: Mapping[str, str]) -> None:
    """Write variables into the settings file, and make that readable by its owner only.

    Raises:
        ConfigError: It can't be written.
    """
    from dotenv import set_key

    with _as_config_error(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(0o600)
        for name, value in values.items():
            set_key(path, name, value)


def is_meant_for(file: Mapping[str, Any], account: str, base_url: str | None = None) -> bool:
    """Return whether the key in the settings file is for an account, and for an address if the file names one.

    Args:
        file: The file's settings, by field name.
        account: The account; empty: one without a name.
        base_url: The address; None: any.
    """
    addresses = {_address(address) for address in (file.get("base_url"), base_url) if address}
    return account_name(file.get("account") or "") == account_name(account) and len(addresses) <= 1


def ignored_in_file(file: Mapping[str, Any], others: Mapping[str, Any]) -> set[str]:
    """Return the names of settings in the settings file that are meant for another account than the one in use.

    The file's key and account belong together. If other sources name another account, the file's key would list its own
    account's messages under that name. If they give another key, the file's account is not that key's.

    Args:
        file: The file's settings, by field name.
        others: Those of sources that take precedence.
    """
    if "api_key" not in file:
        return set()
    if others.get("api_key"):
        is_same = _plain(others["api_key"]) == _plain(file["api_key"])
        return set() if is_same or "account" in others else {"account"}
    account = others["account"] if "account" in others else file.get("account")
    return set() if is_meant_for(file, account or "", others.get("base_url")) else {"api_key"}


def account_name(text: str) -> str:
    """Return an account's name in the form in which names are compared."""
    return text.strip().casefold()


def forget_in_file(path: Path, variable: str = VARIABLE) -> bool:
    """Remove the key, or another secret, from the settings file; return False when there was none.

    Raises:
        ConfigError: It can't be written.
    """
    from dotenv import dotenv_values, unset_key

    with _as_config_error(path):
        if not path.is_file() or variable not in dotenv_values(path):
            return False
        unset_key(path, variable)
        return True


@contextmanager
def _as_config_error(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(
            "{path} can't be written ({reason}). Make room or correct its permissions, then try again.",
            path=path,
            reason=os_reason(error),
        ) from error


def _library() -> tuple[ModuleType, ModuleType]:
    try:
        import keyring
        import keyring.errors
    except ImportError as error:
        raise ConfigError(_MISSING) from error
    return keyring, keyring.errors


def _absent(errors: ModuleType) -> tuple[type[Exception], ...]:
    """Return the errors of a computer without a keyring.

    On Linux, where a user has none yet, even reading asks to create one; the second is raised where nobody answers.
    """
    return errors.NoKeyringError, errors.InitError


def _entry(base_url: str, account: str) -> str:
    """Return the user name of a keyring entry. Without an account it is as in releases that had no accounts."""
    return f"{_address(base_url)} {account}".rstrip()


def _address(base_url: str) -> str:
    return base_url.strip().rstrip("/").casefold()


def _plain(key: str | SecretStr) -> str:
    return (key.get_secret_value() if isinstance(key, SecretStr) else key).strip()
