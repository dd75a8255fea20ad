"""Several servers on one archive, as two hosts of one user start them: real processes, some of them killed."""

import asyncio
import random
import sqlite3
import sys
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any

import archive_crash
import pytest
from conftest import MakeSettings
from mcp import Client, StdioServerParameters
from support.speech_api import SpeechApi
from support.tool_answers import text_of

from vm_mcp.simulator import Simulator

pytestmark = pytest.mark.anyio


def texts(answer: dict[str, Any]) -> list[tuple[str | None, ...]]:
    """Return what both servers must agree on; which of them opened a message, only one says."""
    return [(entry["uuid"], entry["status"], entry.get("text")) for entry in answer["transcriptions"]]


async def test_two_servers_asked_for_the_same_ten_messages_retrieve_and_transcribe_each_once(
    simulator: Simulator, settings_for: MakeSettings, tmp_path: Path
) -> None:
    uuids = [message.uuid for message in simulator.scenario.messages[:10]]
    archive = settings_for(simulator).archive_path
    with SpeechApi() as speech:
        environment = {
            "VM_MCP_BASE_URL": simulator.base_url,
            "VM_MCP_API_KEY": simulator.api_key,
            "VM_MCP_DATA_DIR": str(tmp_path),
            "VM_MCP_REMOTE_URL": speech.url,
            "VM_MCP_LANGUAGES": "tr",
        }
        server = StdioServerParameters(command=sys.executable, args=["-m", "vm_mcp"], env=environment, cwd=tmp_path)
        async with AsyncExitStack() as servers:
            clients = [await servers.enter_async_context(Client(server)) for _ in range(2)]
            asked = {"uuids": uuids, "wait_seconds": 60}
            results = await asyncio.gather(*(client.call_tool("transcribe_voicemails", asked) for client in clients))
        transcribed = len(speech.asked)
    first, second = (result.structured_content for result in results)
    assert first
    assert second
    assert texts(first) == texts(second), text_of(results[0])
    assert [entry["uuid"] for entry in first["transcriptions"]] == uuids
    assert {entry["status"] for entry in first["transcriptions"]} <= {"done", "no_speech"}
    steps = [f"{record.method} {record.path.strip('/').split('/')[0]}" for record in simulator.requests]
    assert (steps.count("POST voicemail_recording_url"), steps.count("GET recording")) == (10, 10)
    with closing(sqlite3.connect(archive)) as connection:
        assert connection.execute("SELECT count(*), max(id) FROM transcripts").fetchone() == (10, 10)
        assert connection.execute("SELECT count(*) FROM claims").fetchone() == (0,)
    assert transcribed <= 10  # recordings without speech are not sent


def test_a_killed_server_loses_no_finished_work(path: Path) -> None:
    reported = archive_crash.Reported()
    rng = random.Random(4)  # noqa: S311 - the same moments each time
    for _ in range(2):
        archive_crash.kill_two(path, rng, reported)
        assert asyncio.run(archive_crash.check(path, reported)) == []
    assert reported.steps > 5


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite3"
