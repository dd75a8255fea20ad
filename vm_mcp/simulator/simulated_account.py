"""The PBX's side of one account: who may ask, how often, and which recording URLs are alive."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from vm_mcp.simulator.scenario import Message, Scenario
from vm_mcp.simulator.wire_format import VendorRefusalError

_RATE_PER_SECOND = 2.0
_BURST = 10.0

SimulatedClock = Callable[[], datetime]
"""Returns the aware present."""


@dataclass
class RequestRecord:
    """A request as it came in. The key is in ``query`` or ``form``, where the client put it."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]
    """Names in lower case."""
    status: int | None = None
    """What was answered; None while, or because, nothing was."""


@dataclass(frozen=True)
class _Link:
    uuid: str
    expires_at: datetime


class SimulatedAccount:
    """State behind the API; used from the event loop's thread alone, except for ``requests``."""

    def __init__(self, scenario: Scenario, clock: SimulatedClock) -> None:
        self.scenario = scenario
        self.clock = clock
        self.requests: list[RequestRecord] = []
        self._links: dict[str, _Link] = {}
        self._buckets: dict[str, tuple[float, datetime]] = {}

    def authorise(self, key: str) -> None:
        """Let a request with this key pass.

        Raises:
            RefusedError: It is not the account's key (the text repeats it, as the vendor's does), or it asks too often.
        """
        if key != self.scenario.api_key:
            raise self.wrong_key(key)
        if self.scenario.rate_limit and not self._take_token(key):
            raise VendorRefusalError(429, "Too Many Requests")

    def wrong_key(self, key: str) -> VendorRefusalError:
        """How a wrong key is answered."""
        return VendorRefusalError(self.scenario.auth_status, f"Gecersiz anahtar: {key}")

    def _take_token(self, key: str) -> bool:
        now = self.clock()
        tokens, then = self._buckets.get(key, (_BURST, now))
        tokens = min(_BURST, tokens + (now - then).total_seconds() * _RATE_PER_SECOND)
        self._buckets[key] = (max(tokens - 1, 0.0) if tokens >= 1 else tokens, now)
        return tokens >= 1

    def issue_link(self, uuid: str, *, expired: bool = False) -> str:
        """The last part of a fresh recording URL.

        Raises:
            RefusedError: No message has that uuid.
        """
        message = self.scenario.find(uuid)
        if message is None:
            raise VendorRefusalError(400, f"cannot find voicemail with uuid {uuid}")
        now = self.clock()
        lifetime = timedelta(seconds=0 if expired else self.scenario.url_lifetime_seconds)
        token = f"R{uuid4()}"
        self._links[token] = _Link(uuid, now + lifetime)
        if self.scenario.marks_read_at == "url":
            message.mark_read(now)
        return token

    def open_link(self, token: str) -> Message:
        """The message behind a recording URL.

        Raises:
            RefusedError: The URL is unknown or past its time, or the message is gone.
        """
        link = self._links.get(token)
        now = self.clock()
        message = self.scenario.find(link.uuid) if link is not None and now < link.expires_at else None
        if message is None:
            raise VendorRefusalError(self.scenario.expired_status if link else 404, "Kayit bulunamadi")
        if self.scenario.marks_read_at == "download":
            message.mark_read(now)
        return message
