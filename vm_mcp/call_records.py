"""The record that the PBX keeps of each call (CDR), independent of its wire format."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from vm_mcp.models import Model, PageQuery
from vm_mcp.telephone import is_extension

CallDirection = Literal["inbound", "outbound", "campaign", "internal", "unknown"]
"""``campaign``: outbound, but a machine's announcement, so nobody called. ``unknown``: the PBX sent another word."""
CallResult = Literal["answered", "no_answer", "busy", "cancelled", "rejected", "unreachable", "failed", "other"]
"""``other``: the PBX sent another word, or none, such as for a call that was transferred."""


class CallRecord(Model):
    """One call. What the PBX sent in a form that can't be read is empty or None."""

    call_uuid: str
    """The PBX's opaque id, which is also the id of the voicemail that the call left, if it left one."""
    direction: CallDirection = "unknown"
    started_at: AwareDatetime | None = None
    answered_at: AwareDatetime | None = None
    """None too if nobody answered."""
    ended_at: AwareDatetime | None = None
    caller_id_number: str = ""
    """As the PBX sent it; empty when withheld. Of an outbound call, an extension or a line of the account."""
    caller_id_name: str = ""
    """Of an outbound call, the name that the extension had then; else chosen by the caller, and data."""
    destination_number: str = ""
    """What was dialled: a line of the account, an extension, or the number outside."""
    destination_name: str = ""
    """Of an inbound call, the name that the extension had then."""
    duration_seconds: int | None = Field(default=None, ge=0)
    """From the first ring to the end."""
    talk_seconds: int | None = Field(default=None, ge=0)
    queue: str = ""
    """The queue or group in which the caller waited; empty for none."""
    result: CallResult = "other"
    is_missed: bool | None = None
    """Whether the PBX counts it as missed; it does not say whether it counts calls that left a voicemail."""
    return_uuid: str = ""
    """The call that returned this missed one; empty for none."""

    @property
    def at(self) -> datetime | None:
        """When it began, or the next later time that is known."""
        return self.started_at or self.answered_at or self.ended_at

    @property
    def is_answered(self) -> bool:
        """Whether somebody answered, as far as every field agrees: a wrong yes would leave a caller uncalled."""
        if self.result not in {"answered", "other"} or self.talk_seconds == 0:
            return False
        return self.result == "answered" or bool(self.answered_at or self.talk_seconds)

    @property
    def is_placed_here(self) -> bool:
        """Whether a person of the account placed the call."""
        return self.direction in {"outbound", "internal"}

    @property
    def extension(self) -> str:
        """The internal number that placed or got the call; empty where the PBX sent a line of the account."""
        number = self.caller_id_number if self.is_placed_here else self.destination_number
        return number if is_extension(number) else ""

    @property
    def extension_name(self) -> str:
        """The name that this extension had then; empty when the PBX sent none."""
        return self.caller_id_name if self.is_placed_here else self.destination_name


class CallRecordPage(Model):
    """Call records, newest first, and the query for those that are left."""

    records: tuple[CallRecord, ...]
    next_query: PageQuery | None = None
    """None once the whole range was read; else continue with it when the PBX's limit allows."""
