"""Hosts start a conversation over pipes in more than one way."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from vm_mcp.simulator import Simulator

ENVELOPE = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "host", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
HANDSHAKE = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "host", "version": "1"}}
MODERN = {"_meta": ENVELOPE}


class Host:
    """Sends messages and reads responses by id."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._read: dict[object, dict[str, Any]] = {}

    def send(self, *messages: dict[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write("".join(json.dumps({"jsonrpc": "2.0", **message}) + "\n" for message in messages))
        self._process.stdin.flush()

    def answer(self, number: int | str) -> dict[str, Any]:
        assert self._process.stdout
        while number not in self._read:
            message = json.loads(self._process.stdout.readline())
            self._read[message.get("id")] = message
        return self._read[number]

    def ask(self, number: int | str, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self.send({"id": number, "method": method, "params": params})
        return self.answer(number)

    def hang_up(self) -> tuple[str, int]:
        _, log = self._process.communicate(timeout=10)
        return log, self._process.returncode


@contextmanager
def host(simulator: Simulator, tmp_path: Path) -> Iterator[Host]:
    flags = ["--base-url", simulator.base_url, "--data-dir", str(tmp_path)]
    with subprocess.Popen(
        [sys.executable, "-m", "vm_mcp", *flags],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={"VM_MCP_API_KEY": simulator.api_key, "PATH": ""},
        cwd=tmp_path,
    ) as process:
        try:
            yield Host(process)
        finally:
            process.kill()


def test_a_host_that_discovers_first_and_shakes_hands_later_is_served(simulator: Simulator, tmp_path: Path) -> None:
    with host(simulator, tmp_path) as client:
        discovered = client.ask("probe", "server/discover", MODERN)["result"]
        assert "2026-07-28" in discovered["supportedVersions"]
        assert client.ask(1, "initialize", HANDSHAKE)["result"]["protocolVersion"] == "2025-11-25"
        client.send({"method": "notifications/initialized"})
        listed = client.ask(2, "tools/call", {"name": "list_voicemails", "arguments": {}})["result"]
        assert "Ayşe Yılmaz" in listed["content"][0]["text"]
        # Some hosts shake hands again, for another connection of theirs.
        assert client.ask(0, "initialize", HANDSHAKE)["result"]["serverInfo"]["name"] == "vm-mcp"
        client.send({"method": "notifications/initialized"})
        assert client.ask(3, "tools/list", {})["result"]["tools"]
        assert client.hang_up() == ("", 0)


def test_requests_before_a_handshake_are_still_answered(simulator: Simulator, tmp_path: Path) -> None:
    with host(simulator, tmp_path) as client:
        call = {"name": "list_voicemails", "arguments": {"status": "unread"}}
        client.send(
            {"id": "a", "method": "server/discover", "params": MODERN},
            {"id": "b", "method": "tools/call", "params": call | MODERN},
            {"id": 1, "method": "initialize", "params": HANDSHAKE},
            {"method": "notifications/initialized"},
            {"id": 2, "method": "tools/call", "params": call},
        )
        for number in ("a", "b", 1, 2):
            assert "result" in client.answer(number)
        first, second = (client.answer(number)["result"]["structuredContent"] for number in ("b", 2))
        assert first["voicemails"]  # not the whole content: `until` is now, which may be a second later in the other
        assert first["voicemails"] == second["voicemails"]


@pytest.mark.parametrize("first", ["server/discover", "tools/list"])
def test_a_modern_host_never_shakes_hands(simulator: Simulator, tmp_path: Path, first: str) -> None:
    with host(simulator, tmp_path) as client:
        assert "result" in client.ask(1, first, MODERN)
        result = client.ask(2, "tools/call", {"name": "list_voicemails", "arguments": {}, **MODERN})["result"]
        assert result["structuredContent"]["voicemails"]
        # The protocol has no ping any more; a host that still sends one must not take the server for a dead one.
        assert client.ask(3, "ping", MODERN)["result"] == {"resultType": "complete"}
        assert client.hang_up() == ("", 0)
