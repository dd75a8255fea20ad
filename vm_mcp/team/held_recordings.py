"""Recordings between the machine that retrieved them and the one that transcribes them: encrypted, and soon gone.

AES-256-GCM with a key that only the team's machines have. Account and uuid are authenticated with it, so a recording
moved to another row can't be decrypted there. Database administrators, and anybody with a backup, have only
ciphertext.
"""

import asyncio
import base64
import binascii
import json
import os
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vm_mcp.archive.postgres.held_recordings import HeldRecording, get, hold
from vm_mcp.audio import sniff
from vm_mcp.errors import ConfigError
from vm_mcp.models import Recording

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pydantic import SecretStr

    from vm_mcp.archive.postgres import PostgresDatabase
    from vm_mcp.archive.postgres.connections import Connection

_KEY_BYTES, _NONCE_BYTES = 32, 12
_IS_HELD = "SELECT EXISTS (SELECT FROM held_recordings WHERE uuid = %s) AS is_held"
# A job that waits for its turn, or will be tried again, still needs it.
_DROP_OLD = """
    DELETE FROM held_recordings AS held WHERE held_at < now() - %(age)s AND (
        EXISTS (SELECT FROM transcripts WHERE transcripts.account = held.account AND transcripts.uuid = held.uuid)
        OR NOT EXISTS (
            SELECT FROM procrastinate_jobs
            WHERE args->>'account' = held.account AND args->>'uuid' = held.uuid AND status IN ('todo', 'doing')
        )
    )
"""
_BAD_KEY = (
    "VM_MCP_RECORDINGS_KEY is no key for recordings. Make one with `vm-mcp database key`, and set it on all machines "
    "of the team."
)
_OTHER_KEY = (
    "A recording was encrypted with another VM_MCP_RECORDINGS_KEY than this machine's, or is damaged. Set the same key "
    "on all machines of the team."
)


def new_key() -> str:
    """Return a new key, as text for ``VM_MCP_RECORDINGS_KEY``."""
    return base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)).decode()


class HeldRecordings:
    """A team's held recordings.

    Args:
        database: The team's.
        key: ``VM_MCP_RECORDINGS_KEY``.

    Raises:
        ConfigError: The key is unusable.
    """

    def __init__(self, database: "PostgresDatabase", key: "SecretStr") -> None:
        self._database = database
        self._cipher = AESGCM(_parse(key))

    @asynccontextmanager
    async def keeping(self, account: str, recording: Recording | None) -> "AsyncIterator[Connection]":
        """Store a recording, encrypted, and whatever the block does, in one transaction of its account.

        Args:
            account: The account's name.
            recording: Of a message that the archive knows; None: it is held already.

        Raises:
            ArchiveError: The database can't be used.
        """
        held = await self._encrypted(account, recording) if recording else None
        async with self._database.transaction(account) as connection:
            if held and recording:
                await hold(connection, recording.uuid, held)
            yield connection

    async def is_held(self, account: str, uuid: str) -> bool:
        """Return whether a message's recording is held.

        Raises:
            ArchiveError: The database can't be used.
        """
        async with self._database.transaction(account) as connection:
            row = await (await connection.execute(_IS_HELD, (uuid,))).fetchone()
        return bool(row and row["is_held"])

    async def get(self, account: str, uuid: str) -> Recording | None:
        """Return a message's recording; None where none is held.

        Raises:
            ConfigError: It was encrypted with another key.
            ArchiveError: The database can't be used.
        """
        async with self._database.transaction(account) as connection:
            held = await get(connection, uuid)
        if not held:
            return None
        try:
            data = await asyncio.to_thread(_decrypt, self._cipher, bytes(held.data), _whose(account, uuid))
        except InvalidTag:
            raise ConfigError(_OTHER_KEY) from None
        audio_format = sniff(data)
        suffix = audio_format.suffix if audio_format else ".bin"
        return Recording(uuid=uuid, data=data, mime_type=held.mime_type, suffix=suffix, sha256=held.sha256)

    async def _encrypted(self, account: str, recording: Recording) -> HeldRecording:
        nonce = os.urandom(_NONCE_BYTES)
        whose = _whose(account, recording.uuid)
        data = nonce + await asyncio.to_thread(self._cipher.encrypt, nonce, recording.data, whose)
        return HeldRecording(data, recording.mime_type, recording.sha256, datetime.now(UTC))


async def drop_old(database: "PostgresDatabase", account: str, age: timedelta) -> int:
    """Delete an account's recordings that nothing will read any more, and that are older than ``age``.

    Returns:
        How many there were.

    Raises:
        ArchiveError: The database can't be used.
    """
    async with database.transaction(account) as connection:
        return (await connection.execute(_DROP_OLD, {"age": age})).rowcount


def _parse(key: "SecretStr") -> bytes:
    try:
        parsed = base64.b64decode(key.get_secret_value().strip(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        parsed = b""
    if len(parsed) != _KEY_BYTES:
        raise ConfigError(_BAD_KEY)
    return parsed


def _whose(account: str, uuid: str) -> bytes:
    return json.dumps([account, uuid]).encode()


def _decrypt(cipher: AESGCM, stored: bytes, whose: bytes) -> bytes:
    return cipher.decrypt(stored[:_NONCE_BYTES], stored[_NONCE_BYTES:], whose)
