"""The endpoints of people: the account's address book, and its extensions.

There is also ``/extensions/{id}``, which holds the password of a telephone in clear. It is never called.
"""

from collections.abc import Iterable

from vm_mcp.contacts import Contact, ContactList, Extension
from vm_mcp.pbx.directory_wire import parse_contacts, parse_extensions
from vm_mcp.pbx.request_limits import OptionalPart, RequestBudget, within
from vm_mcp.pbx.transport import Transport
from vm_mcp.pbx.vendor import LARGEST_PAGE

MOST_PAGES = 100
"""Pages of contacts that are read: ten thousand contacts."""
CONTACTS_SECONDS = 180.0
"""For all of them."""


def _with_numbers(contacts: Iterable[Contact], *, is_complete: bool) -> ContactList:
    return ContactList(contacts=tuple(contact for contact in contacts if contact.numbers), is_complete=is_complete)


class ContactService:
    """The account's address book; `PbxClient.contacts`.

    Args:
        transport: The account's.
        requests_per_second: What it allows. Contacts are read at half of that, so that nobody's list waits for them.
    """

    def __init__(self, transport: Transport, requests_per_second: float) -> None:
        self._transport = transport
        self._part = OptionalPart("contacts", RequestBudget(1, 2 / requests_per_second))

    async def list(self) -> ContactList:
        """Return the contacts that have a telephone number, a hundred in a request.

        Raises:
            PbxForbiddenError: The API key has no right to contacts.
            PbxError: Any other of its kinds; an empty list never stands for an error.
        """
        return await within(CONTACTS_SECONDS, self._read())

    async def _read(self) -> ContactList:
        contacts: dict[str, Contact] = {}
        size = listed = 0
        for number in range(1, MOST_PAGES + 1):
            params = {"limit": str(LARGEST_PAGE), "page": str(number)}
            page = parse_contacts(await self._transport.get_optional("/contacts", params, self._part))
            known = len(contacts)
            contacts.update({row.row_id: row.row for row in page.rows})
            size, listed = size or page.row_count, listed + page.row_count
            # A page without anything new: the PBX has no more than that, or ignores page numbers.
            if number >= page.counted_pages(size) or len(contacts) == known:
                return _with_numbers(contacts.values(), is_complete=listed >= (page.total_count or 0))
        return _with_numbers(contacts.values(), is_complete=False)


class ExtensionService:
    """The account's extensions; `PbxClient.extensions`.

    Args:
        transport: The account's.
        requests_per_second: What it allows.
    """

    def __init__(self, transport: Transport, requests_per_second: float) -> None:
        self._transport = transport
        self._part = OptionalPart("extensions", RequestBudget(1, 2 / requests_per_second))

    async def list(self) -> tuple[Extension, ...]:
        """Return all extensions, and whose each is now.

        Raises:
            PbxForbiddenError: The API key has no right to extensions.
            PbxError: Any other of its kinds; an empty list never stands for an error.
        """
        return parse_extensions(await self._transport.get_optional("/extensions", {}, self._part))
