"""The settings, and where each comes from."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import SecretStr

from vm_mcp.cli.doctor.checks import Check, noted, passed
from vm_mcp.cli.setting_sources import setting_sources
from vm_mcp.config import Settings, env_file, unknown_variables, with_stored_key
from vm_mcp.errors import ConfigError
from vm_mcp.wording import joined, template, words

SHOWN_OF_A_KEY = 4


def check_settings(settings: Settings, flags: Mapping[str, Any]) -> Iterator[Check]:
    """Show which settings are set and where, and which names are misspelled."""
    sources = setting_sources(flags)
    if not settings.api_key and (settings := _with_stored_key(settings)).api_key:
        sources = {"api_key": template("keyring"), **sources}
    shown = [
        words("{name} {value} ({place})", name=name, value=shown_value(getattr(settings, name)), place=words(place))
        for name, place in sources.items()
    ]
    rest = (
        words("all others at their defaults")
        if shown
        else words("all at their defaults; {path} can hold them", path=env_file())
    )
    yield passed("Settings", joined("; ", [*shown, rest]))
    if sources.get("api_key") == "environment":
        advice = words("If hosts need it: vm-mcp login. A host that passes the key itself needs nothing.")
        yield noted("Settings", "the API key is in this program's environment; hosts have their own", advice)
    for name in unknown_variables():
        yield noted("Settings", words("{name} is set, but is not a setting", name=name), _spelled(name))


def _spelled(name: str) -> str:
    known = [f"VM_MCP_{field.upper()}" for field in Settings.model_fields]
    close = get_close_matches(name.upper(), known, n=1)
    return words("Did you mean {name}?", name=close[0]) if close else words("Correct its name, or remove it.")


def _with_stored_key(settings: Settings) -> Settings:
    try:
        return with_stored_key(settings)
    except ConfigError:
        return settings  # the check of the PBX reports it


def shown_value(value: object) -> str:
    """Return a value as its owner may see it: of a key only the last four characters, of an address no password."""
    if isinstance(value, SecretStr):
        secret = value.get_secret_value().strip()
        return f"…{secret[-SHOWN_OF_A_KEY:]}" if len(secret) > 2 * SHOWN_OF_A_KEY else "…"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    text = str(value)
    scheme, separator, address = text.partition("://")
    return f"{scheme}{separator}…@{address.rpartition('@')[2]}" if separator and "@" in address else text
