"""Who asks, and what they may see and do: one person's access to one account."""

from typing import Literal, NamedTuple, get_args

Scope = Literal["voicemail:read", "voicemail:open", "voicemail:update"]
"""What a person may do: list and read, retrieve recordings (which marks messages as read), close messages."""
SCOPES: frozenset[Scope] = frozenset(get_args(Scope))


class Person(NamedTuple):
    """Who asks, by a token of the team's identity provider."""

    subject: str
    """Their identifier there, which never changes."""
    name: str
    """Their name as colleagues know it; a stranger's text for a model, like every name."""


class Access(NamedTuple):
    """What of one account may be seen and done, and by whom."""

    person: Person | None = None
    """None: whoever sits at this computer."""
    extensions: frozenset[str] | None = None
    """The mailboxes whose messages may be seen; None: all."""
    scopes: frozenset[Scope] = SCOPES

    @property
    def by(self) -> str:
        """The name that is kept with what they do; empty at a desk."""
        return self.person.name if self.person else ""

    def sees(self, extension: str) -> bool:
        """Return whether a mailbox's messages may be seen."""
        return self.extensions is None or extension in self.extensions


EVERYTHING = Access()
"""A desk's access to its own account."""
