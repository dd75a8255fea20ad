"""Every fault of the simulated PBX, met by every tool: the right answer or a clear error, and usable afterwards."""

import json
import logging
from collections.abc import Iterator

import pytest
import stamina
from conftest import Connect, MakeSettings, MakeSimulator
from mcp_types import CallToolResult
from scripted import text_of

from vm_mcp.simulator import FAULT_NAMES, Fault, FaultName

pytestmark = pytest.mark.anyio

TOOLS = {
    "list_voicemails": {},
    "list_voicemails by uuid": {"uuid": "…"},
    "get_recording link": {"uuid": "…"},
    "get_recording file": {"uuid": "…", "delivery": "file"},
    "get_recording inline": {"uuid": "…", "delivery": "inline"},
    "transcribe_voicemails": {"uuids": ["…"]},
}
STEPS = ("list", "url", "download")
# The vendor's own words, and what a stack trace or a request would show.
NEVER_SHOWN = ("Gecersiz anahtar", "Traceback", "httpx", "pydantic", "<html", "key=")


def possible(name: FaultName, step: str) -> bool:
    try:
        Fault(name, step)  # type: ignore[arg-type]  # the point is to find out
    except ValueError:
        return False
    return True


FAULTS = [(name, step) for name in FAULT_NAMES for step in STEPS if possible(name, step)]


def failed(result: CallToolResult) -> bool:
    entries = (result.structured_content or {}).get("transcriptions", [])
    return bool(result.is_error) or any(entry["status"] == "failed" for entry in entries)


@pytest.fixture(autouse=True)
def nothing_that_waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("vm_mcp.pbx.transport.BURST_SECONDS", 3600)
    with stamina.set_testing(True, attempts=2):
        yield


@pytest.mark.parametrize(("fault", "step"), FAULTS)
async def test_a_bad_day_ends_in_an_answer_or_a_clear_error(
    make_simulator: MakeSimulator, settings_for: MakeSettings, connect: Connect, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, fault: FaultName, step: str,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    for budget in ("CALL_BUDGET", "DOWNLOAD_BUDGET"):
        monkeypatch.setattr(f"vm_mcp.pbx.transport.{budget}", 0.5 if fault == "slow" else 20)
    simulator = make_simulator()
    uuid = simulator.scenario.messages[0].uuid
    shown = ""
    async with connect(settings_for(simulator)) as client:
        for tool, template in TOOLS.items():
            arguments = json.loads(json.dumps(template).replace("\\u2026", uuid))
            simulator.faults.set(fault, step)  # type: ignore[arg-type]  # one of FAULTS
            result = await client.call_tool(tool.split()[0], arguments)
            text = text_of(result)
            shown += text
            if failed(result):
                assert len(text.split()) > 8, f"{tool} says too little: {text}"
            simulator.faults.clear()
            healthy = await client.call_tool(tool.split()[0], arguments)
            assert not failed(healthy), f"{tool} is unusable afterwards: {text_of(healthy)}"
    assert simulator.api_key not in shown + caplog.text
    assert "/recording/" not in caplog.text
    assert not [word for word in NEVER_SHOWN if word in shown]


@pytest.mark.parametrize("fault", ["http500", "http503", "http429", "reset", "truncated"])
async def test_what_fails_once_is_tried_again_unnoticed(
    make_simulator: MakeSimulator, settings_for: MakeSettings, connect: Connect, fault: FaultName
) -> None:
    simulator = make_simulator()
    simulator.faults.set(fault, times=1)
    async with connect(settings_for(simulator)) as client:
        result = await client.call_tool("list_voicemails", {})
    assert not result.is_error
    assert len(simulator.requests) == 2
