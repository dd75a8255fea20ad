"""Parse the answers of the voicemail endpoints into our models; see `vm_mcp.pbx.wire`."""

import re
from typing import Any

from vm_mcp.errors import PbxProtocolError
from vm_mcp.ids import is_usable_uuid
from vm_mcp.models import Voicemail
from vm_mcp.pbx.wire import (
    WirePage,
    WireRow,
    as_object,
    parse_json,
    parse_page,
    read_caller,
    read_duration,
    read_label,
    read_text,
    read_timestamp,
)

MAX_URL = 8000
"""Characters; the signed link of a cloud drive has hundreds."""


def parse_voicemails(body: bytes) -> WirePage[Voicemail]:
    """Parse a page of messages.

    Raises:
        PbxProtocolError: The body is not JSON, or holds no list of messages.
    """
    return parse_page(body, "messages", _parse_row)


def parse_voicemail(row: dict[str, Any]) -> Voicemail | None:
    """Parse one message; None when its uuid is missing or unsafe, since it could not be asked for."""
    uuid = read_text(row.get("uuid"))
    if not is_usable_uuid(uuid):
        return None
    read_stamp = row.get("read_stamp")
    return Voicemail(
        uuid=uuid,
        extension=read_label(row.get("user_number")),
        caller_id_number=read_caller(row.get("caller_id_number")),
        caller_id_name=read_label(row.get("caller_id_name")),
        received_at=read_timestamp(row.get("start_stamp")),
        # Null, "" and a missing field mean unread: the vendor doesn't say which it sends. Anything else means that
        # someone listened, even where the time can't be parsed.
        is_read=bool(read_stamp.strip() if isinstance(read_stamp, str) else read_stamp),
        read_at=read_timestamp(read_stamp),
        duration_seconds=read_duration(row.get("duration")),
    )


def parse_recording_url(body: bytes) -> str:
    """Parse the answer to a request for a recording's link.

    The voicemail page shows the bare URL as plain text; one of the vendor's newer pages shows JSON, with it in ``url``.

    Raises:
        PbxProtocolError: It is neither.
    """
    text = body.decode(errors="replace").strip()
    if text.startswith(("{", '"')):
        answer = parse_json(body)
        text = read_text(answer if isinstance(answer, str) else as_object(answer).get("url"))
    if len(text) > MAX_URL or not re.fullmatch(r"https?://[!-~]+", text):
        raise PbxProtocolError(
            "The PBX answered with something other than a recording's address. Try again; if it stays, ask the vendor."
        )
    return text


def _parse_row(row: dict[str, Any]) -> WireRow[Voicemail] | None:
    voicemail = parse_voicemail(row)
    return WireRow(voicemail.received_at, voicemail.row_id, voicemail) if voicemail else None
