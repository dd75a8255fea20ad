"""Where each setting comes from, and where the API key is stored."""

from collections.abc import Mapping
from typing import Any

from vm_mcp.config import Settings, in_environment, in_file
from vm_mcp.keychain import account_name, ignored_in_file, is_meant_for, read_key
from vm_mcp.wording import template


def setting_sources(flags: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Return where each setting that is not at its default comes from, such as ``settings file``."""
    file, environment = in_file(), in_environment()
    ignored = ignored_in_file(file, {**environment, **(flags or {})})
    places = {
        template("settings file"): file.keys() - ignored,
        template("environment"): environment.keys(),
        template("command line"): (flags or {}).keys(),
    }
    return {name: place for place, names in places.items() for name in names if name in Settings.model_fields}


def is_key_stored(settings: Settings) -> bool:
    """Return whether the key is in the settings file or the keyring, where every vm-mcp of this user finds it.

    Raises:
        ConfigError: The keyring can't be read.
    """
    return is_key_in_file(settings) or read_key(settings.base_url, settings.account) is not None


def is_key_in_file(settings: Settings) -> bool:
    """Return whether the settings file holds the key of this account."""
    file = in_file()
    return "api_key" in file and is_meant_for(file, settings.account, settings.base_url)


def other_account_in_file(settings: Settings) -> str | None:
    """Return the account whose key is in the settings file, unless it is this account or key; empty: one unnamed."""
    file, key = in_file(), settings.api_key
    is_ours = is_meant_for(file, settings.account) or (key and key.get_secret_value() == file.get("api_key"))
    return None if "api_key" not in file or is_ours else account_name(file.get("account") or "")
