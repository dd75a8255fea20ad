"""Measure how long a host waits for vm-mcp to start, compared with servers that do nothing.

    uv run python benchmarks/cold_start.py [--runs 15] [--before PYTHON]

The servers take turns, so a machine that slows down affects all of them:

- ``vm-mcp``: this package, with a key but no PBX;
- ``bare mcp``: the SDK's MCPServer with one tool that returns its argument;
- ``mcp-server-time``: a small published server;
- with ``--before``, another vm-mcp, from the environment of that PYTHON.

The benchmark writes raw JSON-RPC to the servers' pipes, without an MCP client in between. Printed are medians: seconds
from spawn to the response to ``initialize`` and to ``tools/list``, resident memory at that point (MiB), and seconds
from closing stdin to the exit. The first, uncounted start compiles the bytecode, as an installer does.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

BARE = """
from mcp.server import MCPServer

server = MCPServer("bare")

@server.tool()
async def echo(text: str) -> str:
    return text

server.run("stdio")
"""

INITIALIZE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "cold-start", "version": "1"},
}


class Start(NamedTuple):
    """One start: three durations in seconds, and memory in MiB."""

    initialize: float
    tools_list: float
    memory: float
    exit: float


def main() -> None:
    """Start the servers in turn, and print the medians and their ratios to the bare server."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--runs", type=int, default=15, help="counted starts of each server, after one that is not counted"
    )
    parser.add_argument("--before", type=Path, metavar="PYTHON", help="interpreter of another vm-mcp to compare with")
    arguments = parser.parse_args()
    runs = arguments.runs
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE, encoding="utf-8")
        commands = {
            "vm-mcp": [sys.executable, "-m", "vm_mcp"],
            "bare mcp": [sys.executable, str(bare)],
            "mcp-server-time": [sys.executable, "-m", "mcp_server_time", "--local-timezone", "Europe/Istanbul"],
        }
        if arguments.before:
            commands["before"] = [str(arguments.before.absolute()), "-m", "vm_mcp"]
        starts: dict[str, list[Start]] = {name: [] for name in commands}
        for run in range(runs + 1):
            for name, command in commands.items():
                start = measure(command, folder)
                if run:
                    starts[name].append(start)
    print_table(starts)


def measure(command: list[str], folder: str) -> Start:
    """Start a server, initialize it, list its tools, close its stdin, and wait for its exit."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"VM_MCP_API_KEY": "K00000000-0000-0000-0000-000000000000", "VM_MCP_DATA_DIR": folder}
    spawned = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - the commands are this file's own
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=folder,
    ) as process:
        ask(process, 1, "initialize", INITIALIZE)
        initialized = time.perf_counter()
        send(process, {"jsonrpc": "2.0", "method": "notifications/initialized"})
        ask(process, 2, "tools/list", {})
        listed = time.perf_counter()
        memory = resident_mib(process.pid)
        assert process.stdin  # noqa: S101 - for the type checker: it is a pipe
        process.stdin.close()
        closed = time.perf_counter()
        process.wait(timeout=20)
        return Start(initialized - spawned, listed - spawned, memory, time.perf_counter() - closed)


def ask(process: subprocess.Popen[bytes], number: int, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Send a request, read lines until its response, and return the result.

    Raises:
        RuntimeError: The server responded with an error, or ended.
    """
    send(process, {"jsonrpc": "2.0", "id": number, "method": method, "params": params})
    assert process.stdout  # noqa: S101 - for the type checker: it is a pipe
    for line in process.stdout:
        message = json.loads(line)
        if message.get("id") == number:
            if "result" not in message:
                raise RuntimeError(f"{method} failed: {message}")
            return dict(message["result"])
    raise RuntimeError(f"no answer to {method}")


def send(process: subprocess.Popen[bytes], message: Mapping[str, Any]) -> None:
    """Write one JSON-RPC message."""
    assert process.stdin  # noqa: S101 - for the type checker: it is a pipe
    process.stdin.write(json.dumps(message).encode() + b"\n")
    process.stdin.flush()


def resident_mib(pid: int) -> float:
    """Return a process's resident memory in MiB; 0 where there is no /proc."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith("VmRSS"))


def print_table(starts: Mapping[str, list[Start]]) -> None:
    """Print the medians, and in parentheses their ratios to the bare server's."""
    medians = {
        name: Start(*(statistics.median(column) for column in zip(*rows, strict=True))) for name, rows in starts.items()
    }
    bare = medians["bare mcp"]
    print(f"medians of {len(starts['bare mcp'])} starts; in parentheses, the ratio to the bare server")
    print(f"{'':18}{'initialize':>20}{'tools/list':>20}{'memory':>22}{'exit':>10}")
    for name, row in medians.items():
        initialize = f"{row.initialize:.3f} s ({row.initialize / bare.initialize:.2f})"
        tools_list = f"{row.tools_list:.3f} s ({row.tools_list / bare.tools_list:.2f})"
        memory = f"{row.memory:.1f} MiB ({row.memory / bare.memory:.2f})" if bare.memory else "unknown"
        print(f"{name:18}{initialize:>20}{tools_list:>20}{memory:>22}{row.exit:>8.3f} s")
    if "before" in starts:
        print_difference(starts["before"], starts["vm-mcp"])


def print_difference(before: list[Start], now: list[Start]) -> None:
    """Print the median difference of paired starts in milliseconds; pairs cancel out a machine's drift."""
    for name, column in (("initialize", 0), ("tools/list", 1)):
        sooner = [(old[column] - new[column]) * 1000 for old, new in zip(before, now, strict=True)]
        print(f"{name}: {statistics.median(sooner):.1f} ms sooner than before (median of pairs)")


if __name__ == "__main__":
    main()
