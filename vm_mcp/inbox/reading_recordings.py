"""Read a recording: what must be known of its message first, the engine's options, and what is hidden afterwards.

Shared by whoever makes transcripts: `vm_mcp.inbox.transcript_maker` in one process, a team's workers on many machines.
"""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from vm_mcp.asr import TranscribeOptions
from vm_mcp.errors import ArchiveError, VoicemailNotFoundError
from vm_mcp.inbox.outcomes import ListedVoicemail

if TYPE_CHECKING:
    from vm_mcp.asr import Demand, Progress, Transcriber
    from vm_mcp.config import AccountSettings
    from vm_mcp.inbox.account import Account
    from vm_mcp.inbox.known import KnownMessages
    from vm_mcp.models import Recording, Transcript, TranscriptKey


async def list_once(account: "Account", known: "KnownMessages", uuid: str, listed: dict[str, ListedVoicemail]) -> None:
    """Look up caller and time before a transcript is kept: without them it can't be found or purged by either.

    Args:
        account: Whose message it is.
        known: Joins what is known of it.
        uuid: The message.
        listed: Messages that were looked up, by uuid; it is added, unless the PBX doesn't know it.

    Raises:
        PbxError: The PBX could not answer.
    """
    if uuid in listed:
        return
    asked_at = account.clock()
    pbx = await account.pbx()
    with suppress(VoicemailNotFoundError, ArchiveError):  # for an unknown uuid, the retrieval raises the error
        voicemail = await pbx.voicemails.get(uuid)
        listed[uuid] = ListedVoicemail(**dict(voicemail))
        await (await account.archive()).note_listed([voicemail], asked_at)
        [listed[uuid]] = await known.join([voicemail])


def options_of(key: "TranscriptKey", listed: ListedVoicemail | None) -> TranscribeOptions:
    """Return how to transcribe a message, by what is known of it."""
    return TranscribeOptions(
        language=key.language,
        caller_name=listed.caller_id_name if listed else "",
        contact_names=tuple(contact.name for contact in listed.contacts) if listed else (),
    )


async def read(
    transcriber: "Transcriber",
    recording: "Recording",
    options: TranscribeOptions,
    on_progress: "Progress | None" = None,
    demand: "Demand | None" = None,
) -> "Transcript":
    """Transcribe a recording; see `vm_mcp.asr.Transcriber.transcribe`.

    Returns:
        The transcript, with the recording's digest.
    """
    transcript = await transcriber.transcribe(recording.data, options, on_progress, demand)
    return transcript.model_copy(update={"recording_sha256": recording.sha256})


async def redacted(transcript: "Transcript", settings: "AccountSettings") -> "Transcript":
    """Hide what the account's settings say, before a transcript is kept or shown: no engine's output escapes it."""
    if not settings.mask:
        return transcript
    from vm_mcp.redaction import redact

    return await asyncio.to_thread(redact, transcript, settings.mask)
