"""The account's address book and extensions, as far as they name who called and whom they called.

The PBX also knows people's national ids, birthdays, e-mail addresses and notes. They are dropped where its answer is
parsed; there is no field for them.
"""

from collections.abc import Iterable, Mapping

from vm_mcp.models import Model
from vm_mcp.telephone import shortest_spelling


class Contact(Model):
    """An entry of the address book."""

    contact_id: str = ""
    """The PBX's; empty when it sent none."""
    name: str = ""
    """Given name and surname."""
    company: str = ""
    numbers: tuple[str, ...] = ()
    """As people typed them, in any spelling."""


class Extension(Model):
    """An internal number and whose it is now; it may have been another's before."""

    number: str
    name: str = ""


class ContactList(Model):
    """The contacts with a telephone number. Those without one name nobody who calls."""

    contacts: tuple[Contact, ...]
    is_complete: bool
    """False when there are more than are read."""


def contacts_by_number(contacts: Iterable[Contact]) -> Mapping[str, tuple[Contact, ...]]:
    """Return contacts by each of their numbers, as `shortest_spelling` writes it; several may share one."""
    found: dict[str, dict[Contact, None]] = {}
    for contact in contacts:
        for number in filter(None, map(shortest_spelling, contact.numbers)):
            found.setdefault(number, {})[contact] = None
    return {number: tuple(sharing) for number, sharing in found.items()}
