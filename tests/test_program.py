"""The program as a host or a person starts it: real processes, real pipes."""

import contextlib
import io
import json
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from rich.console import Console
from support.tool_answers import text_of

from vm_mcp.cli import main
from vm_mcp.cli.command_arguments import flags_of
from vm_mcp.cli.demo import _print_next_steps, _server
from vm_mcp.cli.program import build_parser
from vm_mcp.cli.spoken_language import speaking
from vm_mcp.config import load_settings
from vm_mcp.simulator import Simulator

ROOT = Path(__file__).parent.parent
KEY = "K99999999-1234-5678-4321-123456789012"
SERVE = [sys.executable, "-m", "vm_mcp"]


def environment(tmp_path: Path, **settings: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("VM_MCP_")}
    return (
        inherited | {"VM_MCP_DATA_DIR": str(tmp_path)} | {f"VM_MCP_{name}": value for name, value in settings.items()}
    )


@dataclass
class Done:
    code: object
    """What the program ended with: nothing or 0 when all is well, a text that Python would print, or a status."""
    out: str
    err: str


RunExample = Callable[..., Done]


@pytest.fixture
def run_example(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> RunExample:
    """Run an example in this process, which has its client imported already; its server is a process as always."""

    def run(name: str, data_dir: Path, **settings: str) -> Done:
        for variable in [name for name in os.environ if name.startswith("VM_MCP_")]:
            monkeypatch.delenv(variable)
        for variable, value in environment(data_dir, **settings).items():
            monkeypatch.setenv(variable, value)
        monkeypatch.chdir(ROOT)
        try:
            runpy.run_path(f"examples/{name}", run_name="__main__")
        except SystemExit as ended:
            return Done(ended.code, *capfd.readouterr())
        return Done(None, *capfd.readouterr())

    return run


@contextlib.contextmanager
def served(tmp_path: Path, *flags: str, **settings: str) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [*SERVE, *flags],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment(tmp_path, **settings),
        cwd=tmp_path,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def send(process: "subprocess.Popen[str]", *lines: str) -> None:
    assert process.stdin
    process.stdin.write("".join(f"{line}\n" for line in lines))
    process.stdin.flush()


def answer(process: "subprocess.Popen[str]", number: int) -> dict[str, Any]:
    assert process.stdout
    for line in process.stdout:
        message = json.loads(line)  # a line that is no JSON-RPC message fails the test
        assert message["jsonrpc"] == "2.0"
        if message.get("id") == number:
            return dict(message)
    raise AssertionError(f"the server went away without answering {number}")


def request(number: int, method: str, **params: object) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


def initialize(process: "subprocess.Popen[str]") -> dict[str, Any]:
    client = {"name": "test", "version": "1"}
    send(process, request(1, "initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo=client))
    result = answer(process, 1)
    send(process, json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}))
    return result


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_real_client_lists_over_stdio_in_both_eras(simulator: Simulator, tmp_path: Path, mode: str) -> None:
    settings = environment(tmp_path, BASE_URL=simulator.base_url, API_KEY=simulator.api_key)
    server = StdioServerParameters(command=SERVE[0], args=SERVE[1:], env=settings, cwd=tmp_path)
    async with Client(server, mode=mode) as client:
        assert client.protocol_version == {"legacy": "2025-11-25", "auto": "2026-07-28"}[mode]
        result = await client.call_tool("list_voicemails", {"status": "unread"})
    assert not result.is_error
    assert "Ayşe Yılmaz" in text_of(result)


def test_without_a_key_it_answers_and_ends_when_the_host_hangs_up(tmp_path: Path) -> None:
    with served(tmp_path) as process:
        assert initialize(process)["result"]["serverInfo"]["name"] == "vm-mcp"
        send(process, request(2, "tools/call", name="list_voicemails", arguments={}))
        result = answer(process, 2)["result"]
        assert result["isError"] is True
        assert "VM_MCP_API_KEY" in result["content"][0]["text"]
        out, err = process.communicate(timeout=20)
        assert (out, err) == ("", "")
        assert process.returncode == 0


def test_garbage_on_stdin_is_survived_and_stdout_carries_only_the_protocol(tmp_path: Path) -> None:
    with served(tmp_path) as process:
        initialize(process)
        send(process, "garbage", "{", "[]", '{"jsonrpc":"2.0"}', "\x00\ufffd", "", "x" * 200_000)
        send(process, request(2, "ping"))
        assert answer(process, 2)["result"] == {}


def test_nothing_that_is_logged_holds_the_key_or_a_link(simulator: Simulator, tmp_path: Path) -> None:
    settings = {"BASE_URL": simulator.base_url, "API_KEY": simulator.api_key, "LOG_LEVEL": "DEBUG"}
    uuid = simulator.scenario.messages[0].uuid
    with served(tmp_path, **settings) as process:
        initialize(process)
        send(process, request(2, "tools/call", name="list_voicemails", arguments={}))
        answer(process, 2)
        send(process, request(3, "tools/call", name="get_recording", arguments={"uuid": uuid, "delivery": "inline"}))
        assert not answer(process, 3)["result"].get("isError")
        simulator.faults.set("wrong_key", "list")
        send(process, request(4, "tools/call", name="list_voicemails", arguments={}))
        assert answer(process, 4)["result"]["isError"] is True
        _, log = process.communicate(timeout=20)
    assert log
    assert simulator.api_key not in log
    assert "/recording/" not in log
    assert "Ayşe" not in log


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_it_while_stdin_is_open(tmp_path: Path, ending: signal.Signals) -> None:
    with served(tmp_path) as process:
        initialize(process)
        process.send_signal(ending)
        assert process.wait(timeout=5) != 0


def test_a_wrong_setting_is_named_and_ends_the_program(tmp_path: Path) -> None:
    with served(tmp_path, TIMEZONE="Mars/Olympus", API_KEY=KEY) as process:
        out, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert out == ""
    assert err.startswith("vm-mcp: ")
    assert "VM_MCP_TIMEZONE" in err
    assert "Traceback" not in err
    assert KEY not in err


def test_a_flag_wins_over_the_variable_of_its_name(tmp_path: Path) -> None:
    with served(tmp_path, "serve", "--read-only", "--engine", "none", ENGINE="auto") as process:
        initialize(process)
        send(process, request(2, "tools/list"))
        tools = [tool["name"] for tool in answer(process, 2)["result"]["tools"]]
        assert tools == [
            "list_voicemails",
            "get_transcripts",
            "search_transcripts",
            "show_inbox",
            "list_missed_calls",
            "update_voicemails",
            "inbox_messages",
            "inbox_update",
        ]


def test_a_host_can_be_attached_to_the_demo(tmp_path: Path) -> None:
    with served(tmp_path, "serve", "--demo") as process:
        initialize(process)
        send(process, request(2, "tools/call", name="list_voicemails", arguments={"status": "unread"}))
        assert "Ayşe Yılmaz" in answer(process, 2)["result"]["content"][0]["text"]
        process.communicate(timeout=20)
        assert process.returncode == 0


def test_simulate_says_how_to_reach_it(tmp_path: Path) -> None:
    command = [*SERVE, "simulate", "--port", "0", "--scenario", "empty"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(tmp_path)) as process:
        assert process.stdout
        base_url, key = (process.stdout.readline().strip().split("=", 1)[1] for _ in range(2))
        listing = [sys.executable, "examples/callers_of_the_week.py"]
        settings = environment(tmp_path, BASE_URL=base_url, API_KEY=key)
        subprocess.run(listing, check=True, env=settings, cwd=ROOT)
        process.terminate()


def test_a_wrong_argument_of_simulate_is_explained(simulator: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    taken = simulator.base_url.rpartition(":")[2]
    for arguments in (["simulate", "--scenario", "circus"], ["simulate", "--port", taken]):
        assert main(arguments) == 1
        assert capsys.readouterr().err.startswith("vm-mcp: ")


@pytest.mark.parametrize("example", ["list_unread.py", "callers_of_the_week.py"])
def test_the_examples_run_against_the_simulator(
    simulator: Simulator, tmp_path: Path, run_example: RunExample, example: str
) -> None:
    done = run_example(example, tmp_path, BASE_URL=simulator.base_url, API_KEY=simulator.api_key)
    assert not done.code, done.err
    assert "05324172893" in done.out.replace(" ", "")


@pytest.mark.model
def test_the_briefing_example_prints_what_was_said(
    simulator: Simulator, data_dir: Path, run_example: RunExample
) -> None:
    simulator.scenario.messages[:] = [
        m for m in simulator.scenario.messages if m.voice in {"tr01_randevu", "sil1_noise"}
    ]
    settings = {"BASE_URL": simulator.base_url, "API_KEY": simulator.api_key, "MODEL": "base"}
    done = run_example("morning_briefing.py", data_dir, **settings)
    assert not done.code, done.err
    assert "Ayşe Yılmaz: Merhaba" in done.out
    assert "no_speech" in done.out


@pytest.mark.parametrize("example", ["list_unread.py", "callers_of_the_week.py", "morning_briefing.py"])
def test_an_example_without_a_key_says_what_to_do(
    simulator: Simulator, tmp_path: Path, run_example: RunExample, example: str
) -> None:
    done = run_example(example, tmp_path, BASE_URL=simulator.base_url)
    assert "VM_MCP_API_KEY" in f"{done.code}{done.out}{done.err}"
    assert "Traceback" not in done.err


def test_the_demo_ends_with_the_commands_to_go_on_with_and_no_key_to_write_into_a_file() -> None:
    told = io.StringIO()
    _print_next_steps(Console(file=told, width=200))
    commands = [line.split()[1:] for line in told.getvalue().splitlines() if line.strip().startswith("vm-mcp ")]
    assert [command[0] for command in commands] == ["login", "install", "doctor"]
    assert [build_parser().parse_args(command[:2] if command[0] == "install" else command[:1]) for command in commands]
    assert "VM_MCP_API_KEY" not in told.getvalue()


def test_the_demo_is_the_same_whatever_the_settings_file_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = {
        "REMOTE_URL": "https://speech.example", "LANGUAGES": "de", "ENGINE": "remote", "READ_ONLY": "true",
        "MODEL": "large", "BASE_URL": "https://pbx.example", "API_KEY": KEY, "ARCHIVE_DIR": str(tmp_path / "own"),
        "RETENTION_DAYS": "1",
    }  # fmt: skip
    file = tmp_path / ".env"
    file.write_text("".join(f"VM_MCP_{name}={value}\n" for name, value in own.items()), encoding="utf-8")
    monkeypatch.setattr("vm_mcp.config.reading.env_file", lambda: file)
    with speaking(["--lang", "tr"]):
        server = _server("http://127.0.0.1:8008", "K1", load_settings(), str(tmp_path / "demo"))
    for name, value in (server.env or {}).items():
        monkeypatch.setenv(name, value)
    settings = load_settings(flags_of(build_parser().parse_args(server.args[2:])))
    assert not settings.remote_url
    assert (settings.engine, settings.model, settings.languages) == ("auto", "base", ("tr", "en"))
    assert (settings.read_only, settings.retention_days, settings.lang) == (False, 0, "tr")
    assert settings.archive_path.parent == tmp_path / "demo"
    assert settings.api_key
    assert settings.api_key.get_secret_value() == "K1"


def test_a_demo_that_fails_says_why(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with Simulator() as simulator:
        simulator.faults.set("wrong_key")
        monkeypatch.setattr("vm_mcp.simulator.Simulator", lambda: contextlib.nullcontext(simulator))
        assert main(["demo"]) == 1
    assert "The PBX refuses the API key" in capsys.readouterr().err
