"""The order in which messages are worked on."""

import itertools
from concurrent.futures import CancelledError
from dataclasses import dataclass, field

_numbers = itertools.count()


@dataclass(order=True, slots=True)
class Turn:
    """A message's place: work for a message with a lower one is done first."""

    is_background: bool = False
    """Whether nobody waits for it."""
    number: int = field(default_factory=lambda: next(_numbers))
    """Messages are numbered as they come."""
    is_cancelled: bool = field(default=False, compare=False)
    """Whether its result is no longer wanted. What is not yet begun for it is then not done."""

    @property
    def place(self) -> tuple[bool, int]:
        """What turns are compared by."""
        return self.is_background, self.number

    def raise_if_cancelled(self) -> None:
        """Raise CancelledError if the result is no longer wanted."""
        if self.is_cancelled:
            raise CancelledError
