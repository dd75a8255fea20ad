import os
import signal
import socket
import subprocess
import sys
import threading
import time
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from support.simulator_requests import NOON, Clock, ask, ask_url, fetch, listed

from vm_mcp.simulator import SCENARIOS, Simulator, load_voices

MakeSimulator = Callable[..., Simulator]


def test_it_serves_from_entering_to_leaving() -> None:
    with Simulator() as simulator:
        port = int(simulator.base_url.rpartition(":")[2])
        assert ask(simulator).status_code == 200
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)
    assert "pbx-simulator" not in {thread.name for thread in threading.enumerate()}


def test_a_client_that_waits_does_not_keep_it_running() -> None:
    with Simulator() as simulator:
        simulator.faults.set("slow", "download")
        port = int(simulator.base_url.rpartition(":")[2])
        waiting = socket.create_connection(("127.0.0.1", port), timeout=5)
        waiting.sendall(b"GET /recording/R1 HTTP/1.1\r\nHost: x\r\n\r\n")
        ask(simulator)
        assert {request.path for request in simulator.requests} == {"/recording/R1", "/voicemail_messages"}
        started = time.perf_counter()
    seconds = time.perf_counter() - started

    with waiting:
        assert waiting.recv(100) == b""
    assert seconds < 0.3


def test_it_can_be_started_again_and_a_taken_port_is_an_error(simulator: Simulator) -> None:
    with pytest.raises(OSError, match=r"(?i)address"):
        Simulator(port=int(simulator.base_url.rpartition(":")[2])).start()
    with pytest.raises(RuntimeError, match="running already"):
        simulator.start()
    simulator.stop()
    with simulator:
        assert ask(simulator).status_code == 200


def test_requests_are_recorded_as_received(simulator: Simulator) -> None:
    uuid = str(listed(simulator, user_number="1002")[0]["uuid"])
    fetch(ask_url(simulator, uuid).text)
    ask(simulator, key="K-wrong")

    listing, url, download, refused = simulator.requests

    assert (listing.method, listing.path, listing.status) == ("GET", "/voicemail_messages", 200)
    assert listing.query == {"key": simulator.api_key, "user_number": "1002"}
    assert (url.method, url.path, url.query) == ("POST", "/voicemail_recording_url/", {})
    assert url.form == {"key": simulator.api_key, "uuid": uuid}
    assert download.path.startswith("/recording/R")
    assert download.query == download.form == {}
    assert download.headers["host"] == simulator.base_url.removeprefix("http://")
    assert refused.status == 400


def test_messages_may_arrive_and_be_heard_while_it_runs(simulator: Simulator) -> None:
    first = simulator.scenario.messages[0]
    simulator.scenario.messages.append(replace(first, uuid="new", received_at=first.received_at + timedelta(minutes=1)))
    first.mark_read(NOON)

    messages = listed(simulator)

    assert [messages[0]["uuid"], messages[1]["read_stamp"]] == ["new", "2026-03-10 12:00:00 +0300"]


def test_the_clinic_has_every_kind_of_message() -> None:
    messages = SCENARIOS["clinic"](NOON).messages
    spoken = [message for message in messages if message.recording.text]

    assert len(spoken) >= 10
    assert {message.recording.language for message in spoken} == {"tr", "en"}
    assert {message.user_number for message in messages} == {"1001", "1002", "1003"}
    assert {message.recording.name for message in messages} >= {"sil1_noise", "music1_hold"}
    assert any(message.read_at for message in messages)
    assert any(message.read_at is None for message in messages)
    assert any(not message.caller_id_number for message in messages)
    assert all(message.read_at is None or message.received_at < message.read_at < NOON for message in messages)
    categories = {unicodedata.category(letter) for message in messages for letter in message.caller_id_name or ""}
    assert categories >= {"Cc", "Cf"}


def test_callers_are_who_their_recordings_say() -> None:
    messages = {message.voice: message for message in SCENARIOS["clinic"](NOON).messages}
    # Its caller is a clinic, and says the name of the patient.
    for voice in set(messages) - {"tr05_klinik"}:
        names = messages[voice].recording.names
        assert not names or _fold(names[0]) in _fold(messages[voice].caller_id_name or "")


def test_scenarios_are_the_same_each_time() -> None:
    for build in SCENARIOS.values():
        assert build(NOON) == build(NOON)
        assert build() is not build()


def test_importing_it_loads_no_web_framework() -> None:
    code = "import sys, vm_mcp.simulator; sys.exit(any(m in sys.modules for m in ('starlette', 'uvicorn', 'asyncio')))"

    done = subprocess.run([sys.executable, "-c", code], check=False)

    assert done.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C can't be sent to one child alone")
def test_in_the_foreground_it_serves_until_ctrl_c_with_the_vendors_rate_limit() -> None:
    code = (
        "from vm_mcp.simulator import serve_forever\n"
        "serve_forever(on_ready=lambda s: print(s.base_url, s.api_key, flush=True))\n"
        "print('ended')"
    )
    command = [sys.executable, "-c", code]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as run:
        assert run.stdout is not None
        base_url, key = run.stdout.readline().split()
        with httpx.Client(base_url=base_url, trust_env=False) as client:
            statuses = {client.get("/voicemail_messages", params={"key": key}).status_code for _ in range(12)}
        os.kill(run.pid, signal.SIGINT)
        output, errors = run.communicate(timeout=10)

    assert statuses == {200, 429}
    assert (output, errors, run.returncode) == ("ended\n", "", 0)


def test_every_scenario_plays_only_shipped_voices() -> None:
    for build in SCENARIOS.values():
        assert {message.voice for message in build(NOON).messages} <= set(load_voices())


def test_the_clock_decides_when_the_clinics_messages_came(make_simulator: MakeSimulator) -> None:
    newest = listed(make_simulator(clock=Clock()))[0]

    assert newest["start_stamp"].startswith("2026-03-10")


def _fold(text: str) -> str:
    return text.replace("İ", "i").replace("I", "ı").lower()
