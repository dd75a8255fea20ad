"""The rows of an overview: who waits, who called without leaving a message, and how much is in each mailbox."""

from datetime import datetime
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from vm_mcp.inbox import MissedCall, WaitingCaller
from vm_mcp.views.handled_texts import handled_text
from vm_mcp.views.rows import (
    NOT_KNOWN,
    CallerRow,
    OptionalInt,
    Timestamp,
    VoicemailItem,
    beginning_cell,
    clock_time,
    timestamp,
)
from vm_mcp.wording import Words, joined, words

WAITING_COLUMNS = (
    "name", "contact", "number", "messages", "missed calls", "since", "latest", "extensions", "heard by", "state",
    "uuid of the latest", "its transcript begins",
)  # fmt: skip
MISSED_COLUMNS = ("name", "contact", "number", "calls", "first", "last", "extensions", "called back")


class WaitingItem(VoicemailItem):
    """A caller with open messages: the newest of them, how many there are, and since when."""

    messages: Annotated[int, Field(description="Open messages of this caller")] = 1
    missed_calls: Annotated[int, Field(description="Missed calls of this caller without a message")] = 0
    since: Annotated[Timestamp, Field(description="When the first was left; left out with one message")] = ""
    extensions: Annotated[list[str], Field(description="Mailboxes, where there are several")] = []

    @classmethod
    def of_caller(cls, caller: WaitingCaller, zone: ZoneInfo, now: datetime) -> Self:
        """Return the row of a caller, times in ``zone``."""
        is_one = caller.messages == 1
        return cls.of_message(
            caller.latest,
            zone,
            now,
            messages=caller.messages,
            missed_calls=caller.missed_calls,
            since="" if is_one else timestamp(caller.since, zone),
            extensions=list(caller.extensions) if len(caller.extensions) > 1 else [],
        )

    def waiting_cells(self, year: int) -> tuple[str, ...]:
        """Return what a text table shows: `WAITING_COLUMNS`."""
        return (
            *self.cells,
            str(self.messages),
            str(self.missed_calls),
            clock_time(self.since or self.received_at, year) or "?",
            clock_time(self.received_at, year) or "?",
            ", ".join(self.extensions) or self.extension or NOT_KNOWN,
            self.heard_cell(year),
            self.state_cell,
            self.short_uuid,
            beginning_cell(self.first_line, no_speech=self.no_speech, not_understood=self.not_understood),
        )


class MissedItem(CallerRow):
    """Missed calls of one caller that left no message."""

    calls: int
    first_at: Annotated[Timestamp, Field(description="Left out with one call")] = ""
    last_at: Timestamp = ""
    extensions: list[str] = []
    queues: list[str] = []
    state: Annotated[
        Literal["called_back", "tried", "not_called", "unknown"], Field(description="tried: called, no answer")
    ]
    handled: Annotated[Words, Field(description="What call records show after the last of them")] = Words("")

    @classmethod
    def of_missed(cls, missed: MissedCall, zone: ZoneInfo, now: datetime) -> Self:
        """Return the row of a caller, times in ``zone``."""
        return cls.of(
            missed,
            zone,
            first_at=timestamp(missed.first_at, zone) if missed.calls > 1 else "",
            state=missed.callback.state,
            handled=handled_text(missed.callback, None, zone, now),
        )

    def missed_cells(self, year: int) -> tuple[str, ...]:
        """Return what a text table shows: `MISSED_COLUMNS`."""
        reached = [*self.extensions, *(words("queue {name}", name=queue) for queue in self.queues)]
        known = words("no") if self.state == "not_called" else "" if self.handled else words("not known")
        return (
            *self.cells,
            str(self.calls),
            clock_time(self.first_at or self.last_at, year) or "?",
            clock_time(self.last_at, year) or "?",
            joined(", ", reached) or NOT_KNOWN,
            joined("; ", (known, self.handled)),
        )


class MailboxItem(BaseModel):
    """Counts of one mailbox."""

    extension: str = ""
    owner: Annotated[str, Field(description="Whose it is")] = ""
    messages: int
    unread: int
    unheard: Annotated[OptionalInt, Field(description="Left out while not known")] = None
    open: Annotated[OptionalInt, Field(description="Neither called back nor closed")] = None
