"""Where each host keeps the list of its MCP servers, on each platform."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

HostName = Literal["claude-desktop", "claude-code", "cursor", "vscode"]


@dataclass(frozen=True, slots=True)
class Machine:
    """The folders in which a user's hosts keep their files."""

    home: Path
    settings: Path
    """``%APPDATA%``, ``~/Library/Application Support`` or ``~/.config``."""
    local: Path
    """``%LOCALAPPDATA%`` on Windows, where packaged programs have folders of their own."""
    claude_code: Path
    """Where Claude Code keeps its file: the home folder, or ``CLAUDE_CONFIG_DIR``."""

    @classmethod
    def this(cls) -> Self:
        """Return the folders of the user who runs this."""
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
        """Return the usual folders of a user whose home is ``home``, on a platform named as in ``sys.platform``."""
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
    """Key of its configuration that holds the servers."""
    configuration: Callable[[Machine], Path]
    """Its file, whether or not it exists."""
    trace: Callable[[Machine], Path]
    """A folder that exists once the host has been installed or used."""
    base: dict[str, str]
    """Fields that it requires in every entry besides the command."""
    asks_for_secrets: bool = False
    """Whether it can ask the user for a key and store it itself."""
    restart: str = "Restart it."
    """What the user does next so that it reads its file."""

    def is_on(self, machine: Machine) -> bool:
        """Return whether the host is, or was, installed there."""
        return self.trace(machine).exists() or self.configuration(machine).exists()


def _claude_desktop(machine: Machine) -> Path:
    """Return its folder. Windows redirects a packaged (MSIX) program to a folder that only it sees under this name."""
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
