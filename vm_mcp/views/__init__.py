"""What a model gets back: structured content, and a compact text that says the same.

Some hosts show the model only one of the two, so both carry every fact. Neither holds nulls: what is unknown is left
out. Text columns are separated by tabs, which no caller's name can hold (the client strips control characters), so a
stranger can't forge a column or a row.
"""

from vm_mcp.views.overview_view import InboxOverview, inbox_overview
from vm_mcp.views.recording_view import RecordingResult, recording_file, recording_inline, recording_link
from vm_mcp.views.search_view import SearchHitList, search_hits
from vm_mcp.views.transcript_view import (
    TranscriptionItem,
    TranscriptionList,
    transcript_document,
    transcription_item,
    transcriptions,
)
from vm_mcp.views.voicemail_view import VoicemailList, message_document, one_voicemail, voicemail_list

__all__ = [
    "InboxOverview",
    "RecordingResult",
    "SearchHitList",
    "TranscriptionItem",
    "TranscriptionList",
    "VoicemailList",
    "inbox_overview",
    "message_document",
    "one_voicemail",
    "recording_file",
    "recording_inline",
    "recording_link",
    "search_hits",
    "transcript_document",
    "transcription_item",
    "transcriptions",
    "voicemail_list",
]
