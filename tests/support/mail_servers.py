"""A mail server on loopback, with a certificate of its own; it notes what it is sent and how."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Tls = Literal["starttls", "implicit", "none"]


class MailRoom:
    """Takes mail, and refuses what a test says."""

    def __init__(self, user: str = "", password: str = "") -> None:
        self.user, self.password = user, password
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.refused: dict[str, str] = {}
        """Answers by recipient, or by command in capitals."""
        self.seen: list[bytes] = []
        """All passwords that arrived."""
        self.were_encrypted: list[bool] = []

    def authenticate(
        self, server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: LoginPassword
    ) -> AuthResult:
        self.seen.append(data.password)
        self.were_encrypted.append(_is_encrypted(server))
        is_right = (data.login, data.password) == (self.user.encode(), self.password.encode())
        return AuthResult(success=is_right, handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.refused.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.refused.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if "DATA" in self.refused:
            return self.refused["DATA"]
        assert isinstance(envelope.content, bytes)
        assert envelope.content.isascii()
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients.append(list(envelope.rcpt_tos))
        self.were_encrypted.append(_is_encrypted(server))
        return "250 OK"


def _is_encrypted(server: SMTP) -> bool:
    assert server.transport is not None
    return server.transport.get_extra_info("ssl_object") is not None


@contextmanager
def mail_server_running(room: MailRoom, context: ssl.SSLContext, tls: Tls, **options: Any) -> Iterator[int]:  # noqa: ANN401 - any of aiosmtpd's
    """Run a server in a thread of its own, and yield its port."""
    loop = asyncio.new_event_loop()

    def protocol() -> SMTP:
        given = {
            "tls_context": context if tls == "starttls" else None,
            "require_starttls": tls == "starttls",
            "authenticator": room.authenticate if room.user else None,
            "auth_require_tls": tls == "starttls",
            "hostname": "localhost",
            "loop": loop,
        }
        return SMTP(room, **(given | options))

    server = loop.run_until_complete(
        loop.create_server(protocol, "127.0.0.1", 0, ssl=context if tls == "implicit" else None)
    )
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
