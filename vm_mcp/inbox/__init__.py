"""The use cases: list, fetch, transcribe, search. Hosts and commands reach all of them through `Inbox`."""

from vm_mcp.inbox.facade import Inbox, open_inbox
from vm_mcp.inbox.outcomes import (
    ListedPage,
    ListedVoicemail,
    MailboxCounts,
    Overview,
    SavedRecording,
    Transcription,
    WaitingCaller,
)
from vm_mcp.inbox.requests import DEFAULT_DAYS, ArchiveRequest, ListRequest, SearchRequest

__all__ = [
    "DEFAULT_DAYS",
    "ArchiveRequest",
    "Inbox",
    "ListRequest",
    "ListedPage",
    "ListedVoicemail",
    "MailboxCounts",
    "Overview",
    "SavedRecording",
    "SearchRequest",
    "Transcription",
    "WaitingCaller",
    "open_inbox",
]
