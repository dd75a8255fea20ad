"""What an answer looks like, for a model, a program or a person. Nothing here knows MCP.

Each ``…_view`` module first puts all facts into a content model, made of the rows in `vm_mcp.views.rows` and a notice,
and then writes the text from that content alone. `View` pairs the two. Another form, such as HTML, is another module
that is made of the same rows, as `to_csv` and `to_vtt` are. `page_view` is what the inbox page gets; it is imported
where it is used.
"""

from vm_mcp.views.csv_table import to_csv
from vm_mcp.views.overview_view import InboxOverview, MissedCallList, inbox_overview, missed_calls
from vm_mcp.views.recording_view import RecordingResult, recording_file, recording_inline, recording_link
from vm_mcp.views.said_rows import TranscriptionItem
from vm_mcp.views.search_view import SearchHitList, nothing_found, search_hits
from vm_mcp.views.transcript_view import TranscriptionList, transcript_document, transcription_item, transcriptions
from vm_mcp.views.view import View
from vm_mcp.views.voicemail_view import (
    MarkedList,
    VoicemailList,
    marked_voicemails,
    message_document,
    message_title,
    one_voicemail,
    voicemail_list,
)
from vm_mcp.views.webvtt import to_vtt

__all__ = [
    "InboxOverview",
    "MarkedList",
    "MissedCallList",
    "RecordingResult",
    "SearchHitList",
    "TranscriptionItem",
    "TranscriptionList",
    "View",
    "VoicemailList",
    "inbox_overview",
    "marked_voicemails",
    "message_document",
    "message_title",
    "missed_calls",
    "nothing_found",
    "one_voicemail",
    "recording_file",
    "recording_inline",
    "recording_link",
    "search_hits",
    "to_csv",
    "to_vtt",
    "transcript_document",
    "transcription_item",
    "transcriptions",
    "voicemail_list",
]
