"""What a simulated account holds, and how its PBX behaves where the vendor's documentation is silent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from vm_mcp.simulator.faults import Fault
from vm_mcp.simulator.voicebank import Voice, load_voices

DEFAULT_API_KEY = "K0b1c2d3e-4f50-4617-8829-3a4b5c6d7e8f"


@dataclass
class Message:
    """One voicemail. ``voice`` names its recording in `load_voices`, whose length is its duration on the wire."""

    uuid: str
    user_number: str
    caller_id_number: str | None
    caller_id_name: str | None
    received_at: datetime
    voice: str
    read_at: datetime | None = None
    """None: nobody has listened yet."""
    overrides: Mapping[str, object] = field(default_factory=dict)
    """Wire fields to send instead, for example with the typos of the vendor's own examples."""
    omit: frozenset[str] = frozenset()
    """Wire fields to leave out."""

    @property
    def recording(self) -> Voice:
        """The recording that a download returns."""
        return load_voices()[self.voice]

    def mark_read(self, at: datetime) -> None:
        """Set ``read_at``, unless someone has listened before."""
        if self.read_at is None:
            self.read_at = at


@dataclass
class Scenario:
    """An account. Each option is one reading of something that the vendor's documentation leaves open."""

    messages: list[Message] = field(default_factory=list)
    api_key: str = DEFAULT_API_KEY
    faults: tuple[Fault, ...] = ()
    """Faults from the start; `Simulator.faults` changes them while it runs."""

    unread_stamp: Literal["null", "empty", "absent"] = "empty"
    """How ``read_stamp`` looks while nobody has listened."""
    order: Literal["newest", "oldest", "shuffled"] = "newest"
    """Shuffled: no order, but the same one for every request."""
    from_inclusive: bool = True
    to_inclusive: bool = True
    no_dates: Literal["all", "last_31_days"] = "all"
    """What is listed when a request has no dates."""
    lone_bound: Literal["open", "window", "reject"] = "open"
    """What one date alone means: no other bound, 31 days from it, or an error."""
    extra_fields: Mapping[str, object] = field(default_factory=dict)
    """Undocumented wire fields of every message."""

    url_answer: Literal["text", "json"] = "text"
    url_newline: bool = False
    """Whether a line feed follows the URL."""
    marks_read_at: Literal["url", "download"] = "url"
    """Which step counts as listening."""
    url_lifetime_seconds: int = 3600
    expired_status: Literal[404, 410] = 404
    audio_content_type: Literal["right", "octet-stream", "wrong", "none"] = "right"

    auth_status: Literal[400, 401] = 400
    rate_limit: bool = False
    """Whether more than 2 requests a second (burst 10) are refused, for each key."""
    retry_after_seconds: int | None = None
    """Sent as ``Retry-After`` with 429 and 503."""

    redirect_to: str = "http://recordings.invalid/elsewhere"
    """Where ``redirect_elsewhere`` points; names under ``.invalid`` never resolve (RFC 2606)."""
    huge_bytes: int = 256 * 2**20
    """Size of the body of ``huge``."""

    def find(self, uuid: str) -> Message | None:
        """Return the message with that uuid; None when there is none."""
        return next((message for message in list(self.messages) if message.uuid == uuid), None)
