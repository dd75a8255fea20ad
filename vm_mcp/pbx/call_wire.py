"""Parse the answers of ``/cdrs``; see `vm_mcp.pbx.wire`.

The vendor's page shows Turkish words where its web hook sends English ones, and booleans as text where its OpenAPI
description has true ones. Every reading is accepted.
"""

from typing import Any

from vm_mcp.call_records import CallDirection, CallRecord, CallResult
from vm_mcp.pbx.wire import (
    WirePage,
    WireRow,
    parse_page,
    read_caller,
    read_duration,
    read_flag,
    read_label,
    read_timestamp,
    read_uuid,
)
from vm_mcp.text import fold_words

_DIRECTIONS: dict[str, CallDirection] = {
    "gelen": "inbound",
    "inbound": "inbound",
    "giden": "outbound",
    "outbound": "outbound",
    "giden api": "outbound",
    "giden ivr": "campaign",
    "santral ici": "internal",
    "internal": "internal",
}
_RESULTS: dict[str, CallResult] = {
    "cevaplandi": "answered",
    "normal clearing": "answered",
    "normal unspecified": "answered",
    "answered": "answered",
    "cevapsiz": "no_answer",
    "zamanasimi": "no_answer",
    "no answer": "no_answer",
    "mesgul": "busy",
    "mesgule atildi": "rejected",
    "user busy": "busy",
    "vazgecildi": "cancelled",
    "originator cancel": "cancelled",
    "reddedildi": "rejected",
    "call rejected": "rejected",
    "ulasilamiyor": "unreachable",
    "no user response": "unreachable",
    "hatali numara": "failed",
    "iys izni yok": "failed",
    "hata": "failed",
    "genel hata": "failed",
    "cagri baglanamadi": "failed",
    "ses kodekleri uyumsuz": "failed",
    "cihazla iletisim sorunu": "failed",
    "iletisim sorunu": "failed",
    "sesli gorusme yapamayan numara": "failed",
    "desteklenmeyen kanal tipi": "failed",
    "arama icin santral uygun durumda degil": "failed",
    "taninmayan cagri id numarasi": "failed",
}
"""By the vendor's list of results, folded; what may follow an answer, such as a transfer, is ``other``."""


def parse_call_records(body: bytes) -> WirePage[CallRecord]:
    """Parse a page of call records.

    Raises:
        PbxProtocolError: The body is not JSON, or holds no list of call records.
    """
    return parse_page(body, "cdrs", _parse_row)


def parse_call_record(row: dict[str, Any]) -> CallRecord | None:
    """Parse one call record; None when its uuid is missing or unsafe."""
    uuid = read_uuid(row.get("call_uuid"))
    if not uuid:
        return None
    return CallRecord(
        call_uuid=uuid,
        direction=_DIRECTIONS.get(fold_words(read_label(row.get("direction"))), "unknown"),
        started_at=read_timestamp(row.get("start_stamp")),
        answered_at=read_timestamp(row.get("answer_stamp")),
        ended_at=read_timestamp(row.get("end_stamp")),
        caller_id_number=read_caller(row.get("caller_id_number")),
        caller_id_name=read_label(row.get("caller_id_name")),
        destination_number=read_caller(row.get("destination_number")),
        destination_name=read_label(row.get("destination_name")),
        duration_seconds=read_duration(row.get("duration")),
        talk_seconds=read_duration(row.get("talk_duration")),
        queue=read_label(row.get("queue")),
        result=_RESULTS.get(fold_words(read_label(row.get("result"))), "other"),
        is_missed=read_flag(row.get("missed")),
        return_uuid=read_uuid(row.get("return_uuid")),
    )


def _parse_row(row: dict[str, Any]) -> WireRow[CallRecord] | None:
    record = parse_call_record(row)
    return WireRow(record.started_at, record.call_uuid, record) if record else None
