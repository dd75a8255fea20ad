"""What a simulated account holds beside its voicemail: calls, an address book, and whose each extension is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

WireDirection = Literal["inbound", "outbound", "api", "ivr", "internal"]
"""``api``: a program placed the call for an extension; ``ivr``: a campaign's announcement."""


@dataclass
class Call:
    """One call, as the account's call records show it."""

    uuid: str
    direction: WireDirection
    started_at: datetime
    caller_number: str | None
    caller_name: str | None = ""
    destination_number: str | None = ""
    destination_name: str | None = ""
    talk_seconds: int | None = None
    """None: nobody answered."""
    ring_seconds: int = 12
    result: str = ""
    """The vendor's word; empty: what follows from ``talk_seconds``."""
    is_missed: bool | None = None
    """None: an inbound or internal call that nobody answered is."""
    return_uuid: str | None = None
    """The call that returned it."""
    queue: str = ""
    overrides: Mapping[str, object] = field(default_factory=dict)
    """Wire fields to send instead, for example with the typos of the vendor's own examples."""
    omit: frozenset[str] = frozenset()
    """Wire fields to leave out."""


@dataclass
class AddressBookEntry:
    """A contact. ``phones`` are sent as ``phone``, ``phone1`` and ``phone2``, as somebody typed them."""

    contact_id: int
    name: str
    surname: str = ""
    company_name: str | None = None
    phones: tuple[str, ...] = ()
    private: Mapping[str, object] = field(default_factory=dict)
    """Further wire fields, in place of made-up ones: national id, birthday, e-mail address, notes and more."""


@dataclass
class ExtensionOwner:
    """An extension, and whose it is now. Calls keep the name that it had then."""

    number: str
    name: str


def eight_spellings(number: str) -> tuple[str, ...]:
    """Return a Turkish number of ten digits in eight ways in which people write it."""
    area, first, second, third = number[:3], number[3:6], number[6:8], number[8:]
    return (
        number,
        f"0{number}",
        f"90{number}",
        f"0090{number}",
        f"+90{number}",
        f"+90 ({area}) {first}-{second}-{third}",
        f"0 ({area}) {first} {second} {third}",
        f"+90 (0){area}.{first}.{second}.{third}",
    )
