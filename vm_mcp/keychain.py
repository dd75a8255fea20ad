"""Where the API key is kept on this computer: the operating system's keyring, or the settings file.

The one door to the library ``keyring``, which is optional. In the keyring a key is kept for the address and account it
is meant for, so that another address set later is never sent it.
"""

import hashlib
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from pydantic import SecretStr

from vm_mcp.errors import ConfigError

SERVICE = "vm-mcp"
VARIABLE = "VM_MCP_API_KEY"
ACCOUNT_VARIABLE = "VM_MCP_ACCOUNT"

_MISSING = (
    'Access to the keyring is not installed. Install vm-mcp again as "vm-mcp[keyring]" (README, "Use it"), or let '
    "`vm-mcp login --file` keep the key in your settings file."
)
_NONE = "This computer has no keyring that can be used. Let `vm-mcp login --file` keep the key in your settings file."
_REFUSED = "The keyring is locked, or refuses. Unlock it and try again, or set VM_MCP_API_KEY."


def key_id(key: SecretStr) -> str:
    """Return what names a key's account where nobody has named it: 48 bits of a digest, from which no key follows.

    The digest is of more than the key, so that it is no other program's digest of the same key.
    """
    digest = hashlib.sha256(b"vm-mcp account " + key.get_secret_value().strip().encode(errors="replace"))
    return f"key-{digest.hexdigest()[:12]}"


def read_key(base_url: str, account: str = "") -> SecretStr | None:
    """Read the key that is kept for an address; None when there is none, or no keyring. It may wait for the user.

    Raises:
        ConfigError: There is a keyring, but it does not let itself be read.
    """
    if not importlib.util.find_spec("keyring"):
        return None
    library, errors = _library()
    try:
        key = library.get_password(SERVICE, _entry(base_url, account))
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


def store_key(base_url: str, key: SecretStr, account: str = "") -> None:
    """Keep a key for an address.

    Raises:
        ConfigError: There is no keyring, or it refuses; the text says what else to do.
    """
    library, errors = _library()
    try:
        library.set_password(SERVICE, _entry(base_url, account), key.get_secret_value())
    except errors.NoKeyringError as error:
        raise ConfigError(_NONE) from error
    except errors.KeyringError as error:
        raise ConfigError(_REFUSED) from error


def remove_key(base_url: str, account: str = "") -> bool:
    """Remove the key that is kept for an address; False when there was none.

    Raises:
        ConfigError: The keyring refuses.
    """
    if read_key(base_url, account) is None:
        return False
    library, errors = _library()
    try:
        library.delete_password(SERVICE, _entry(base_url, account))
    except errors.KeyringError as error:
        raise ConfigError(_REFUSED) from error
    return True


def keep_in_file(path: Path, key: SecretStr, base_url: str, account: str = "") -> None:
    """Write the key into the settings file, readable by the user alone, with the address and account it is meant for.

    Raises:
        ConfigError: It can't be written.
    """
    from dotenv import dotenv_values, set_key

    with _explained(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(0o600)
        set_key(path, VARIABLE, key.get_secret_value())
        set_key(path, "VM_MCP_BASE_URL", base_url)
        if account or ACCOUNT_VARIABLE in dotenv_values(path):
            set_key(path, ACCOUNT_VARIABLE, account)


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


def _entry(base_url: str, account: str) -> str:
    """Name the keyring's entry; that of an account without a name is as releases before accounts wrote it."""
    return f"{base_url.strip().rstrip('/').casefold()} {account}".rstrip()
