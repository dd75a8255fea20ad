"""Hosts that give up a call after seconds, over the real protocol: they send ``notifications/cancelled``."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from conftest import MakeSettings
from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError
from mcp_types import REQUEST_TIMEOUT
from support.scripted_transcriber import ScriptedTranscriber
from support.tool_answers import text_of

from vm_mcp.inbox import Inbox
from vm_mcp.server import build_server
from vm_mcp.simulator import Simulator

pytestmark = pytest.mark.anyio

Mode = Literal["legacy", "auto"]
TESTS = Path(__file__).parent.parent
SERVER = """
import sys
from pathlib import Path
from vm_mcp.asr.transcriber import EngineSettings
from vm_mcp.asr.worker_client import WorkerTranscriber
from vm_mcp.config import load_settings
from vm_mcp.inbox import Inbox
from vm_mcp.server import build_server

engine = EngineSettings(model="base", languages=("tr",), device="cpu", data_dir=Path(sys.argv[1]), at_once=8)
build_server(Inbox(load_settings(), WorkerTranscriber(engine, "support.scripted_engines:slow"))).run("stdio")
"""
"""A real server with a real worker, whose engine answers only once the test allows it."""


async def uuids_of(client: Client) -> list[str]:
    listed = await client.call_tool("list_voicemails", {"limit": 8})
    assert listed.structured_content
    return [item["uuid"] for item in listed.structured_content["voicemails"]]


async def give_up(client: Client, uuids: list[str], seconds: float) -> None:
    with pytest.raises(MCPError) as given_up:
        await client.call_tool("transcribe_voicemails", {"uuids": uuids}, read_timeout_seconds=seconds)
    assert given_up.value.error.code == REQUEST_TIMEOUT


async def transcribed(client: Client, uuids: list[str]) -> list[dict[str, Any]]:
    result = await client.call_tool("transcribe_voicemails", {"uuids": uuids})
    assert result.structured_content, text_of(result)
    return list(result.structured_content["transcriptions"])


def asked_for(simulator: Simulator) -> list[str]:
    return sorted(record.form["uuid"] for record in simulator.requests if record.method == "POST")


@pytest.mark.parametrize("seconds", [0.001, 0.3])
@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_host_that_gives_up_and_asks_again_gets_every_message_and_each_is_retrieved_once(
    simulator: Simulator, settings_for: MakeSettings, transcriber: ScriptedTranscriber, mode: Mode, seconds: float
) -> None:
    transcriber.gate.clear()
    server = build_server(Inbox(settings_for(simulator), transcriber))
    async with Client(server, mode=mode) as client:
        uuids = await uuids_of(client)
        for _ in range(3):
            await give_up(client, uuids, seconds)
        transcriber.gate.set()
        entries = await transcribed(client, uuids)
    assert [(entry["uuid"], entry["status"]) for entry in entries] == [(uuid, "done") for uuid in uuids]
    assert asked_for(simulator) == sorted(uuids)
    assert len(transcriber.heard) == 8


@asynccontextmanager
async def served(simulator: Simulator, data_dir: Path) -> AsyncIterator[Client]:
    environment = {
        "VM_MCP_BASE_URL": simulator.base_url,
        "VM_MCP_API_KEY": simulator.api_key,
        "VM_MCP_DATA_DIR": str(data_dir),
        "PYTHONPATH": str(TESTS),
    }
    command = ["-c", SERVER, str(data_dir)]
    async with Client(StdioServerParameters(command=sys.executable, args=command, env=environment)) as client:
        yield client


async def test_over_pipes_the_worker_goes_on_and_the_next_call_has_every_message(
    simulator: Simulator, tmp_path: Path
) -> None:
    async with served(simulator, tmp_path) as client:
        uuids = await uuids_of(client)
        await give_up(client, uuids, 1)
        (tmp_path / "allowed").touch()
        entries = await transcribed(client, uuids)
    assert [(entry["uuid"], entry["status"]) for entry in entries] == [(uuid, "done") for uuid in uuids]
    assert not [entry for entry in entries if "engine" in entry], "another worker was started"
    assert asked_for(simulator) == sorted(uuids)
