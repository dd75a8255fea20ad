"""Parse the answers of ``/contacts`` and ``/extensions``; see `vm_mcp.pbx.wire`.

The vendor also sends national ids, birthdays, e-mail addresses, notes and more. Only the fields named here are ever
read, and nothing else of an answer outlives its parsing: not in an object, a log or an error.
"""

from typing import Any

from vm_mcp.contacts import Contact, Extension
from vm_mcp.pbx.wire import WirePage, WireRow, as_object, parse_json, parse_page, parse_rows, read_caller, read_label

_PHONES = ("phone", "phone1", "phone2")


def parse_contacts(body: bytes) -> WirePage[Contact]:
    """Parse a page of contacts; one without a usable id is kept, since the id only tells it from others.

    Raises:
        PbxProtocolError: The body is not JSON, or holds no list of contacts.
    """
    return parse_page(body, "contacts", _parse_contact_row)


def parse_contact(row: dict[str, Any]) -> Contact:
    """Parse one contact."""
    names = (read_label(row.get(name)) for name in ("name", "surname"))
    numbers = (read_caller(row.get(name)) for name in _PHONES)
    return Contact(
        contact_id=read_label(row.get("id")),
        name=" ".join(filter(None, names)),
        company=read_label(row.get("company_name")),
        numbers=tuple(dict.fromkeys(filter(None, numbers))),
    )


def parse_extensions(body: bytes) -> tuple[Extension, ...]:
    """Parse the extensions: a list, or one in an object as other endpoints send it. Of two with one number, the later.

    Raises:
        PbxProtocolError: The body is not JSON, or holds no list of extensions.
    """
    answer = parse_json(body)
    rows = answer if isinstance(answer, list) else as_object(answer).get("extensions")
    parsed = parse_rows(rows, "extensions", _parse_extension)
    return tuple({extension.number: extension for extension in parsed}.values())


def _parse_extension(row: dict[str, Any]) -> Extension | None:
    number = read_label(row.get("number"))
    return Extension(number=number, name=read_label(row.get("name"))) if number else None


def _parse_contact_row(row: dict[str, Any]) -> WireRow[Contact]:
    contact = parse_contact(row)
    # Without an id, a contact is told from others by all that is kept of it.
    return WireRow(None, contact.contact_id or repr(contact), contact)
