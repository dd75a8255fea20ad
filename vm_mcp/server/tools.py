"""The tools a model sees: their names, their words, and nothing else; each hands over to the inbox."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool
from mcp_types import CallToolResult, ToolAnnotations
from pydantic import BeforeValidator, Field

from vm_mcp import views
from vm_mcp.inbox import DEFAULT_DAYS, Inbox, ListRequest, SearchRequest
from vm_mcp.models import ReadStatus
from vm_mcp.server.tool_results import inline_recording, tool_result

MOMENTS = "ISO date or time, `today`, `yesterday`, or an age in days or hours (`7d`, `12h`)"
MAX_WAIT_SECONDS = 240
"""Beyond this no host waits."""

MAX_NUMBER_BITS = 900
"""Of a number that stands where text is meant: as many digits as a text may have."""


def _as_list(value: object) -> object:
    """Some models send one uuid bare."""
    return [value] if isinstance(value, str) else value


def _printable(value: object) -> object:
    """Python refuses to write a number of thousands of digits."""
    if isinstance(value, int) and value.bit_length() > MAX_NUMBER_BITS:
        raise ValueError("the number has too many digits")
    return value


# Hosts send numbers where text is meant, such as extension 1001.
Text = Annotated[str, Field(coerce_numbers_to_str=True, max_length=300), BeforeValidator(_printable)]
Uuid = Annotated[
    Text, Field(min_length=1, max_length=128, description="uuid of one message, as list_voicemails gave it")
]
Uuids = Annotated[
    list[Annotated[Text, Field(min_length=1, max_length=128)]],
    BeforeValidator(_as_list),
    Field(min_length=1, max_length=20, description="1 to 20 uuids, as list_voicemails gave them"),
]
Since = Annotated[
    Text,
    Field(
        description=f"Earliest time: {MOMENTS}; in the account's zone. Default: {DEFAULT_DAYS} days before `until`",
        examples=["2026-11-23", "2026-11-23T14:30", "yesterday", "7d"],
    ),
]
Until = Annotated[
    Text, Field(description="Latest time, in the same forms; a bare date includes that day. Default: now")
]
Status = Annotated[
    ReadStatus,
    Field(
        description="Which messages: all; unread; read; unheard: unread, or marked as read only because this assistant "
        "opened them. Default: all"
    ),
]
Extension = Annotated[Text, Field(description="Only this mailbox. Default: every mailbox", examples=["1001"])]
Caller = Annotated[
    Text,
    Field(description="Only callers whose name contains this, or whose number contains these digits. Default: all"),
]
OneUuid = Annotated[Text, Field(description="Look up this one message, whatever the other filters. Default: none")]
Limit = Annotated[int, Field(ge=1, le=100, description="How many messages at most, 1 to 100. Default: 20")]
Cursor = Annotated[
    Annotated[str, Field(max_length=2000)],
    Field(description="`next_cursor` of the page before; it repeats that page's filters. Default: the first page"),
]
Delivery = Annotated[
    Literal["link", "file", "inline"],
    Field(
        description="link: a URL that plays for an hour, for anyone who has it; file: saved on this computer; "
        "inline: the audio itself in the answer, only for hosts that play audio (others show over 100,000 characters). "
        "Default: link"
    ),
]
Language = Annotated[
    str,
    Field(
        pattern="^(auto|[a-z]{2})$",
        description="Language spoken: auto, or a two-letter code. Default: auto, the likeliest of the account's",
        examples=["tr", "en"],
    ),
]
Detail = Annotated[
    Literal["concise", "full"],
    Field(description="concise: the text; full: with times and certainty of each segment. Default: concise"),
]
Refresh = Annotated[
    bool, Field(description="Transcribe again what was transcribed before. Default: false, which costs nothing")
]
Query = Annotated[
    Text,
    Field(
        min_length=1,
        description='Words that must all occur, each as the beginning of a word; "words in quotes" exactly; a '
        "caller's name or number. Case, accents and Turkish letters don't matter",
    ),
]
SearchSince = Annotated[
    Text, Field(description=f"Earliest time: {MOMENTS}. Default: any time", examples=["2026-11-23", "7d"])
]
SearchUntil = Annotated[Text, Field(description="Latest time, in the same forms. Default: now")]
HitLimit = Annotated[int, Field(ge=1, le=50, description="How many hits at most, 1 to 50. Default: 10")]
WaitSeconds = Annotated[
    float,
    Field(
        ge=0,
        le=MAX_WAIT_SECONDS,
        description=f"Seconds to wait, 0 to {MAX_WAIT_SECONDS}, 3 where calls time out early; what takes longer comes "
        "back as pending. Default: 45",
    ),
]


def inbox_tools(inbox: Inbox) -> list[Tool]:
    """Build the tools that the settings allow: READ_ONLY leaves those that mark nothing as read."""
    opens = not inbox.settings.read_only
    transcribes = opens and inbox.settings.engine != "none"
    return [
        _list_voicemails(inbox),
        *([_get_recording(inbox)] if opens else []),
        _transcribe_voicemails(inbox) if transcribes else _get_transcripts(inbox),
        _search_transcripts(inbox),
        _show_inbox(inbox),
    ]


def _list_voicemails(inbox: Inbox) -> Tool:
    async def list_voicemails(  # noqa: PLR0913, PLR0917 - its parameters are the tool's, and a host sends them by name
        since: Since = "",
        until: Until = "",
        status: Status = "all",
        extension: Extension = "",
        caller: Caller = "",
        uuid: OneUuid = "",
        limit: Limit = 20,
        cursor: Cursor = "",
    ) -> Annotated[CallToolResult, views.VoicemailList]:
        zone = inbox.settings.zone
        if uuid:
            return tool_result(views.one_voicemail(await inbox.listing.one(uuid), zone))
        request = ListRequest(
            since=since,
            until=until,
            status=status,
            extension=extension,
            caller=caller,
            limit=limit,
            cursor=cursor,
        )
        return tool_result(views.voicemail_list(await inbox.list_voicemails(request), zone))

    return _tool(
        list_voicemails,
        title="List voicemails",
        description="List voicemail messages, newest first: who called, when, which mailbox, how long, read or not. "
        "Marks nothing as read. Returns each message's uuid, which the other tools want, and how its transcript "
        "begins if it has one.",
        read_only=True,
    )


def _get_recording(inbox: Inbox) -> Tool:
    async def get_recording(
        uuid: Uuid, delivery: Delivery = "link"
    ) -> Annotated[CallToolResult, views.RecordingResult]:
        if delivery == "link":
            return tool_result(views.recording_link(await inbox.recordings.link(uuid), inbox.settings.zone))
        if delivery == "file":
            return tool_result(views.recording_file(await inbox.recordings.save(uuid)))
        return inline_recording(await inbox.recordings.fetch(uuid))

    return _tool(
        get_recording,
        title="Get a recording",
        description="Get the audio of one voicemail, as a link, a file or inline. This marks the message as read "
        "in the phone system, for everyone and for good.",
        read_only=False,
    )


def _transcribe_voicemails(inbox: Inbox) -> Tool:
    async def transcribe_voicemails(  # noqa: PLR0913, PLR0917 - its parameters are the tool's
        uuids: Uuids,
        ctx: Context[None, Any],
        language: Language = "auto",
        detail: Detail = "concise",
        wait_seconds: WaitSeconds = 45,
        refresh: Refresh = False,  # noqa: FBT002 - a host sends arguments by name
    ) -> Annotated[CallToolResult, views.TranscriptionList]:
        async def on_progress(done: float, total: int) -> None:
            transcribed = f"{int(done)} of {total} messages transcribed"
            await ctx.report_progress(done, total, inbox.transcribing.waiting_for or transcribed)

        entries = await inbox.transcribing.transcribe(
            uuids,
            language="" if language == "auto" else language,
            wait_seconds=wait_seconds,
            refresh=refresh,
            on_progress=on_progress,
        )
        shown = await asyncio.to_thread(views.transcriptions, entries, inbox.settings.zone, full=detail == "full")
        return tool_result(shown)

    return _tool(
        transcribe_voicemails,
        title="Transcribe voicemails",
        description="Listen to voicemails on this computer and return what was said: one entry a uuid, in order, with "
        "status done, no_speech, pending (call again with the same uuids) or failed. What was transcribed before comes "
        "from the archive at once. Transcribing marks the messages as read in the phone system, for everyone and for "
        "good. Names, digits and amounts may be misheard.",
        read_only=False,
    )


def _get_transcripts(inbox: Inbox) -> Tool:
    async def get_transcripts(
        uuids: Uuids, detail: Detail = "concise"
    ) -> Annotated[CallToolResult, views.TranscriptionList]:
        entries = await inbox.transcribing.look_up(uuids)
        shown = await asyncio.to_thread(views.transcriptions, entries, inbox.settings.zone, full=detail == "full")
        return tool_result(shown)

    return _tool(
        get_transcripts,
        title="Get transcripts",
        description="Return what was said in voicemails that were transcribed before: one entry a uuid, in order, with "
        "status done, no_speech, missing or failed. Marks nothing as read. Names, digits and amounts may be misheard.",
        read_only=True,
        open_world=False,
    )


def _search_transcripts(inbox: Inbox) -> Tool:
    async def search_transcripts(
        query: Query,
        since: SearchSince = "",
        until: SearchUntil = "",
        extension: Extension = "",
        limit: HitLimit = 10,
    ) -> Annotated[CallToolResult, views.SearchHitList]:
        request = SearchRequest(query=query, since=since, until=until, extension=extension, limit=limit)
        return tool_result(views.search_hits(await inbox.history.search(request), inbox.settings.zone))

    return _tool(
        search_transcripts,
        title="Search transcripts",
        description="Find voicemails by what was said in them, or by caller, among those transcribed so far on this "
        "computer. The best hits first, each with its uuid and the part that matches. Marks nothing as read.",
        read_only=True,
        open_world=False,
    )


def _show_inbox(inbox: Inbox) -> Tool:
    async def show_inbox(extension: Extension = "") -> Annotated[CallToolResult, views.InboxOverview]:
        return tool_result(views.inbox_overview(await inbox.overview(extension), inbox.settings.zone))

    return _tool(
        show_inbox,
        title="Show the inbox",
        description=f"Count the voicemails of the last {DEFAULT_DAYS} days (unread, unheard, by mailbox), and tell "
        "which lies there longest and which callers wait whom no person has heard: how often they called, since when, "
        "and the uuid of their latest message. Marks nothing as read.",
        read_only=True,
    )


def _tool(
    function: Callable[..., Awaitable[CallToolResult]],
    *,
    title: str,
    description: str,
    read_only: bool,
    open_world: bool = True,
) -> Tool:
    annotations = ToolAnnotations(
        title=title, read_only_hint=read_only, destructive_hint=False, idempotent_hint=True, open_world_hint=open_world
    )
    tool = Tool.from_function(function, title=title, description=description, annotations=annotations)
    arguments = tool.fn_metadata.arg_model
    arguments.model_config["extra"] = "forbid"  # an argument that is not there must not look as if it had worked
    arguments.model_config["str_strip_whitespace"] = True
    arguments.model_rebuild(force=True)
    tool.parameters = without_titles(arguments.model_json_schema(by_alias=True))
    if tool.fn_metadata.output_schema:
        tool.fn_metadata.output_schema = without_titles(tool.fn_metadata.output_schema)
    return tool


def without_titles(schema: dict[str, Any]) -> dict[str, Any]:
    """Drop titles that pydantic derives from names, and null defaults: a model pays for each, and learns nothing."""
    return {
        key: {name: without_titles(sub) for name, sub in value.items()}
        if key in {"properties", "$defs"}
        else without_titles(value)
        if isinstance(value, dict)
        else value
        for key, value in schema.items()
        if key != "title" and (key, value) != ("default", None)
    }
