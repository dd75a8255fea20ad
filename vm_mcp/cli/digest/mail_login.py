"""``vm-mcp login --smtp`` and ``logout --smtp``: the password of the user's own mail server."""

from pydantic import SecretStr

from vm_mcp.cli import console
from vm_mcp.cli.asking import read_secret
from vm_mcp.cli.digest.digest_mail import mail_server
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.config import env_file
from vm_mcp.config.mail_reading import load_mail_settings
from vm_mcp.config.mail_settings import PASSWORD_VARIABLE, MailSettings
from vm_mcp.errors import ConfigError, InputError
from vm_mcp.keychain import forget_in_file, keyring_name, remove_key, set_in_file, store_key
from vm_mcp.net.mail_server import try_login
from vm_mcp.wording import joined, words


def run_mail_login(*, to_file: bool = False, is_checked: bool = True) -> int:
    """Ask for the password, log in with it, which sends nothing, and store it.

    Args:
        to_file: Store it in the settings file, readable only by the user, in place of the keyring.
        is_checked: False: don't ask the mail server.

    Returns:
        The exit status.

    Raises:
        VmError: The settings are incomplete, the server refuses the password, or it can't be stored; nothing was.
    """
    mail = load_mail_settings()
    if not mail.user:
        raise ConfigError("Set VM_MCP_SMTP_USER to whoever logs in to the mail server, most often a whole address.")
    place = str(env_file()) if to_file else _keyring()  # fails before the user looks for the password
    password = _ask(mail)
    if is_checked:
        try_login(mail_server(mail), password.get_secret_value())
    if to_file:
        set_in_file(env_file(), {PASSWORD_VARIABLE: password.get_secret_value()})
    else:
        store_key(mail.address, password, mail.user, PASSWORD_VARIABLE)
        forget_in_file(env_file(), PASSWORD_VARIABLE)  # it would take precedence over the keyring
    if is_checked:
        console.tell("The password was accepted by {host} and is stored in {place}.", host=mail.host, place=place)
    else:
        console.tell("The password for {host} was not checked and is stored in {place}.", host=mail.host, place=place)
    return ExitStatus.DONE


def run_mail_logout() -> int:
    """Remove the password from the keyring and the settings file.

    Returns:
        The exit status.

    Raises:
        VmError: It can't be removed.
    """
    mail = load_mail_settings()
    places = [
        *([words("the keyring")] if remove_key(mail.address, mail.user, PASSWORD_VARIABLE) else []),
        *([words("the settings file")] if forget_in_file(env_file(), PASSWORD_VARIABLE) else []),
    ]
    if places:
        console.tell("The password was removed: {places}.", places=joined(", ", places))
    else:
        console.tell("No password of a mail server is stored on this computer.")
    return ExitStatus.DONE


def _keyring() -> str:
    try:
        return keyring_name()
    except ConfigError as error:
        raise ConfigError(
            "This computer has no keyring that works. Run `vm-mcp login --smtp --file` to keep the password in your "
            "settings file."
        ) from error


def _ask(mail: MailSettings) -> SecretStr:
    prompt = words("Password of {user} at {host} (not shown as you type): ", user=mail.user, host=mail.host)
    password = read_secret(prompt)
    if not password or not password.isprintable():
        raise InputError("That is no password. Type it, or pass it on one line of stdin.")
    return SecretStr(password)
