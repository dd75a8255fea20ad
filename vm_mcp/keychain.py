"""Where the API key is kept on this computer: the operating system's keyring, or the settings file.

This is the one door to the library ``keyring``, which is optional. In the keyring a key is kept for the address that it
is meant for, so that another address set later is never sent it.
"""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from pydantic import SecretStr

from vm_mcp.errors import ConfigError

SERVICE = "vm-mcp"
VARIABLE = "VM_MCP_API_KEY"

_MISSING = (
    'Access to the keyring is not installed. Install vm-mcp again as "vm-mcp[keyring]" (README, "Use it"), or let '
    "`vm-mcp login --file` keep the key in your settings file."
)
_NONE = "This computer has no keyring that can be used. Let `vm-mcp login --file` keep the key in your settings file."
_REFUSED = "The keyring is locked, or refuses. Unlock it and try again, or set VM_MCP_API_KEY."


def read_key(base_url: str) -> SecretStr | None:
    """Read the key that is kept for an address; None when there is none, or no keyring. It may wait for the user.

    Raises:
        ConfigError: There is a keyring, but it does not let itself be read.
    """
    if not importlib.util.find_spec("keyring"):
        return None
    library, errors = _library()
    try:
        key = library.get_password(SERVICE, _account(base_url))
    except errors.NoKeyringError:
        return None
    except errors.KeyringError as error:
        raise ConfigError(_REFUSED) from error
    return SecretStr(key) if key else None


def keyring_name() -> str:
    """Return the name of the keyring that a key would go into.

    Raises:
        ConfigError: There is none; the text says what else to do.
    """
    library, _ = _library()
    keyring = library.get_keyring()
    if keyring.priority <= 0:
        raise ConfigError(_NONE)
    return str(keyring.name)


def store_key(base_url: str, key: SecretStr) -> None:
    """Keep a key for an address.

    Raises:
        ConfigError: There is no keyring, or it refuses; the text says what else to do.
    """
    library, errors = _library()
    try:
        library.set_password(SERVICE, _account(base_url), key.get_secret_value())
    except errors.NoKeyringError as error:
        raise ConfigError(_NONE) from error
    except errors.KeyringError as error:
        raise ConfigError(_REFUSED) from error


def remove_key(base_url: str) -> bool:
    """Remove the key that is kept for an address; False when there was none.

    Raises:
        ConfigError: The keyring refuses.
    """
    if read_key(base_url) is None:
        return False
    library, errors = _library()
    try:
        library.delete_password(SERVICE, _account(base_url))
    except errors.KeyringError as error:
        raise ConfigError(_REFUSED) from error
    return True


def keep_in_file(path: Path, key: SecretStr, base_url: str) -> None:
    """Write the key into the settings file, readable by the user alone, with the address that it is meant for.

    Raises:
        ConfigError: It can't be written.
    """
    from dotenv import set_key

    with _explained(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(0o600)
        set_key(path, VARIABLE, key.get_secret_value())
        set_key(path, "VM_MCP_BASE_URL", base_url)


def forget_in_file(path: Path) -> bool:
    """Take the key out of the settings file; False when it held none.

    Raises:
        ConfigError: It can't be written.
    """
    from dotenv import dotenv_values, unset_key

    with _explained(path):
        if not path.is_file() or VARIABLE not in dotenv_values(path):
            return False
        unset_key(path, VARIABLE)
        return True


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(f"{path} can't be written. Check its rights, then try again.") from error


def _library() -> tuple[ModuleType, ModuleType]:
    try:
        import keyring
        import keyring.errors
    except ImportError as error:
        raise ConfigError(_MISSING) from error
    return keyring, keyring.errors


def _account(base_url: str) -> str:
    return base_url.strip().rstrip("/").casefold()
