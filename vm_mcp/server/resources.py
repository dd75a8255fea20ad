"""The resources: a message, its transcript and its recording, each under an address made of the message's uuid.

The SDK's own templates know one type of content each, and check what is taken out of an address as if it were a path.
A uuid is opaque and never a path here, so what is no uuid is refused by the rule that the client has anyway.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.shared.uri_template import UriTemplate
from mcp_types import Resource, ResourceTemplate

from vm_mcp import views
from vm_mcp.errors import ArchiveError, InputError, RecordingError
from vm_mcp.inbox import Inbox, ListedVoicemail

SCHEME = "voicemail://"
RECENT = 25
"""Messages in the list of resources; with their transcripts it is up to twice as long."""
MAX_RECORDING_BYTES = 8_000_000
"""Eight minutes of a telephone; a third more as base64, in one line of the protocol."""


@dataclass(frozen=True)
class _Kind:
    """One kind of resource: how it is announced, and how it is read."""

    template: UriTemplate
    shown: ResourceTemplate
    read: Callable[[str], Awaitable[ReadResourceContents]]


class VoicemailResources:
    """The resources that the settings allow: READ_ONLY leaves out the recordings, whose reading marks a message."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._kinds = [
            _kind(
                MESSAGE,
                "message",
                "A voicemail",
                "Who called, when, for which mailbox, read or not, as JSON. Reading it marks nothing as read.",
                "application/json",
                self._message,
            ),
            _kind(
                TRANSCRIPT,
                "transcript",
                "A voicemail's transcript",
                "What was said in a voicemail that was transcribed before. Reading it marks nothing as read.",
                "text/plain",
                self._transcript,
            ),
        ]
        if inbox.can_retrieve:
            self._kinds.append(
                _kind(
                    RECORDING,
                    "recording",
                    "A voicemail's recording",
                    "The audio of a voicemail. Reading it marks the message as read in the phone system, for everyone "
                    "and for good.",
                    None,
                    self._recording,
                )
            )

    @property
    def templates(self) -> list[ResourceTemplate]:
        """What can be read, by uuid."""
        return [kind.shown for kind in self._kinds]

    async def listed(self) -> list[Resource]:
        """Give the messages that were listed last on this computer, else the latest, and their transcripts.

        Recordings are never among them: a host may read what is listed without being asked to.

        Raises:
            ArchiveError: The archive can't be used.
            PbxError: Nothing was listed yet, and the PBX could not answer.
        """
        listed: list[Resource] = []
        for voicemail in await self._inbox.listing.latest(RECENT):
            listed.append(self._resource(MESSAGE, "Voicemail", "application/json", voicemail))
            if voicemail.first_line:
                listed.append(self._resource(TRANSCRIPT, "Transcript", "text/plain", voicemail))
        return listed

    async def read(self, uri: str) -> ReadResourceContents:
        """Read one.

        Raises:
            InputError: There is no such resource, or no transcript yet.
            VmError: Whatever the inbox raises for it.
        """
        for kind in self._kinds:
            if (match := kind.template.match(uri)) is not None:
                return await kind.read(_checked(str(match["uuid"])))
        raise InputError(
            f"There is no such resource. Read {' or '.join(f'`{kind.shown.uri_template}`' for kind in self._kinds)}, "
            "with a uuid that list_voicemails gave."
        )

    async def _message(self, uuid: str) -> ReadResourceContents:
        listed = await self._inbox.listing.one(uuid)
        return ReadResourceContents(views.message_document(listed, self._inbox.settings.zone), "application/json")

    async def _transcript(self, uuid: str) -> ReadResourceContents:
        [entry] = await self._inbox.history.look_up([uuid])
        if entry.status == "missing":
            raise InputError(self._no_transcript())
        if entry.error:
            raise ArchiveError(entry.error)
        text = await asyncio.to_thread(views.transcript_document, entry, self._inbox.settings.zone)
        return ReadResourceContents(text, "text/plain")

    async def _recording(self, uuid: str) -> ReadResourceContents:
        recording = await self._inbox.recordings.fetch(uuid)
        if recording.size_bytes > MAX_RECORDING_BYTES:
            raise RecordingError(
                f"The recording has {recording.size_bytes} bytes; a resource takes {MAX_RECORDING_BYTES} at most. Call "
                "get_recording with delivery `file` or `link`. The message is now marked as read."
            )
        return ReadResourceContents(recording.data, recording.mime_type)

    def _no_transcript(self) -> str:
        if self._inbox.can_transcribe:
            return (
                "There is no transcript of that message yet. Call transcribe_voicemails with its uuid, which marks the "
                "message as read in the phone system, for everyone and for good."
            )
        return "There is no transcript of that message, and the settings allow none to be made here."

    def _resource(self, template: UriTemplate, title: str, mime_type: str, voicemail: ListedVoicemail) -> Resource:
        shown = f"{title}: {views.message_title(voicemail, self._inbox.settings.zone)}"
        uri = template.expand({"uuid": voicemail.uuid})
        return Resource(uri=uri, name=shown, title=shown, mime_type=mime_type)  # older hosts show the name


MESSAGE = UriTemplate.parse(f"{SCHEME}{{uuid}}")
TRANSCRIPT = UriTemplate.parse(f"{SCHEME}{{uuid}}/transcript")
RECORDING = UriTemplate.parse(f"{SCHEME}{{uuid}}/recording")


def _kind(  # noqa: PLR0913, PLR0917 - what a template is announced with
    template: UriTemplate,
    name: str,
    title: str,
    description: str,
    mime_type: str | None,
    read: Callable[[str], Awaitable[ReadResourceContents]],
) -> _Kind:
    shown = ResourceTemplate(
        uri_template=str(template), name=name, title=title, description=description, mime_type=mime_type
    )
    return _Kind(template, shown, read)


def _checked(uuid: str) -> str:
    from vm_mcp.ids import check_uuid  # it brings the HTTP client along, which a start need not wait for

    return check_uuid(uuid)
