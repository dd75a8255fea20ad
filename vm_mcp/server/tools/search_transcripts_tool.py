"""The tool ``search_transcripts``: messages by what was said, who called, or a note."""

from typing import Annotated

from mcp_types import CallToolResult
from pydantic import Field

from vm_mcp import views
from vm_mcp.inbox import Inbox, SearchRequest
from vm_mcp.server.tool_results import tool_result
from vm_mcp.server.tools.tool_arguments import MOMENTS, Extension, Text
from vm_mcp.server.tools.tool_base import InboxTool, ToolFunction

Query = Annotated[
    Text,
    Field(
        min_length=1,
        description='Words that must all occur, each as the beginning of a word; "words in quotes" exactly; a '
        "caller's or contact's name; words of a note; numbers, in digits or in words. Case, accents and Turkish "
        "letters don't matter",
    ),
]
SearchSince = Annotated[
    Text, Field(description=f"Earliest time: {MOMENTS}. Default: any time", examples=["2026-11-23", "7d"])
]
SearchUntil = Annotated[Text, Field(description="Latest time, in the same forms. Default: now")]
HitLimit = Annotated[int, Field(ge=1, le=50, description="Hits at most, 1 to 50. Default: 10")]


def _bind(inbox: Inbox) -> ToolFunction:
    async def search_transcripts(
        query: Query,
        since: SearchSince = "",
        until: SearchUntil = "",
        extension: Extension = "",
        limit: HitLimit = 10,
    ) -> Annotated[CallToolResult, views.SearchHitList]:
        request = SearchRequest(query=query, since=since, until=until, extension=extension, limit=limit)
        found = await inbox.history.search(request)
        return tool_result(views.search_hits(found, inbox.settings.zone, inbox.account.now()))

    return search_transcripts


SEARCH_TRANSCRIPTS = InboxTool(
    name="search_transcripts",
    title="Search transcripts",
    icon="M16 16l5 5M10.5 18a7.5 7.5 0 110-15 7.5 7.5 0 010 15z",
    description="Find voicemails (telesekreter, sesli mesaj) listed so far, by what was said (where there is a "
    "transcript), who called, a contact or a note. Best hits first, each with its uuid and the matching part; where "
    "few match, also what may be the same word, misheard (close). Marks nothing as read.",
    bind=_bind,
    marks_read=False,
    read_only=True,
    open_world=False,
)
