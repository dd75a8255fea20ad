"""Where each host keeps the list of its MCP servers, on each platform."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

_CLAUDE_FILE = "claude_desktop_config.json"
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
    elsewhere: Callable[[Machine], Path | None] = lambda _: None
    """The file of a second installation beside the first, if there is one."""
    asks_for_secrets: bool = False
    """Whether it can ask the user for a key and store it itself."""
    restart: str = "Restart it."
    """What the user does next so that it reads its file."""

    def is_on(self, machine: Machine) -> bool:
        """Return whether the host is, or was, installed there."""
        return self.trace(machine).exists() or self.configuration(machine).exists()

    def everywhere(self, machine: Machine) -> "list[Host]":
        """Return the host once for each of its files: nobody can tell which of two installations is started."""
        second = self.elsewhere(machine)
        other = replace(self, configuration=lambda _: second, elsewhere=lambda _: None) if second else None
        return [self, *([other] if other else [])]


def _claude_desktop(machine: Machine) -> Path:
    """Return its folder.

    Windows redirects a packaged (MSIX) program, from the Microsoft Store or from Anthropic, to a folder that only it
    sees under the name of the usual one.
    """
    packaged = [folder / "Claude" for folder in (machine.local / "Packages").glob("Claude_*/LocalCache/Roaming")]
    used = sorted(packaged, key=lambda folder: (not (folder / _CLAUDE_FILE).is_file(), folder))
    return used[0] if used else machine.settings / "Claude"


def _claude_desktop_unpackaged(machine: Machine) -> Path | None:
    """Return the file in the usual folder where there is a packaged program as well; None without either."""
    usual = machine.settings / "Claude" / _CLAUDE_FILE
    return usual if usual.is_file() and _claude_desktop(machine) != usual.parent else None


HOSTS: dict[HostName, Host] = {
    host.name: host
    for host in (
        Host(
            name="claude-desktop",
            title="Claude Desktop",
            section="mcpServers",
            configuration=lambda machine: _claude_desktop(machine) / _CLAUDE_FILE,
            trace=_claude_desktop,
            elsewhere=_claude_desktop_unpackaged,
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
