"""vm-mcp's own programs as a team starts them, and a small supervisor that starts again what ends."""

import base64
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from team_rig.cluster import APP, OWNER, Cluster
from team_rig.scripted_engine import MODEL
from team_rig.vendor import Vendor

TOKEN = "a-benchmarks-token-of-many-letters"  # noqa: S105 - opens nothing but a benchmark's server on loopback
_RESTART_SECONDS = 0.5


class Team:
    """What all programs of the team are told: the accounts file, the database, the engine.

    Args:
        folder: For the accounts file, logs and data.
        cluster: PostgreSQL.
        vendor: The PBX.
        engine_url: The scripted engine.
        poll_seconds: How often each account is polled.
    """

    def __init__(self, folder: Path, cluster: Cluster, vendor: Vendor, engine_url: str, poll_seconds: int) -> None:
        self.folder = folder
        variables = {name: f"KEY_{name.replace('-', '_').upper()}" for name in vendor.keys}
        accounts = folder / "accounts.toml"
        accounts.write_text(
            "".join(
                f'[accounts.{name}]\nkey_env = "{variable}"\ntranscribe = "new"\npoll_seconds = {poll_seconds}\n'
                for name, variable in variables.items()
            ),
            encoding="utf-8",
        )
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("VM_MCP_")}
        self.environment = inherited | {
            "HOME": str(folder),
            "VM_MCP_ACCOUNTS": str(accounts),
            "VM_MCP_DATABASE_URL": cluster.url(APP),
            "VM_MCP_RECORDINGS_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode(),
            "VM_MCP_BASE_URL": vendor.base_url,
            "VM_MCP_ENGINE": "remote",
            "VM_MCP_REMOTE_URL": engine_url,
            "VM_MCP_MODEL": MODEL,
            "VM_MCP_DATA_DIR": str(folder / "data"),
            "VM_MCP_HTTP_TOKEN": TOKEN,
            **{variables[name]: key for name, key in vendor.keys.items()},
        }
        self._owner = {"VM_MCP_DATABASE_OWNER_URL": cluster.url(OWNER)}

    def set_up(self) -> None:
        """Run ``vm-mcp database setup``."""
        command = [sys.executable, "-m", "vm_mcp", "database", "setup"]
        with (self.folder / "setup.log").open("wb") as log:
            subprocess.run(command, check=True, env=self.environment | self._owner, stdout=log, stderr=log)  # noqa: S603 - ours

    def program(self, name: str, *arguments: str) -> "Program":
        """Return a program of the team, not started yet."""
        return Program(
            name, [sys.executable, "-m", "vm_mcp", *arguments], self.environment, self.folder / f"{name}.log"
        )


@dataclass
class Program:
    """One program, which is started again whenever it ends, until it is stopped."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    ended: list[datetime] = field(default_factory=list)
    """When it ended, or was found to have, whatever ended it."""
    exits: int = 0
    """How often it ended by itself."""
    cpu_seconds: float = 0.0
    """Of all its processes that were measured before they ended."""
    _process: subprocess.Popen[bytes] | None = None
    _start_at: float = 0.0

    def watch(self) -> None:
        """Start it, if it is not running and half a second has passed since it ended."""
        if self._process and self._process.poll() is not None:
            self.exits += 1
            self._forget()
        if not self._process and time.monotonic() >= self._start_at:
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(self.command, env=self.environment, stdout=log, stderr=log)  # noqa: S603 - ours

    def kill(self) -> bool:
        """End it with -9; return whether it was running."""
        if not self._process or self._process.poll() is not None:
            return False
        self.measure()
        self._process.kill()
        self._process.wait()
        self._forget()
        return True

    def stop(self, patience_seconds: float = 20.0) -> float:
        """Ask it to end, and return how many seconds it took; it is killed if it takes longer than that."""
        started = time.monotonic()
        if self._process and self._process.poll() is None:
            self.measure()
            self._process.terminate()
            try:
                self._process.wait(patience_seconds)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None
        return time.monotonic() - started

    def measure(self) -> None:
        """Add the CPU time of the running process to ``cpu_seconds``; call it once in a process's life."""
        if self._process:
            stat = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            self.cpu_seconds += sum(map(int, stat[11:15])) / os.sysconf("SC_CLK_TCK")

    def _forget(self) -> None:
        self.ended.append(datetime.now(UTC))
        self._process = None
        self._start_at = time.monotonic() + _RESTART_SECONDS


def free_port() -> int:
    """Return a port on loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
