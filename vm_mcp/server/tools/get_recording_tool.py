"""The tool ``get_recording``: the audio of one message."""

from typing import Annotated, Literal

from mcp_types import CallToolResult
from pydantic import Field

from vm_mcp import views
from vm_mcp.inbox import Inbox
from vm_mcp.server.tool_results import inline_recording, tool_result
from vm_mcp.server.tools.tool_arguments import Text
from vm_mcp.server.tools.tool_base import InboxTool, ToolFunction

Uuid = Annotated[Text, Field(min_length=1, max_length=128, description="uuid of a message, or the end that lists show")]
Delivery = Annotated[
    Literal["link", "file", "inline"],
    Field(
        description="link: a URL that plays for an hour, for anyone who has it; file: saved on this computer; "
        "inline: the audio itself in the answer, only for hosts that play audio (others show over 100,000 characters). "
        "Default: link"
    ),
]


StartSeconds = Annotated[
    float,
    Field(ge=0, le=86_400, description="Of a link: second at which to start, where the player can. Default: 0"),
]


def _bind(inbox: Inbox) -> ToolFunction:
    async def get_recording(
        uuid: Uuid, delivery: Delivery = "link", start_seconds: StartSeconds = 0
    ) -> Annotated[CallToolResult, views.RecordingResult]:
        [uuid] = await inbox.whole_uuids([uuid])
        was_read = await inbox.known.was_read(uuid)
        if delivery == "link":
            link = await inbox.recordings.link(uuid)
            zone = inbox.settings.zone
            return tool_result(views.recording_link(link, zone, was_read=was_read, start_seconds=start_seconds))
        if delivery == "file":
            return tool_result(views.recording_file(await inbox.recordings.save(uuid), was_read=was_read))
        return inline_recording(await inbox.recordings.fetch(uuid), was_read=was_read)

    return get_recording


GET_RECORDING = InboxTool(
    name="get_recording",
    title="Get a recording",
    icon="M7 5v14l11-7z",
    description="Get the audio of one voicemail (ses kaydı), to listen to it: as a link, a file or inline. This marks "
    "the message as read in the phone system, for everyone and for good.",
    bind=_bind,
    marks_read=True,
    read_only=False,
)
