"""Gather what a digest is written from."""

import argparse
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from vm_mcp.cli import console
from vm_mcp.cli.transcribe_command import FOR_GOOD, NO_END
from vm_mcp.errors import ArchiveError, VmError
from vm_mcp.text import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vm_mcp.inbox import Inbox, MissedCall, Overview, Transcription


class DigestMaterial(NamedTuple):
    """What is open, and what was said."""

    overview: "Overview"
    said: "Mapping[str, Transcription]"
    """By uuid; empty where the archive can't be read."""
    opened: int = 0
    """How many messages were marked as read for this digest."""
    failed: int = 0
    """How many could not be transcribed, though that was asked for."""
    failure: VmError | None = None
    """Why none could be; None if that didn't happen."""

    @property
    def missed(self) -> "Sequence[MissedCall]":
        """Missed calls that left no message and were not returned."""
        return [each for each in self.overview.missed or () if not each.is_returned]

    @property
    def is_anything_open(self) -> bool:
        """Whether somebody waits, or may wait: what is not known counts as open."""
        return bool(self.overview.waiting or self.missed) or self.overview.missed is None or self.overview.truncated

    @property
    def is_complete(self) -> bool:
        """Whether everything was transcribed that was to be."""
        return not self.failed and self.failure is None


async def gather(inbox: "Inbox", arguments: argparse.Namespace) -> DigestMaterial:
    """Return what is open; marks nothing as read unless ``--transcribe`` was given.

    Raises:
        VmError: The inbox can't be listed; that is no empty digest.
    """
    overview = await inbox.overview(extension=arguments.extension, since=arguments.since)
    uuids = [uuid for caller in overview.waiting for uuid in caller.uuids]
    material = DigestMaterial(overview, await _look_up(inbox, uuids))
    wanted = [uuid for uuid, entry in material.said.items() if entry.status == "missing"]
    if not (arguments.transcribe and wanted):
        return material
    console.say(
        "About to open {messages}. Opening marks a message {for_good}.",
        messages=counted(len(wanted), "message"),
        for_good=FOR_GOOD,
    )
    try:
        made = await inbox.transcribing.transcribe(wanted, wait_seconds=NO_END)
    except VmError as error:  # who waits is worth knowing even without their words
        return material._replace(failure=error)
    return DigestMaterial(
        overview,
        {**material.said, **{entry.uuid: entry for entry in made}},
        opened=sum(entry.opened for entry in made),
        failed=sum(entry.status == "failed" for entry in made),
    )


async def _look_up(inbox: "Inbox", uuids: "Sequence[str]") -> "Mapping[str, Transcription]":
    with suppress(ArchiveError):  # the overview's notice says so
        return {entry.uuid: entry for entry in await inbox.history.look_up(uuids)}
    return {}
