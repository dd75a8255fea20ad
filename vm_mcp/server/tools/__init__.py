"""The tools that a model sees, and those that the inbox page calls: one module each, with its arguments and texts.

A new one adds a line to `ALL`.
"""

from vm_mcp.inbox import Inbox
from vm_mcp.server.tools.get_recording_tool import GET_RECORDING
from vm_mcp.server.tools.get_transcripts_tool import GET_TRANSCRIPTS
from vm_mcp.server.tools.inbox_audio_tool import INBOX_AUDIO
from vm_mcp.server.tools.inbox_messages_tool import INBOX_MESSAGES
from vm_mcp.server.tools.inbox_update_tool import INBOX_UPDATE
from vm_mcp.server.tools.list_missed_calls_tool import LIST_MISSED_CALLS
from vm_mcp.server.tools.list_voicemails_tool import LIST_VOICEMAILS
from vm_mcp.server.tools.search_transcripts_tool import SEARCH_TRANSCRIPTS
from vm_mcp.server.tools.show_inbox_tool import SHOW_INBOX
from vm_mcp.server.tools.tool_base import InboxTool
from vm_mcp.server.tools.transcribe_voicemails_tool import TRANSCRIBE_VOICEMAILS
from vm_mcp.server.tools.update_voicemails_tool import UPDATE_VOICEMAILS

ALL: tuple[InboxTool, ...] = (
    LIST_VOICEMAILS,
    GET_RECORDING,
    TRANSCRIBE_VOICEMAILS,
    GET_TRANSCRIPTS,
    SEARCH_TRANSCRIPTS,
    SHOW_INBOX,
    LIST_MISSED_CALLS,
    UPDATE_VOICEMAILS,
    INBOX_MESSAGES,
    INBOX_AUDIO,
    INBOX_UPDATE,
)
"""In the order in which hosts list them."""
PAGE_HELPERS = frozenset(tool.name for tool in ALL if tool.page_part == "helper")
"""Tools that only the inbox page calls."""


def offered(inbox: Inbox) -> list[InboxTool]:
    """Return the tools that the settings allow, to whoever asks."""
    return [tool for tool in ALL if tool.is_offered(inbox)]
