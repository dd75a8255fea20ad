"""The use cases: list, fetch, transcribe, search. Everything a host or a command can ask for goes through ``Inbox``."""

from vm_mcp.inbox.answers import ListedPage, ListedVoicemail, SavedRecording, Transcription
from vm_mcp.inbox.inbox import Inbox, open_inbox
from vm_mcp.inbox.requests import DEFAULT_DAYS, ListRequest, SearchRequest

__all__ = [
    "DEFAULT_DAYS",
    "Inbox",
    "ListRequest",
    "ListedPage",
    "ListedVoicemail",
    "SavedRecording",
    "SearchRequest",
    "Transcription",
    "open_inbox",
]
