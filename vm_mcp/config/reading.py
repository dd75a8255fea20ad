"""Read the settings: flags, the environment's ``VM_MCP_`` variables, the settings file, the keyring."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import DotEnvSettingsSource

from vm_mcp.config.setting_errors import unusable_settings
from vm_mcp.config.settings import Settings, at_home
from vm_mcp.config.variables import FilledVariables
from vm_mcp.errors import ConfigError
from vm_mcp.keychain import ignored_in_file, read_key


def env_file() -> Path:
    """Return the user's settings file, such as ``~/.config/vm-mcp/.env``, whether or not it exists."""
    from platformdirs import user_config_path

    return at_home(user_config_path("vm-mcp", appauthor=False)) / ".env"


def with_stored_key(settings: Settings) -> Settings:
    """Return the settings with the key from the keyring, if they hold none. It may wait for the user to unlock it.

    Raises:
        ConfigError: The keyring can't be read.
    """
    if settings.api_key:
        return settings
    return settings.model_copy(update={"api_key": read_key(settings.base_url, settings.account)})


def unknown_variables() -> list[str]:
    """Return the ``VM_MCP_`` variables, in the environment or the settings file, that are not settings."""
    from dotenv import dotenv_values

    from vm_mcp.config.mail_settings import MailSettings
    from vm_mcp.config.team_settings import TeamSettings

    of_mail = (f"smtp_{name}" for name in MailSettings.model_fields)
    known = {f"VM_MCP_{name.upper()}" for name in (*Settings.model_fields, *TeamSettings.model_fields, *of_mail)}
    names = {*os.environ, *dotenv_values(env_file(), encoding="utf-8")}
    return sorted(name for name in names if name.upper().startswith("VM_MCP_") and name.upper() not in known)


def load_settings(flags: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings: first ``flags`` (by field name), then the environment, then the settings file.

    Raises:
        ConfigError: One or more are unusable. The text names each and says what is accepted, never the value given.
    """
    with reading_settings("VM_MCP_"):
        settings = Settings(_env_file=env_file(), **(flags or {}))
        ignored = ignored_in_file(in_file(), {**in_environment(), **(flags or {})})
        return settings.model_copy(update={name: Settings.model_fields[name].default for name in ignored})


@contextmanager
def reading_settings(prefix: str) -> Iterator[None]:
    """Raise `ConfigError` where the block finds the settings file unreadable, or settings of a prefix unusable."""
    try:
        yield
    except (UnicodeDecodeError, OSError) as error:
        raise ConfigError("{path} can't be read. Save it as UTF-8 text, or remove it.", path=env_file()) from error
    except ValidationError as error:
        raise unusable_settings(error, prefix) from None


def in_file() -> dict[str, Any]:
    """Return what the settings file sets, by field name, as it is written there."""
    return DotEnvSettingsSource(Settings, env_file=env_file(), env_file_encoding="utf-8", env_ignore_empty=True)()


def in_environment() -> dict[str, Any]:
    """Return what the environment sets, by field name, as it is written there."""
    return FilledVariables(Settings, env_ignore_empty=True)()
