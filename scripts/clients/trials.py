"""Try real clients on the real server, and write down what each makes of it: what run.py does."""

import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from catalogue import CLIENTS, Client
from environments import install, path_of
from server import crowded
from wire import COLUMNS, described, messages

from vm_mcp.simulator import Simulator

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
PAGE = HERE.parent.parent / "docs" / "hosts.md"
START, END = "<!-- table -->\n", "<!-- end of table -->\n"
SECONDS = 240
"""For one client, beside its installation."""


def main(arguments: list[str]) -> None:
    """Run the clients that were asked for, and keep what was seen."""
    if "--table" in arguments:
        PAGE.write_text(_with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
        return
    names = list(CLIENTS) if "--all" in arguments else [name for name in arguments if not name.startswith("-")]
    if "--list" in arguments or not names:
        raise SystemExit("\n".join(f"{name:24}{client.version}" for name, client in CLIENTS.items()))
    for name in names:
        row = {"version": CLIENTS[name].version, **tried(name, CLIENTS[name])}
        known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
        known[name] = row
        RESULTS.write_text(json.dumps(known, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
        print(f"{name}: {json.dumps(row, indent=1, ensure_ascii=False)}", flush=True)  # noqa: T201 - its output


def _with_table(page: str) -> str:
    """Return the page with the results of all clients that ran."""
    results: dict[str, dict[str, str]] = json.loads(RESULTS.read_text(encoding="utf-8"))
    ran = [(name, results[name]) for name in CLIENTS if "era" in results.get(name, {})]
    lines = [
        f"| Client | Version | {' | '.join(column[0].upper() + column[1:] for column in COLUMNS)} |",
        f"|---{'|---' * (len(COLUMNS) + 1)}|",
        *(f"| {name} | {row['version']} | {' | '.join(row[column] for column in COLUMNS)} |" for name, row in ran),
    ]
    before, after = page.split(START, maxsplit=1)[0], page.split(END)[1]
    return "\n".join([before + START, *lines, "", END + after])


def tried(name: str, client: Client) -> dict[str, str]:
    """Run one client, and return its row."""
    programs = install(name, client)
    with tempfile.TemporaryDirectory(prefix="vm-mcp-client-") as temporary, Simulator(crowded()) as simulator:
        folder = Path(temporary)
        log = folder / "wire"
        settings = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("VIRTUAL_ENV", "PYTHON"))},
            "PATH": path_of(programs),
            "PYTHONPATH": str(HERE / "common"),
            "VM_CLIENT_SERVER": json.dumps(tapped(log, serving(simulator.base_url, folder))),
            "HOME": str(folder),
            "PYTHONWARNINGS": "ignore",
        }
        with _target(client, settings, folder, serving(simulator.base_url, folder)):
            output = _run(_command(client, programs), settings, folder)
        try:
            seen = json.loads(output.strip().splitlines()[-1])
        except (ValueError, IndexError):
            return {"failed": output[-1500:]}
        kept = os.environ.get("VM_CLIENT_KEEP")
        if kept:
            Path(kept).mkdir(parents=True, exist_ok=True)
            (Path(kept) / f"{name}.json").write_text(json.dumps(seen, indent=1, ensure_ascii=False), encoding="utf-8")
            if log.exists():
                shutil.copy(log, Path(kept) / f"{name}.wire")
        return described(seen, messages(log))


def serving(base_url: str, folder: Path) -> list[str]:
    """Return the server's command. A client may start it more than once: the archive and the PBX stay the same."""
    return [sys.executable, "-P", str(HERE / "server.py"), base_url, str(folder / "data")]


def tapped(log: Path, command: list[str]) -> list[str]:
    """Return the command of a server whose pipes are noted."""
    return [sys.executable, "-P", str(HERE / "tap.py"), str(log), *command]


def _command(client: Client, programs: Path) -> list[str]:
    driver = HERE / "drivers" / (client.driver or "python_sdk.py")
    if client.kind == "python":
        return [str(programs / "python"), "-P", str(driver)]
    if client.kind == "node":
        # A module finds packages beside itself alone.
        place = programs.parent.parent
        for file in (driver, HERE / "common" / "walk.mjs"):
            shutil.copy(file, place)
        return ["node", str(place / driver.name)]
    return [sys.executable, "-P", str(driver)]


@contextmanager
def _target(client: Client, settings: dict[str, str], folder: Path, serve: list[str]) -> Iterator[None]:
    """Start what stands between the SDK's client and the server, and say in the settings where it is."""
    settings["VM_CLIENT_MODE"] = client.mode
    server = json.loads(settings["VM_CLIENT_SERVER"])
    port = _free_port()
    if client.kind == "gateway":
        config = folder / "servers.json"
        config.write_text(json.dumps({"mcpServers": {"voicemail": {"command": server[0], "args": server[1:]}}}))
        settings["VM_CLIENT_URL"] = f"http://127.0.0.1:{port}{client.path}"
        command = _filled(client.command, server, port, "", config)
        with _running(command, settings, folder, port):
            yield
    elif client.kind == "connector" or client.url:
        url = f"http://127.0.0.1:{port}/mcp"
        with _running([*serve, f"127.0.0.1:{port}"], settings, folder, port):
            if client.url:
                settings["VM_CLIENT_URL"] = url
            else:
                settings["VM_CLIENT_SERVER"] = json.dumps(_filled(client.command, server, port, url, folder))
            yield
    else:
        yield


def _filled(command: tuple[str, ...], server: list[str], port: int, url: str, config: Path) -> list[str]:
    filled: list[str] = []
    for part in command:
        if part == "{server...}":
            filled += server
        else:
            filled.append(part.format(server=shlex.join(server), port=port, url=url, config=config))
    return filled


@contextmanager
def _running(command: list[str], settings: dict[str, str], folder: Path, port: int) -> Iterator[None]:
    program = shutil.which(command[0], path=settings["PATH"]) or command[0]
    with (folder / "between").open("wb") as output:
        process = subprocess.Popen([program, *command[1:]], env=settings, cwd=folder, stdout=output, stderr=output)  # noqa: S603 - ours
        try:
            _wait_for(port, process)
            yield
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit("what stands between client and server has ended")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("what stands between client and server does not listen")


def _run(command: list[str], settings: dict[str, str], folder: Path) -> str:
    program = shutil.which(command[0], path=settings["PATH"]) or command[0]
    options: dict[str, Any] = {"env": settings, "cwd": folder, "stdin": subprocess.DEVNULL, "text": True}
    try:
        done = subprocess.run([program, *command[1:]], capture_output=True, timeout=SECONDS, check=False, **options)  # noqa: S603 - ours
    except subprocess.TimeoutExpired as error:
        return f"no end within {SECONDS} s: {str(error.stdout)[-600:]} {str(error.stderr)[-600:]}"
    return done.stdout if done.stdout.strip().endswith("}") else f"{done.stdout}\n{done.stderr}"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
