"""The server as a process: what arrives on its pipes, who else writes to them, and how it ends."""

import contextlib
import json
import os
import select
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from test_program import environment
from test_program import request as spell_request

from vm_mcp.simulator import Simulator

Server = subprocess.Popen[bytes]

NOISE = """
import ctypes, os, sys
from vm_mcp.inbox import Inbox

async def noisy(self, request):
    print("from Python", flush=True)
    sys.__stdout__.write("to the stream itself\\n")
    sys.__stdout__.flush()
    os.write(1, b"from native code\\n")
    os.system("echo from a child")
    return await real(self, request)

real, Inbox.list_voicemails = Inbox.list_voicemails, noisy
from vm_mcp.cli import main
sys.exit(main(["serve"]))
"""
PARENT = """
import subprocess, sys
server = subprocess.Popen([sys.executable, "-m", "vm_mcp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
server.stdin.write((sys.argv[1] + "\\n").encode())
server.stdin.flush()
print(server.pid, server.stdout.readline().decode(), flush=True)
sys.stdin.read()
"""
STUCK = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import vm_mcp.asr
from support.scripted_transcriber import ScriptedTranscriber

def stuck(settings):
    engine = ScriptedTranscriber()
    engine.gate.clear()
    return engine

vm_mcp.asr.open_transcriber = stuck
from vm_mcp.cli import main
sys.exit(main(["serve"]))
"""
"""A server whose engine never answers."""
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and descriptors are POSIX'")


@contextlib.contextmanager
def served(tmp_path: Path, code: str = "", **settings: str) -> Iterator[Server]:
    command = ["-c", code] if code else ["-m", "vm_mcp"]
    with subprocess.Popen(
        [sys.executable, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(tmp_path, **settings),
        cwd=tmp_path,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def send(process: Server, data: bytes) -> None:
    assert process.stdin
    process.stdin.write(data)
    process.stdin.flush()


def answer(process: Server, number: int) -> dict[str, Any]:
    assert process.stdout
    for line in process.stdout:
        message = json.loads(line)  # a line that is no JSON-RPC message fails the test
        assert message["jsonrpc"] == "2.0"
        if message.get("id") == number:
            return dict(message)
    raise AssertionError(f"the server went away without answering {number}")


def request(number: int, method: str, **params: object) -> bytes:
    return spell_request(number, method, **params).encode() + b"\n"


INITIALIZE = request(
    1, "initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo={"name": "test", "version": "1"}
)
INITIALIZED = b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n'


def initialize(process: Server) -> None:
    send(process, INITIALIZE)
    answer(process, 1)
    send(process, INITIALIZED)


def at(simulator: Simulator) -> dict[str, str]:
    return {"BASE_URL": simulator.base_url, "API_KEY": simulator.api_key}


def test_what_others_print_goes_to_stderr_and_breaks_no_answer(simulator: Simulator, tmp_path: Path) -> None:
    with served(tmp_path, NOISE, **at(simulator), ENGINE="none") as process:
        initialize(process)
        send(process, request(2, "tools/call", name="list_voicemails", arguments={}))
        assert "Ayşe Yılmaz" in answer(process, 2)["result"]["content"][0]["text"]
        out, err = process.communicate(timeout=20)
    assert out == b""
    for source in (b"from Python", b"to the stream itself", b"from native code", b"from a child"):
        assert source in err


GARBAGE = {
    "no JSON": b"garbage\n{\n\n\x00\n",
    "no UTF-8": b'\xff\xfe{"jsonrpc":"2.0"}\xc3\n',
    "no request": b'[]\n{}\n1\nnull\n"x"\n{"jsonrpc":"2.0"}\n{"jsonrpc":"1.0","id":5,"method":"ping"}\n',
    "a batch": b'[{"jsonrpc":"2.0","id":7,"method":"ping"},{"jsonrpc":"2.0","id":8,"method":"ping"}]\n',
    "lone surrogates": rb'{"jsonrpc":"2.0","id":"\ud800","method":"tools/call","params":{"name":"\udfff"}}' + b"\n",
    "ten megabytes": b"x" * 10_000_000 + b"\n",
    "deep nesting": b"[" * 200_000 + b"\n" + b'{"a":' * 100_000 + b"\n",
    "huge numbers": b'{"jsonrpc":"2.0","id":' + b"9" * 5_000 + b',"method":"ping"}\n',
    "an unknown method": request(9, "nobody/knows", x=[[[]]]),
    "an answer to nothing": b'{"jsonrpc":"2.0","id":77,"result":{}}\n',
    "arguments that are none": request(9, "tools/call", name="list_voicemails", arguments=[1]),
}


def test_no_garbage_ends_the_server_or_what_it_answers_next(tmp_path: Path) -> None:
    with served(tmp_path, ENGINE="none") as process:
        initialize(process)
        for number, (kind, garbage) in enumerate(GARBAGE.items(), 100):
            send(process, garbage + request(number, "ping"))
            assert answer(process, number).get("result") == {}, kind


def test_a_message_may_come_in_pieces_and_half_a_one_at_the_end_is_no_crash(tmp_path: Path) -> None:
    with served(tmp_path, ENGINE="none") as process:
        initialize(process)
        whole = request(2, "ping")
        for at_byte in range(len(whole)):
            send(process, whole[at_byte : at_byte + 1])
        assert answer(process, 2)["result"] == {}
        out, err = process.communicate(request(3, "ping")[:20], timeout=20)
    assert process.returncode == 0
    assert b"Traceback" not in err
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in out.splitlines())


def test_a_host_that_no_longer_reads_ends_it(tmp_path: Path) -> None:
    with served(tmp_path, ENGINE="none") as process:
        initialize(process)
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        send(process, request(2, "ping"))
        process.wait(timeout=10)
        err = process.stderr.read()
    assert b"Traceback" not in err


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="Linux tells when another's child ends")
def test_a_parent_that_vanishes_takes_the_server_along(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, INITIALIZE.decode().strip()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(tmp_path, ENGINE="none"),
    ) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline().split()[0])
        server = os.pidfd_open(pid)
        try:
            parent.kill()
            ended, _, _ = select.select([server], [], [], 10)
        finally:
            os.close(server)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    assert ended


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="Linux tells of a process's children")
@pytest.mark.parametrize("ending", [signal.SIGKILL, None], ids=["killed", "hung up on"])
def test_however_it_ends_no_speech_worker_is_left_behind(
    simulator: Simulator, tmp_path: Path, ending: signal.Signals | None
) -> None:
    with served(tmp_path, **at(simulator), MODEL="base") as process:
        initialize(process)
        send(process, request(2, "tools/call", name="list_voicemails", arguments={"status": "unread"}))
        answer(process, 2)
        [worker] = wait_for_children(process.pid)
        watched = os.pidfd_open(worker)
        try:
            if ending:
                process.send_signal(ending)
            else:
                cast("Any", process.stdin).close()
            process.wait(timeout=10)
            assert select.select([watched], [], [], 10)[0]
        finally:
            os.close(watched)


def wait_for_children(pid: int) -> list[int]:
    """The worker is started after the answer was given; nothing tells when."""
    while not (children := [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]):
        os.sched_yield()
    return children


@pytest.mark.parametrize("ending", ["stdin", "stdout", signal.SIGTERM, signal.SIGINT], ids=str)
def test_a_call_under_way_delays_no_end(simulator: Simulator, tmp_path: Path, ending: str | signal.Signals) -> None:
    simulator.faults.set("slow", "list")
    with served(tmp_path, **at(simulator), ENGINE="none") as process:
        initialize(process)
        send(process, request(2, "tools/call", name="list_voicemails", arguments={}))
        while not simulator.requests:
            os.sched_yield()
        if isinstance(ending, signal.Signals):
            process.send_signal(ending)
        else:
            cast("Any", getattr(process, ending)).close()
        process.wait(timeout=8)  # a third of what the call would take


@pytest.mark.parametrize("ending", ["stdin", "both pipes", signal.SIGTERM, signal.SIGINT], ids=str)
def test_however_a_host_ends_it_the_next_server_waits_for_no_lease(
    simulator: Simulator, tmp_path: Path, ending: str | signal.Signals
) -> None:
    with served(tmp_path, STUCK, **at(simulator)) as process:
        initialize(process)
        send(process, request(2, "tools/call", name="transcribe_voicemails", arguments={}))
        while not leased(tmp_path):
            os.sched_yield()
        if isinstance(ending, signal.Signals):
            process.send_signal(ending)
        else:
            cast("Any", process.stdin).close()
            if ending == "both pipes":
                cast("Any", process.stdout).close()
        process.wait(timeout=8)
    assert leased(tmp_path) == 0


def leased(folder: Path) -> int:
    """Return how many messages a server has in work."""
    for file in folder.rglob("archive-*.sqlite3"):
        archive = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        # While it is being made, it has no such table.
        with contextlib.closing(archive), contextlib.suppress(sqlite3.OperationalError):
            return int(archive.execute("SELECT count(*) FROM claims").fetchone()[0])
    return 0
