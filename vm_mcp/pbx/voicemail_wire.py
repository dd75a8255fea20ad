"""The voicemail endpoints' wire format -> our models; see `vm_mcp.pbx.wire`."""

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
    read_duration,
    read_label,
    read_text,
    read_timestamp,
)

MAX_URL = 8000
"""Characters; a cloud drive's signed links have hundreds."""


def parse_voicemails(body: bytes) -> WirePage[Voicemail]:
    """Read a page of messages.

    Raises:
        PbxProtocolError: The body is not JSON, or holds no list of messages.
    """
    return parse_page(body, "messages", _parse_row)


def parse_voicemail(row: dict[str, Any]) -> Voicemail | None:
    """Read one message; None when it has no usable uuid, so that nothing could be done with it."""
    uuid = read_text(row.get("uuid"))
    if not is_usable_uuid(uuid):
        return None
    read_stamp = row.get("read_stamp")
    return Voicemail(
        uuid=uuid,
        extension=read_label(row.get("user_number")),
        caller_id_number=read_label(row.get("caller_id_number")),
        caller_id_name=read_label(row.get("caller_id_name")),
        received_at=read_timestamp(row.get("start_stamp")),
        # Null, "" and no timestamp at all mean unread; one that can't be read still says that somebody listened.
        is_read=bool(read_stamp.strip() if isinstance(read_stamp, str) else read_stamp),
        read_at=read_timestamp(read_stamp),
        duration_seconds=read_duration(row.get("duration")),
    )


def parse_recording_url(body: bytes) -> str:
    """Read the answer to a request for a link: the bare URL, or JSON with the URL in ``url``.

    Raises:
        PbxProtocolError: It is neither.
    """
    text = body.decode(errors="replace").strip()
    if text.startswith(("{", '"')):
        answer = parse_json(body)
        text = read_text(answer if isinstance(answer, str) else as_object(answer).get("url"))
    if len(text) > MAX_URL or not re.fullmatch(r"https?://[!-~]+", text):
        raise PbxProtocolError(
            "The PBX answered with something that is no recording's address. Try again; if it stays, ask the vendor."
        )
    return text


def _parse_row(row: dict[str, Any]) -> WireRow[Voicemail] | None:
    voicemail = parse_voicemail(row)
    return WireRow(voicemail.received_at, voicemail.uuid, voicemail) if voicemail else None
