"""Where each host keeps the list of its MCP servers, on each platform."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

HostName = Literal["claude-desktop", "claude-code", "cursor", "vscode"]


@dataclass(frozen=True, slots=True)
class Machine:
    """The folders of a user in which hosts keep their files."""

    home: Path
    settings: Path
    """Where programs keep settings: ``%APPDATA%``, ``~/Library/Application Support`` or ``~/.config``."""
    local: Path
    """``%LOCALAPPDATA%`` on Windows, in which packaged programs have folders of their own."""
    claude_code: Path
    """Where Claude Code keeps its file; the home folder unless its user says otherwise."""

    @classmethod
    def this(cls) -> Self:
        """The user who runs this."""
        from platformdirs import user_config_path, user_data_path

        home = Path.home()
        return cls(
            home=home,
            settings=user_config_path(appauthor=False, roaming=True),
            local=user_data_path(appauthor=False),
            claude_code=Path(os.environ.get("CLAUDE_CONFIG_DIR") or home),
        )

    @classmethod
    def of(cls, platform: str, home: Path) -> Self:
        """A user of a platform, by its ``sys.platform``, whose folders are where they usually are."""
        settings, local = {
            "win32": (home / "AppData" / "Roaming", home / "AppData" / "Local"),
            "darwin": (home / "Library" / "Application Support",) * 2,
        }.get(platform, (home / ".config", home / ".local" / "share"))
        return cls(home=home, settings=settings, local=local, claude_code=home)


@dataclass(frozen=True, slots=True)
class Host:
    """A program that starts MCP servers."""

    name: HostName
    title: str
    section: str
    """The key of its configuration under which the servers are."""
    configuration: Callable[[Machine], Path]
    """Its file, there or not."""
    trace: Callable[[Machine], Path]
    """What is there when the host is installed, or was used once."""
    base: dict[str, str]
    """What it wants in every entry beside the command."""
    asks_for_secrets: bool = False
    """Whether it can ask for a key and keep it to itself."""
    restart: str = "Restart it."

    def is_on(self, machine: Machine) -> bool:
        """Whether the host leaves a trace there."""
        return self.trace(machine).exists() or self.configuration(machine).exists()


def _claude_desktop(machine: Machine) -> Path:
    """Its folder; as a packaged program on Windows it is shown another one than everybody else sees."""
    packaged = sorted((machine.local / "Packages").glob("Claude_*/LocalCache/Roaming"))
    return (packaged[0] if packaged else machine.settings) / "Claude"


HOSTS: dict[HostName, Host] = {
    host.name: host
    for host in (
        Host(
            name="claude-desktop",
            title="Claude Desktop",
            section="mcpServers",
            configuration=lambda machine: _claude_desktop(machine) / "claude_desktop_config.json",
            trace=_claude_desktop,
            base={},
            restart="Quit Claude Desktop, also in the tray, and start it again.",
        ),
        Host(
            name="claude-code",
            title="Claude Code",
            section="mcpServers",
            configuration=lambda machine: machine.claude_code / ".claude.json",
            trace=lambda machine: machine.home / ".claude",
            base={"type": "stdio"},
            restart="Start a new session.",
        ),
        Host(
            name="cursor",
            title="Cursor",
            section="mcpServers",
            configuration=lambda machine: machine.home / ".cursor" / "mcp.json",
            trace=lambda machine: machine.home / ".cursor",
            base={},
            restart="Switch it on under Settings > MCP if Cursor asks.",
        ),
        Host(
            name="vscode",
            title="VS Code",
            section="servers",
            configuration=lambda machine: machine.settings / "Code" / "User" / "mcp.json",
            trace=lambda machine: machine.settings / "Code",
            base={"type": "stdio"},
            asks_for_secrets=True,
            restart="Run MCP: List Servers and start it.",
        ),
    )
}
