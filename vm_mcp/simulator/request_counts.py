"""How often an account was asked for what, and when for a recording, however many requests that were."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from vm_mcp.simulator.faults import Step

_TOO_MANY = 429


@dataclass
class RequestCounts:
    """Counts of one account's requests."""

    answers: Counter[Step] = field(default_factory=Counter)
    """All that were answered, refusals included."""
    too_many: int = 0
    """Those that were refused because they came too fast."""
    links: dict[str, tuple[datetime, ...]] = field(default_factory=dict)
    """When links to a recording were handed out, by the message's uuid."""
    downloads: Counter[str] = field(default_factory=Counter)
    """How often it was downloaded."""

    def note_answer(self, step: Step, status: int) -> None:
        """Count an answer."""
        self.answers[step] += 1
        self.too_many += status == _TOO_MANY

    def note_link(self, uuid: str, at: datetime) -> None:
        """Count a link to a recording."""
        self.links[uuid] = (*self.links.get(uuid, ()), at)

    def copy(self) -> "RequestCounts":
        """Return them as they are now; from any thread, since a dictionary is copied in one step."""
        return RequestCounts(self.answers.copy(), self.too_many, self.links.copy(), self.downloads.copy())
