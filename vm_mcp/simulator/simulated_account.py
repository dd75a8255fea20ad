"""The PBX's side of one account: its key, its rate limit, and which recording URLs are valid."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from vm_mcp.simulator.faults import Step
from vm_mcp.simulator.request_counts import RequestCounts
from vm_mcp.simulator.scenario import Message, Scenario
from vm_mcp.simulator.wire_format import VendorRefusalError

_RATE_PER_SECOND = 2.0
_BURST = 10.0
_CDR_REQUESTS, _CDR_PERIOD = 6, timedelta(minutes=1)

SimulatedClock = Callable[[], datetime]
"""Returns the current time, aware."""


@dataclass
class RequestRecord:
    """A request as received; the key is in ``query`` or ``form``, wherever the client put it."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]
    """Names in lower case."""
    status: int | None = None
    """Of the answer; None while there is none, and if the connection ended without one."""


@dataclass(frozen=True)
class _Link:
    uuid: str
    expires_at: datetime


class SimulatedAccount:
    """State behind the API. Outside of the event loop's thread, only ``requests`` and copies of ``counts`` may be read.

    Args:
        scenario: What it holds, and how its PBX behaves.
        clock: Returns the current time, aware.
        kept_requests: How many of the latest requests are kept; None: all.
    """

    def __init__(self, scenario: Scenario, clock: SimulatedClock, kept_requests: int | None = None) -> None:
        self.scenario = scenario
        self.clock = clock
        self.requests: list[RequestRecord] = []
        self.counts = RequestCounts()
        self._kept_requests = kept_requests
        self._links: dict[str, _Link] = {}
        self._asked_for_cdrs: dict[str, list[datetime]] = {}
        self._buckets: dict[str, tuple[float, datetime]] = {}

    def note_request(self, record: RequestRecord) -> None:
        """Keep a request, and let the messages arrive whose time has come."""
        self.requests.append(record)
        if self._kept_requests is not None:
            del self.requests[: -self._kept_requests]
        self.scenario.deliver(self.clock())

    def authorise(self, key: str, step: Step) -> None:
        """Check the key and the rate limits of a request.

        Raises:
            VendorRefusalError: The key is wrong (the text repeats it, as the vendor's does), or it asks too often.
        """
        if key != self.scenario.api_key:
            raise self.wrong_key(key)
        is_counted = step in {"list", "url"} or self.scenario.rate_limit_counts == "all"
        is_allowed = not (self.scenario.rate_limit and is_counted) or self._take_token(key)
        if step == "cdrs" and self.scenario.cdr_rate_limit:
            is_allowed = self._is_within_minute(key) and is_allowed
        if not is_allowed:
            raise VendorRefusalError(429, "Too Many Requests")

    def wrong_key(self, key: str) -> VendorRefusalError:
        """Return the refusal of a wrong key."""
        return VendorRefusalError(self.scenario.auth_status, f"Gecersiz anahtar: {key}")

    def forbidden(self) -> VendorRefusalError:
        """Return the refusal of a right key that has no right to what it asks for."""
        return VendorRefusalError(self.scenario.forbidden_status, "Bu islem icin yetkiniz yok")

    def _take_token(self, key: str) -> bool:
        now = self.clock()
        tokens, then = self._buckets.get(key, (_BURST, now))
        tokens = min(_BURST, tokens + (now - then).total_seconds() * _RATE_PER_SECOND)
        self._buckets[key] = (max(tokens - 1, 0.0) if tokens >= 1 else tokens, now)
        return tokens >= 1

    def _is_within_minute(self, key: str) -> bool:
        now = self.clock()
        asked = self._asked_for_cdrs.setdefault(key, [])
        asked[:] = [at for at in asked if now - at < _CDR_PERIOD]
        if len(asked) >= _CDR_REQUESTS:
            return False
        asked.append(now)
        return True

    def issue_link(self, uuid: str, *, expired: bool = False) -> str:
        """Return the token of a new recording URL, the last part of its path.

        Raises:
            VendorRefusalError: No message has that uuid.
        """
        message = self.scenario.find(uuid)
        if message is None:
            raise VendorRefusalError(400, f"cannot find voicemail with uuid {uuid}")
        now = self.clock()
        lifetime = timedelta(seconds=0 if expired else self.scenario.url_lifetime_seconds)
        token = f"R{uuid4()}"
        self._links[token] = _Link(uuid, now + lifetime)
        self.counts.note_link(uuid, now)
        if self.scenario.marks_read_at == "url":
            message.mark_read(now)
        return token

    def open_link(self, token: str) -> Message:
        """Return the message of a recording URL.

        Raises:
            VendorRefusalError: The URL is unknown or has expired, or its message is gone.
        """
        link = self._links.get(token)
        now = self.clock()
        message = self.scenario.find(link.uuid) if link is not None and now < link.expires_at else None
        if message is None:
            raise VendorRefusalError(self.scenario.expired_status if link else 404, "Kayit bulunamadi")
        self.counts.downloads[message.uuid] += 1
        if self.scenario.marks_read_at == "download":
            message.mark_read(now)
        return message
