"""Who asks, and what they may see and do: one person's access to one account."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

from vm_mcp.errors import AccessDeniedError
from vm_mcp.models import person_name
from vm_mcp.text import clean_text
from vm_mcp.wording import Words, joined, sentences, words

Scope = Literal["voicemail:read", "voicemail:open", "voicemail:update"]
"""What a person may do: list and read, retrieve recordings (which marks messages as read), close messages."""
SCOPES: frozenset[Scope] = frozenset(get_args(Scope))
_DENIED: Mapping[Scope, Words] = {
    "voicemail:read": words("You may not read this account's voicemail."),
    "voicemail:open": words("You may not open messages: it would mark them as read for everybody."),
    "voicemail:update": words("You may not close messages or note what became of them."),
}
MOST_NAMED = 10
"""Mailboxes that a text names."""
MAX_EXTENSION = 40
"""Characters of a mailbox that a text repeats."""
_ASK = words("Whoever manages your team's access can allow it.")


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
        return person_name(self.person.name) if self.person else ""

    @property
    def is_whole(self) -> bool:
        """Whether every mailbox may be seen."""
        return self.extensions is None

    def sees(self, extension: str) -> bool:
        """Return whether a mailbox's messages may be seen."""
        return self.extensions is None or extension in self.extensions

    def can(self, scope: Scope) -> bool:
        """Return whether a scope includes it."""
        return scope in self.scopes

    @property
    def mailboxes(self) -> Words:
        """The mailboxes that may be seen, as a text: some of them where there are many; empty if that is all."""
        if self.extensions is None:
            return words("")
        named = sorted(self.extensions, key=lambda extension: (len(extension), extension))
        if not named:
            return words("none")
        more = words(" and {count} more", count=len(named) - MOST_NAMED) if len(named) > MOST_NAMED else ""
        return joined("", (", ".join(named[:MOST_NAMED]), more))

    def hidden_notice(self, extension: str) -> Words:
        """Return that a mailbox that was asked for is not shown: nothing found must not look as if it were empty.

        Whether there is such a mailbox is not said.

        Args:
            extension: The mailbox; empty: all.
        """
        if self.is_whole or (self.extensions and (not extension or self.sees(extension))):
            return words("")
        asked = (
            words(
                "Mailbox {extension} is not shown to you (yours: {mailboxes}).",
                extension=clean_text(extension)[:MAX_EXTENSION],
                mailboxes=self.mailboxes,
            )
            if extension
            else words("No mailbox is shown to you (yours: {mailboxes}).", mailboxes=self.mailboxes)
        )
        return sentences(asked, _ASK)

    def require(self, scope: Scope) -> None:
        """Refuse what the scopes don't include.

        Raises:
            AccessDeniedError: They don't include it.
        """
        if not self.can(scope):
            raise AccessDeniedError(sentences(_DENIED[scope], _ASK))

    @property
    def is_operator(self) -> bool:
        """Whether it is whoever runs this program, at a desk or for a team, and no person of a team."""
        return self.person is None and self.is_whole

    def require_operator(self) -> None:
        """Refuse what only whoever runs this program may do, such as deleting messages.

        Raises:
            AccessDeniedError: A person of a team asks.
        """
        if not self.is_operator:
            raise AccessDeniedError("Only whoever runs this server can delete messages, with `vm-mcp purge`.")


EVERYTHING = Access()
"""A desk's access to its own account."""
