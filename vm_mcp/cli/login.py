"""``vm-mcp login`` and ``logout``: put the API key into the keyring, and take it out."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from vm_mcp.cli import console
from vm_mcp.cli.asking import read_secret
from vm_mcp.cli.doctor.check_pbx import list_last_day
from vm_mcp.cli.doctor.check_storage import examine_archive
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.cli.logs import configure_logging
from vm_mcp.cli.setting_sources import is_key_in_file, other_account_in_file, setting_sources
from vm_mcp.config import Settings, env_file, load_settings
from vm_mcp.errors import AccountMismatchError, InputError, PbxAuthError, VmError
from vm_mcp.keychain import forget_in_file, keep_in_file, keyring_name, remove_key, store_key
from vm_mcp.pbx import PbxClient
from vm_mcp.pbx.vendor import KEY_FORM, KEY_MENU
from vm_mcp.wording import enumeration, sentences, words


def run_login(flags: Mapping[str, Any], *, to_file: bool = False, is_checked: bool = True) -> int:
    """Ask for the key, try it with one list, which marks nothing as read, and store it.

    Args:
        flags: Settings from the command line.
        to_file: Store it in the settings file, readable only by the user, in place of the keyring.
        is_checked: False: don't ask the PBX.

    Returns:
        The exit status.

    Raises:
        VmError: It is not a key, the PBX refuses it or can't be reached, the named account's archive belongs to another
            key, or it can't be stored; nothing was stored.
    """
    settings = load_settings(flags)
    configure_logging(settings)
    place = str(env_file()) if to_file else keyring_name()  # fails before the user looks for the key
    key = _ask()
    settings = settings.model_copy(update={"api_key": key})
    if to_file:
        _check_room_in_file(settings)
    archive = asyncio.run(_try_out(settings)) if is_checked else ""
    was_in_file = False
    if to_file:
        keep_in_file(env_file(), key, settings.base_url, settings.account)
    else:
        store_key(settings.base_url, key, settings.account)
        was_in_file = is_key_in_file(settings) and forget_in_file(
            env_file()
        )  # it would take precedence over the keyring
    console.tell(
        "The key …{ending}{whose} for {address} {checked} and is stored in {place}.",
        ending=key.get_secret_value()[-4:],
        whose=words(" of the account `{account}`", account=settings.account) if settings.account else "",
        address=settings.base_url,
        checked=words("was accepted by the PBX") if is_checked else words("was not checked"),
        place=words(place),
    )
    if was_in_file:
        console.tell("The key in the settings file was removed, since it would take precedence.")
    if archive:
        console.tell(archive)
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
        *([words("the keyring")] if remove_key(settings.base_url, settings.account) else []),
        *([words("the settings file")] if is_key_in_file(settings) and forget_in_file(env_file()) else []),
    ]
    if places:
        console.tell("The key was removed from {places}.", places=enumeration(places))
    else:
        console.tell("No key is stored on this computer.")
    _warn_of_variable()
    return ExitStatus.DONE


def _ask() -> SecretStr:
    prompt = words("API key, from {menu} (not shown as you type): ", menu=KEY_MENU)
    key = read_secret(prompt).strip()
    if not re.fullmatch(r"[!-~]{8,200}", key):
        raise InputError("That is not an API key. One is {form}; copy it from {menu}.", form=KEY_FORM, menu=KEY_MENU)
    return SecretStr(key)


async def _try_out(settings: Settings) -> str:
    """Ask for one list, and look for the archive that this key may open; return what the user must know about it."""
    async with PbxClient(settings) as client:
        try:
            await list_last_day(client)
        except PbxAuthError as error:
            raise PbxAuthError(
                "The PBX refuses this key, so it was not stored. Copy it again from {menu}, whole.", menu=KEY_MENU
            ) from error
        if not settings.archive_paths():
            return ""
        try:
            check = await examine_archive(settings, client)
        except AccountMismatchError as error:
            raise AccountMismatchError("The key was not stored. {error}", error=error.words) from error
        except VmError as error:
            return words("The archive was not opened. {error}", error=error.words)
    return "" if check.status == "ok" else sentences(words("{detail}.", detail=check.detail), check.advice)


def _check_room_in_file(settings: Settings) -> None:
    """Raise InputError where another account's key would be overwritten."""
    other = other_account_in_file(settings)
    if other is None:
        return
    whose = words("the key of the account `{account}`", account=other) if other else words("a key")
    logout = f"logout --account {other}" if other else "logout"
    raise InputError(
        "The settings file already holds {whose}, and can hold only one. Remove it with vm-mcp {logout}, store this "
        "one in the keyring, or give it to its host as VM_MCP_API_KEY.",
        whose=whose,
        logout=logout,
    )


def _warn_of_variable() -> None:
    if setting_sources().get("api_key") == "environment":
        console.say("VM_MCP_API_KEY is set in the environment, and takes precedence as long as it is.")
