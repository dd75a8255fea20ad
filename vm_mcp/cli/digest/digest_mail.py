"""Send a digest over the user's own mail server."""

import re
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import NamedTuple

from pydantic import SecretStr

from vm_mcp.config import env_file
from vm_mcp.config.mail_reading import load_mail_settings
from vm_mcp.config.mail_settings import PASSWORD_VARIABLE, MailSettings
from vm_mcp.errors import ConfigError, InputError
from vm_mcp.keychain import read_key
from vm_mcp.net.mail_server import MailServer, send_mail
from vm_mcp.views.digest import DigestDocument, digest_html, digest_text

# What nearly every address is. A mail server says best which exist; this keeps out lists, names and control characters,
# and dots that the header of a mail must not have.
_ADDRESS = re.compile(
    r"(?!\.|.*\.[.@])[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?"
)
# Lines of 8-bit text would need a server that announces it can take them.
_POLICY = SMTP.clone(cte_type="7bit")


class Outbox(NamedTuple):
    """What is needed to send, complete before anything is listed or opened for a digest."""

    server: MailServer
    password: SecretStr
    sender: str
    recipients: tuple[str, ...]

    def send(self, subject: str, document: DigestDocument, now: datetime) -> list[str]:
        """Send a digest as text and HTML.

        Args:
            subject: The subject.
            document: The digest.
            now: The current time, aware, in the zone of the mail's date.

        Returns:
            Recipients that the server refused, where it took the mail for others.

        Raises:
            MailError: It was sent to nobody.
        """
        message = digest_message(self.sender, self.recipients, subject, document, now)
        return send_mail(self.server, self.password.get_secret_value(), message, self.recipients)


def open_outbox(recipients: Sequence[str]) -> Outbox:
    """Return what is needed to send to some addresses.

    Raises:
        InputError: One is no address.
        ConfigError: The mail server's settings are incomplete or unusable, or no password is known.
    """
    distinct = tuple(dict.fromkeys(recipient.strip() for recipient in recipients))
    for recipient in distinct:
        if not is_address(recipient):
            raise InputError("--to takes one mail address, such as desk@example.com; repeat it for more.")
    mail = load_mail_settings()
    if not is_address(mail.used_sender):
        raise ConfigError("Set VM_MCP_SMTP_SENDER to the address that mail is to come from, such as desk@example.com.")
    return Outbox(mail_server(mail), _password(mail), mail.used_sender, distinct)


def mail_server(mail: MailSettings) -> MailServer:
    """Return the mail server of the settings."""
    return MailServer(mail.host.strip(), mail.used_port, mail.is_implicit, mail.user)


def is_address(text: str) -> bool:
    """Return whether a text is one mail address and nothing more."""
    return _ADDRESS.fullmatch(text) is not None


def digest_message(
    sender: str, recipients: Sequence[str], subject: str, document: DigestDocument, now: datetime
) -> EmailMessage:
    """Return a digest as a mail of two parts that say the same."""
    message = EmailMessage(_POLICY)
    message["From"] = Address("vm-mcp", addr_spec=sender)
    message["To"] = ", ".join(recipients)
    message["Subject"] = subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=sender.partition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence notice answers it
    message["Content-Language"] = document.language
    message.set_content(digest_text(document))
    message.add_alternative(digest_html(document), subtype="html")
    return message


def _password(mail: MailSettings) -> SecretStr:
    """Return the password; empty where nobody logs in."""
    if not mail.user:
        return SecretStr("")
    password = mail.password or read_key(mail.address, mail.user, PASSWORD_VARIABLE)
    if not password:
        raise ConfigError(
            "No password for {user} is known. Run `vm-mcp login --smtp`, or set VM_MCP_SMTP_PASSWORD in {path}.",
            user=mail.user,
            path=env_file(),
        )
    return password
