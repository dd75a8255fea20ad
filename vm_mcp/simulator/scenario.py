"""What a simulated account holds, and how its PBX behaves where the vendor's documentation is silent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from vm_mcp.simulator.faults import Fault
from vm_mcp.simulator.simulated_calls import AddressBookEntry, Call, ExtensionOwner
from vm_mcp.simulator.tones import tone
from vm_mcp.simulator.voicebank import Voice, load_voices

DEFAULT_API_KEY = "K0b1c2d3e-4f50-4617-8829-3a4b5c6d7e8f"


@dataclass
class Message:
    """One voicemail.

    ``voice`` names its recording in `load_voices`; empty: a `tone` of its own. The duration on the wire is the
    recording's length.
    """

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
    return_uuid: str | None = None
    """The call that returned this one's, as its call record shows it; see `Scenario.call_back`."""

    @property
    def recording(self) -> Voice:
        """The recording that a download returns."""
        return load_voices()[self.voice] if self.voice else tone(self.uuid)

    def mark_read(self, at: datetime) -> None:
        """Set ``read_at``, unless someone has listened before."""
        if self.read_at is None:
            self.read_at = at


@dataclass
class Scenario:
    """An account. Each option is one reading of something that the vendor's documentation leaves open."""

    messages: list[Message] = field(default_factory=list)
    arrivals: list[Message] = field(default_factory=list)
    """Messages that callers will have left by their ``received_at``, and that are unknown until then."""
    calls: list[Call] = field(default_factory=list)
    """Beside those that left the messages; one with a message's uuid takes the place of that."""
    contacts: list[AddressBookEntry] = field(default_factory=list)
    extensions: list[ExtensionOwner] = field(default_factory=list)
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

    messages_are_missed: bool = True
    """Whether calls that left a message count as missed. Else they were answered, and never have a ``return_uuid``."""
    cdr_words: Literal["turkish", "english"] = "turkish"
    """Of direction and result: the vendor's page shows Turkish ones, its web hook sends English ones."""
    cdr_flags: Literal["text", "json"] = "text"
    """Whether ``missed`` is ``"true"``, as on the vendor's page, or ``true``, as in its OpenAPI description."""
    no_return: Literal["null", "empty", "absent"] = "null"
    """How ``return_uuid`` looks where no call was returned."""
    own_number: Literal["extension", "line"] = "extension"
    """What the account's end of a call to or from outside is: the vendor's example has a line of the account."""
    extensions_answer: Literal["list", "object"] = "list"
    forbidden_status: Literal[400, 401, 403, 404] = 403
    """Of the fault ``forbidden``."""
    cdr_rate_limit: bool = True
    """Whether more than 6 requests for call records in any minute are refused, for each key."""
    rate_limit_counts: Literal["voicemail", "all"] = "voicemail"
    """Which requests ``rate_limit`` counts."""

    auth_status: Literal[400, 401] = 400
    rate_limit: bool = False
    """Whether more than 2 requests a second (burst 10) are refused, for each key."""
    retry_after_seconds: int | None = None
    """Sent as ``Retry-After`` with 429 and 503."""

    redirect_to: str = "http://recordings.invalid/elsewhere"
    """Where ``redirect_elsewhere`` points; names under ``.invalid`` never resolve (RFC 2606)."""
    huge_bytes: int = 256 * 2**20
    """Size of the body of ``huge``."""

    def deliver(self, now: datetime) -> None:
        """Let the arrivals whose time has come be messages like the others."""
        for message in [each for each in self.arrivals if each.received_at <= now]:
            self.arrivals.remove(message)
            self.messages.append(message)

    def all_calls(self) -> list[Call]:
        """Return every call, those that left messages included."""
        known = {call.uuid for call in self.calls}
        return [*self.calls, *(self._call_of(message) for message in list(self.messages) if message.uuid not in known)]

    def _call_of(self, message: Message) -> Call:
        is_internal = len(message.caller_id_number or "") in range(1, 6)
        return Call(
            uuid=message.uuid,
            direction="internal" if is_internal else "inbound",
            started_at=message.received_at,
            caller_number=message.caller_id_number,
            caller_name=message.caller_id_name,
            destination_number=message.user_number,
            destination_name=self._owner_of(message.user_number),
            talk_seconds=None if self.messages_are_missed else round(message.recording.seconds),
            return_uuid=message.return_uuid if self.messages_are_missed else None,
        )

    def _owner_of(self, extension: str) -> str:
        return {owner.number: owner.name for owner in self.extensions}.get(extension, "")

    def call_back(  # noqa: PLR0913 - each is a fact of one call
        self,
        uuid: str,
        at: datetime,
        *,
        extension: str = "1001",
        number: str = "",
        talk_seconds: int | None = 75,
        is_named: bool = True,
    ) -> Call:
        """Call the caller of a message or call back; return the new call.

        Args:
            uuid: The message or call.
            at: When.
            extension: Who calls.
            number: What is dialled; empty: the number as the PBX sent it.
            talk_seconds: None: nobody answers.
            is_named: Whether the record of the first call names this one, if it is answered.

        Raises:
            StopIteration: There is no such call.
        """
        first = next(call for call in self.all_calls() if call.uuid == uuid)
        back = Call(
            uuid=f"back-{len(self.calls)}-{uuid}"[:128],
            direction="internal" if first.direction == "internal" else "outbound",
            started_at=at,
            caller_number=extension,
            caller_name=self._owner_of(extension),
            destination_number=number or first.caller_number,
            destination_name=first.caller_name,
            talk_seconds=talk_seconds,
        )
        self.calls.append(back)
        if is_named and talk_seconds is not None:
            returned: list[Message | Call] = [*self.messages, *self.calls]
            for one in returned:
                if one.uuid == uuid:
                    one.return_uuid = back.uuid
        return back

    def find(self, uuid: str) -> Message | None:
        """Return the message with that uuid; None when there is none."""
        return next((message for message in list(self.messages) if message.uuid == uuid), None)
