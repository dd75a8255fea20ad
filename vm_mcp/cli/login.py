"""``vm-mcp login`` and ``logout``: put the API key into the keyring, and take it out."""

import asyncio
import getpass
import re
import sys
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from vm_mcp.cli.doctor.check_pbx import list_last_day
from vm_mcp.cli.doctor.check_storage import check_account_archive
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.cli.logs import configure_logging
from vm_mcp.config import Settings, env_file, load_settings, setting_sources
from vm_mcp.errors import InputError
from vm_mcp.keychain import forget_in_file, keep_in_file, keyring_name, remove_key, store_key
from vm_mcp.pbx import PbxClient
from vm_mcp.pbx.vendor import KEY_FORM, KEY_MENU


def run_login(flags: Mapping[str, Any], *, to_file: bool = False, is_checked: bool = True) -> int:
    """Ask for the key, try it with one list, which marks nothing as read, and store it.

    Args:
        flags: Settings from the command line.
        to_file: Store it in the settings file, readable only by the user, in place of the keyring.
        is_checked: False: don't ask the PBX.

    Returns:
        The exit status.

    Raises:
        VmError: It is not a key, the PBX refuses it or can't be reached, or it can't be stored; nothing was stored.
    """
    settings = load_settings(flags)
    configure_logging(settings)
    place = str(env_file()) if to_file else keyring_name()  # fails before the user looks for the key
    key = _ask()
    archive = asyncio.run(_try_out(settings.model_copy(update={"api_key": key}))) if is_checked else ""
    was_in_file = False
    if to_file:
        keep_in_file(env_file(), key, settings.base_url, settings.account)
    else:
        store_key(settings.base_url, key, settings.account)
        was_in_file = forget_in_file(env_file())  # it would take precedence over the keyring
    checked = "was accepted by the PBX" if is_checked else "was not checked"
    whose = f" of the account `{settings.account}`" if settings.account else ""
    print(f"The key …{key.get_secret_value()[-4:]}{whose} for {settings.base_url} {checked} and is stored in {place}.")
    if was_in_file:
        print("The key in the settings file was removed, since it would take precedence.")
    if archive:
        print(archive)
    _warn_of_variable()
    return ExitStatus.DONE


def run_logout(flags: Mapping[str, Any]) -> int:
    """Remove the key from the keyring and the settings file.

    Returns:
        The exit status.

    Raises:
        VmError: It can't be removed.
    """
    settings = load_settings(flags)
    places = [
        *(["the keyring"] if remove_key(settings.base_url, settings.account) else []),
        *(["the settings file"] if forget_in_file(env_file()) else []),
    ]
    print(f"The key was removed from {' and '.join(places)}." if places else "No key is stored on this computer.")
    _warn_of_variable()
    return ExitStatus.DONE


def _ask() -> SecretStr:
    prompt = f"API key, from {KEY_MENU} (not shown as you type): "
    try:
        key = (getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()).strip()
    except EOFError:
        key = ""
    if not re.fullmatch(r"[!-~]{8,200}", key):
        raise InputError(f"That is not an API key. One is {KEY_FORM}; copy it from {KEY_MENU}.")
    return SecretStr(key)


async def _try_out(settings: Settings) -> str:
    """Ask for one list, and look for the archive that this key may open; return what the user must know about it."""
    async with PbxClient(settings) as client:
        await list_last_day(client)
        if not settings.archive_paths():
            return ""
        check = await check_account_archive(settings, client)
    return "" if check.status == "ok" else f"{check.detail} {check.advice}".strip()


def _warn_of_variable() -> None:
    if setting_sources().get("api_key") == "environment":
        print("VM_MCP_API_KEY is set in the environment, and takes precedence as long as it is.", file=sys.stderr)
