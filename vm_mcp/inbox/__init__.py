"""The use cases: list, fetch, transcribe, search. Hosts and commands reach all of them through `Inbox`."""

from vm_mcp.inbox.choosing import Chosen
from vm_mcp.inbox.facade import Inbox, open_inbox
from vm_mcp.inbox.outcomes import (
    ListedPage,
    ListedVoicemail,
    MailboxCounts,
    MissedCall,
    MissedPage,
    Overview,
    SavedRecording,
    Transcription,
    WaitingCaller,
    unchanged_notice,
)
from vm_mcp.inbox.requests import DEFAULT_DAYS, ArchiveRequest, ListRequest, MissedRequest, SearchRequest

__all__ = [
    "DEFAULT_DAYS",
    "ArchiveRequest",
    "Chosen",
    "Inbox",
    "ListRequest",
    "ListedPage",
    "ListedVoicemail",
    "MailboxCounts",
    "MissedCall",
    "MissedPage",
    "MissedRequest",
    "Overview",
    "SavedRecording",
    "SearchRequest",
    "Transcription",
    "WaitingCaller",
    "open_inbox",
    "unchanged_notice",
]
