"""Send mail over the user's own SMTP server: always over TLS with a certificate that is checked, never without.

No error holds the server's words, a password, or anything of the mail but its recipients.
"""

import smtplib
import ssl
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from typing import NamedTuple

from vm_mcp.errors import MailError
from vm_mcp.net.connections import read_certificates

STALL_SECONDS = 30.0
"""How long the server may take to answer one command."""
_ACCEPTED, _GO_ON = 235, 334
_TEMPORARY = range(400, 500)
"""Replies to what may be accepted later, such as the first mail of a sender that the server doesn't know yet."""


class MailServer(NamedTuple):
    """Where mail is handed in, and as whom."""

    host: str
    port: int
    is_implicit: bool
    """Whether TLS begins with the connection; else by STARTTLS."""
    user: str
    """Empty: the server asks for no password, as in a local network."""


def send_mail(server: MailServer, password: str, message: EmailMessage, recipients: Sequence[str]) -> list[str]:
    """Send a mail.

    Args:
        server: Where to.
        password: Of the server's user.
        message: Its ``From`` is also the envelope's sender.
        recipients: Addresses.

    Returns:
        Those that the server refused, where it took the mail for others.

    Raises:
        MailError: It was sent to nobody.
        ConfigError: The certificates named in the environment can't be read.
    """
    with _session(server, password) as smtp:
        return sorted(smtp.send_message(message, to_addrs=list(recipients)))


def try_login(server: MailServer, password: str) -> None:
    """Log in, and send nothing.

    Raises:
        MailError: The server can't be used so.
        ConfigError: The certificates named in the environment can't be read.
    """
    with _session(server, password):
        pass


@contextmanager
def _session(server: MailServer, password: str) -> Iterator[smtplib.SMTP]:
    with _as_mail_error(server):
        smtp = _connect(server)
        try:
            if server.user:
                _log_in(smtp, server, password)
            yield smtp
        finally:
            with suppress(smtplib.SMTPException, OSError):  # what was sent stays sent
                smtp.quit()
            smtp.close()


def _connect(server: MailServer) -> smtplib.SMTP:
    certificates = read_certificates()
    if server.is_implicit:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=STALL_SECONDS, context=certificates)
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=STALL_SECONDS)
    try:
        if not smtp.local_hostname.isascii():  # of which smtplib can't send all letters
            smtp.local_hostname = "[127.0.0.1]"
        if not server.is_implicit:
            smtp.starttls(context=certificates)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _log_in(smtp: smtplib.SMTP, server: MailServer, password: str) -> None:
    """Log in with UTF-8, as RFC 4616 has it: `smtplib.SMTP.login` can't send a password with Turkish letters."""
    smtp.ehlo_or_helo_if_needed()
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        code, _ = smtp.docmd("AUTH", "PLAIN " + _encoded(f"\0{server.user}\0{password}"))
    elif "LOGIN" in offered:
        code, _ = smtp.docmd("AUTH", "LOGIN")
        for answer in (server.user, password):
            code = smtp.docmd(_encoded(answer))[0] if code == _GO_ON else code
    else:
        raise MailError(
            "The mail server {host} offers no login by password, so nothing was sent. Correct VM_MCP_SMTP_PORT, or ask "
            "your provider how programs may send mail.",
            host=server.host,
        )
    if code in _TEMPORARY:
        raise _not_now(server)
    if code != _ACCEPTED:
        raise MailError(
            "The mail server {host} refuses the user or the password, so nothing was sent. Check VM_MCP_SMTP_USER and "
            "run `vm-mcp login --smtp`; many providers want an app password, made in the account's security settings.",
            host=server.host,
        )


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")


@contextmanager
def _as_mail_error(server: MailServer) -> Iterator[None]:
    """Raise our own errors, and show no cause: what the server says may repeat what it was sent."""
    try:
        yield
    except (OSError, UnicodeError) as error:  # smtplib's and ssl's, and a host's name that none can have
        raise _problem(server, error) from None


def _problem(server: MailServer, error: OSError | UnicodeError) -> MailError:
    if isinstance(error, smtplib.SMTPException):
        return _refusal(server, error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return MailError(
            "The certificate of the mail server {host} can't be verified, so nothing was sent. Check VM_MCP_SMTP_HOST "
            "and this computer's clock; for a server with a certificate of its own, set SSL_CERT_FILE to it.",
            host=server.host,
        )
    if isinstance(error, ssl.SSLError):
        return _no_tls(server)
    return MailError(
        "The mail server {host} can't be reached at port {port}, so nothing was sent. Check the network, "
        "VM_MCP_SMTP_HOST and VM_MCP_SMTP_PORT, then try again.",
        host=server.host,
        port=str(server.port),
    )


def _refusal(server: MailServer, error: smtplib.SMTPException) -> MailError:
    if isinstance(error, smtplib.SMTPNotSupportedError):  # of all that is used here, it can only miss STARTTLS
        return _no_tls(server)
    if _is_temporary(error):
        return _not_now(server)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return MailError(
            "The mail server {host} refuses to send to {recipients}, so nothing was sent. Correct --to.",
            host=server.host,
            recipients=", ".join(sorted(error.recipients)),
        )
    if isinstance(error, smtplib.SMTPSenderRefused):
        return MailError(
            "The mail server {host} refuses the sender, so nothing was sent. Set VM_MCP_SMTP_SENDER to an address that "
            "VM_MCP_SMTP_USER may send from.",
            host=server.host,
        )
    if isinstance(error, smtplib.SMTPDataError):
        return MailError(
            "The mail server {host} refuses the mail itself, so nothing was sent. Ask your provider about its limits, "
            "or write the digest to a file with --out.",
            host=server.host,
        )
    return _broken(server)


def _is_temporary(error: smtplib.SMTPException) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code in _TEMPORARY for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code in _TEMPORARY


def _not_now(server: MailServer) -> MailError:
    return MailError(
        "The mail server {host} takes no mail for now, so nothing was sent. Try again in a quarter of an hour.",
        host=server.host,
    )


def _no_tls(server: MailServer) -> MailError:
    return MailError(
        "The mail server {host} offers no TLS at port {port}, so nothing was sent: mail and password never go without. "
        "Set VM_MCP_SMTP_TLS to implicit for port 465, to starttls for port 587.",
        host=server.host,
        port=str(server.port),
    )


def _broken(server: MailServer) -> MailError:
    return MailError(
        "The mail server {host} broke off, so it is not sure that anything was sent. Try again later.", host=server.host
    )
