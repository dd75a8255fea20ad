"""What a simulated account holds, and how its PBX reads what the vendor's contract leaves open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from vm_mcp.simulator.faults import Fault
from vm_mcp.simulator.voicebank import Voice, load_voices

DEFAULT_API_KEY = "K0b1c2d3e-4f50-4617-8829-3a4b5c6d7e8f"


@dataclass
class Message:
    """One voicemail. Its recording is a name of ``load_voices()``, and its length on the wire that recording's."""

    uuid: str
    user_number: str
    caller_id_number: str | None
    caller_id_name: str | None
    received_at: datetime
    voice: str
    read_at: datetime | None = None
    """None: nobody has listened."""
    overrides: Mapping[str, object] = field(default_factory=dict)
    """Wire fields sent as given here, to play the slips of the vendor's own examples."""
    omit: frozenset[str] = frozenset()
    """Wire fields that are not sent at all."""

    @property
    def recording(self) -> Voice:
        """The recording that is played."""
        return load_voices()[self.voice]

    def mark_read(self, at: datetime) -> None:
        """Note the first listening; later ones change nothing."""
        if self.read_at is None:
            self.read_at = at


@dataclass
class Scenario:
    """An account. Each option below is one reading of something that the contract does not settle."""

    messages: list[Message] = field(default_factory=list)
    api_key: str = DEFAULT_API_KEY
    faults: tuple[Fault, ...] = ()
    """What goes wrong from the start; a running simulator's ``faults`` change it."""

    unread_stamp: Literal["null", "empty", "absent"] = "empty"
    """How ``read_stamp`` looks while nobody has listened."""
    order: Literal["newest", "oldest", "shuffled"] = "newest"
    """Shuffled: without sense, yet the same at every request."""
    from_inclusive: bool = True
    to_inclusive: bool = True
    no_dates: Literal["all", "last_31_days"] = "all"
    """What is listed when no date is given."""
    lone_bound: Literal["open", "window", "reject"] = "open"
    """One date alone: no other bound, the 31 days beside it, or an error."""
    extra_fields: Mapping[str, object] = field(default_factory=dict)
    """Undocumented wire fields that every message carries."""

    url_answer: Literal["text", "json"] = "text"
    url_newline: bool = False
    """A line feed after the URL."""
    marks_read_at: Literal["url", "download"] = "url"
    """Which step counts as listening."""
    url_lifetime_seconds: int = 3600
    expired_status: Literal[404, 410] = 404
    audio_content_type: Literal["right", "octet-stream", "wrong", "none"] = "right"

    auth_status: Literal[400, 401] = 400
    rate_limit: bool = False
    """2 requests a second, burst 10, for each key."""
    retry_after_seconds: int | None = None
    """Sent as ``Retry-After`` with 429 and 503."""

    redirect_to: str = "http://recordings.invalid/elsewhere"
    """Where ``redirect_elsewhere`` points; names under ``.invalid`` never resolve."""
    huge_bytes: int = 256 * 2**20
    """How much ``huge`` streams before it ends."""

    def find(self, uuid: str) -> Message | None:
        """The message with that uuid."""
        return next((message for message in list(self.messages) if message.uuid == uuid), None)
