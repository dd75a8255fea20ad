"""The resources: a message, its transcript and its recording, each at an address made of the message's uuid.

The SDK's resource templates are not used: each has one content type, while a recording's is known only after its
retrieval, and they check values from an address as if they were paths. A uuid here is opaque and never part of a path,
so it is checked by the rule of the PBX client.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.shared.uri_template import UriTemplate
from mcp_types import Resource, ResourceTemplate

from vm_mcp import views
from vm_mcp.errors import ArchiveError, InputError, RecordingError
from vm_mcp.ids import check_uuid
from vm_mcp.inbox import Inbox, ListedVoicemail

SCHEME = "voicemail://"
RECENT = 25
"""Messages in the list of resources. With their transcripts, the list is up to twice as long."""
MAX_RECORDING_BYTES = 8_000_000
"""Eight minutes of telephone audio. As base64 it grows by a third, and it is sent as one line of the protocol."""


@dataclass(frozen=True)
class _Kind:
    """One kind of resource: how it is announced and read."""

    template: UriTemplate
    announced: ResourceTemplate
    read: Callable[[str], Awaitable[ReadResourceContents]]


class VoicemailResources:
    """The resources that the settings and who asks allow: not always recordings, whose reading marks a message."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._kinds = [
            _kind(
                MESSAGE,
                "message",
                "A voicemail",
                "Who called, when, for which mailbox, read or not, as JSON. Marks nothing as read.",
                "application/json",
                self._message,
            ),
            _kind(
                TRANSCRIPT,
                "transcript",
                "A voicemail's transcript",
                "What was said in a voicemail that was transcribed before. Marks nothing as read.",
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
        """The templates of what can be read, by uuid."""
        return [kind.announced for kind in self._kinds]

    async def listed(self) -> list[Resource]:
        """List the latest messages and their transcripts, from the archive; from the PBX where it has none yet.

        Recordings are never listed: a host may read what is listed on its own initiative.

        Raises:
            ArchiveError: The archive can't be used.
            PbxError: The archive has no message yet, and the PBX could not answer.
        """
        resources: list[Resource] = []
        for voicemail in await self._inbox.listing.latest(RECENT):
            resources.append(self._resource(MESSAGE, "Voicemail", "application/json", voicemail))
            if voicemail.first_line:
                resources.append(self._resource(TRANSCRIPT, "Transcript", "text/plain", voicemail))
        return resources

    async def read(self, uri: str) -> ReadResourceContents:
        """Read a resource.

        Raises:
            InputError: There is no such resource, or no transcript yet.
            VmError: Whatever the inbox raises for it.
        """
        kind, uuid = self._found(uri)
        [whole] = await self._inbox.whole_uuids([uuid])
        return await kind.read(whole)

    def check(self, uri: str) -> None:
        """Raise InputError if no resource has the address."""
        self._found(uri)

    def _found(self, uri: str) -> tuple[_Kind, str]:
        for kind in self._kinds:
            if (match := kind.template.match(uri)) is not None:
                return kind, check_uuid(str(match["uuid"]))
        known = " or ".join(f"`{kind.announced.uri_template}`" for kind in self._kinds)
        raise InputError("There is no such resource. Read {known}, with a uuid from list_voicemails.", known=known)

    async def _message(self, uuid: str) -> ReadResourceContents:
        listed = await self._inbox.listing.one(uuid)
        return ReadResourceContents(
            views.message_document(listed, self._inbox.settings.zone, self._inbox.account.now()), "application/json"
        )

    async def _transcript(self, uuid: str) -> ReadResourceContents:
        [entry] = await self._inbox.history.look_up([uuid])
        if entry.status == "missing":
            raise InputError(self._no_transcript())
        if entry.error:
            raise ArchiveError(entry.error)
        text = await asyncio.to_thread(
            views.transcript_document, entry, self._inbox.settings.zone, self._inbox.account.now()
        )
        return ReadResourceContents(text, "text/plain")

    async def _recording(self, uuid: str) -> ReadResourceContents:
        recording = await self._inbox.recordings.fetch(uuid)
        if recording.size_bytes > MAX_RECORDING_BYTES:
            raise RecordingError(
                "The recording has {size} bytes, and a resource at most {most}. The message is now marked as read. "
                "Call get_recording with delivery `file` or `link`.",
                size=recording.size_bytes,
                most=MAX_RECORDING_BYTES,
            )
        return ReadResourceContents(recording.data, recording.mime_type)

    def _no_transcript(self) -> str:
        if self._inbox.can_transcribe:
            return (
                "There is no transcript of that message yet. Call transcribe_voicemails with its uuid, which marks the "
                "message as read in the phone system, for everyone and for good."
            )
        if not self._inbox.account.access.can("voicemail:open"):
            return (
                "There is no transcript of that message, and you may not open messages, which would mark them as read. "
                "Ask a colleague who may, or listen to it in the phone system."
            )
        return (
            "There is no transcript of that message, and the settings allow none to be made. Listen to it in the phone "
            "system, or change VM_MCP_READ_ONLY or VM_MCP_ENGINE."
        )

    def _resource(self, template: UriTemplate, title: str, mime_type: str, voicemail: ListedVoicemail) -> Resource:
        label = f"{title}: {views.message_title(voicemail, self._inbox.settings.zone)}"
        uri = _address(template, voicemail.uuid)
        return Resource(uri=uri, name=label, title=label, mime_type=mime_type)  # older hosts show the name


MESSAGE = UriTemplate.parse(f"{SCHEME}{{uuid}}")
TRANSCRIPT = UriTemplate.parse(f"{SCHEME}{{uuid}}/transcript")
RECORDING = UriTemplate.parse(f"{SCHEME}{{uuid}}/recording")


def message_uri(uuid: str) -> str:
    """Return the address of a message."""
    return _address(MESSAGE, uuid)


def transcript_uri(uuid: str) -> str:
    """Return the address of a message's transcript."""
    return _address(TRANSCRIPT, uuid)


def _address(template: UriTemplate, uuid: str) -> str:
    return template.expand({"uuid": uuid})


def _kind(  # noqa: PLR0913, PLR0917 - the fields of a template
    template: UriTemplate,
    name: str,
    title: str,
    description: str,
    mime_type: str | None,
    read: Callable[[str], Awaitable[ReadResourceContents]],
) -> _Kind:
    announced = ResourceTemplate(
        uri_template=str(template), name=name, title=title, description=description, mime_type=mime_type
    )
    return _Kind(template, announced, read)
