"""What a model gets back: structured content, and a compact text that says the same.

Some hosts show the model only one of the two, so both carry every fact. Neither holds nulls: what is unknown is left
out. Text columns are separated by tabs, which no caller's name can hold (the client strips control characters), so a
stranger can't forge a column or a row.
"""

from vm_mcp.server.results.recordings import RecordingResult, recording_file, recording_inline, recording_link
from vm_mcp.server.results.search import SearchHitList, search_hits
from vm_mcp.server.results.transcriptions import TranscriptionList, transcriptions
from vm_mcp.server.results.voicemails import VoicemailList, one_voicemail, voicemail_list

__all__ = [
    "RecordingResult",
    "SearchHitList",
    "TranscriptionList",
    "VoicemailList",
    "one_voicemail",
    "recording_file",
    "recording_inline",
    "recording_link",
    "search_hits",
    "transcriptions",
    "voicemail_list",
]
