"""What differs from one operating system to another, in one place.

Each system is a value, so that a test can ask what vm-mcp does on Windows wherever the test runs; see
`tests/test_operating_system.py`, which also holds what this relies on to CPython's own source. What an engine asks of
the hardware is in ``vm_mcp/asr/machine.py`` and ``vm_mcp/asr/process_memory.py``; where hosts keep their files, in
``vm_mcp/cli/hosts/host_places.py``.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path, PureWindowsPath
from typing import NamedTuple

LONGEST_WINDOWS_PATH = 259
"""Characters, without the final NUL: ``MAX_PATH`` is 260. Longer ones work only where the registry allows them."""
_NAME_ROOM = 20
"""Characters that a temporary file beside another one adds to its folder's path at most."""
_REPLACE_WAITS = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between attempts to replace a file that another program has open."""
_CREATE_NO_WINDOW = 0x08000000
_TURKISH, _PRIMARY_LANGUAGE = 0x1F, 0x3FF
"""Windows' number of a language is in the low ten bits; the others tell the country."""
_PREFERENCES = Path("Library", "Preferences", ".GlobalPreferences.plist")


class OperatingSystem(NamedTuple):
    """One operating system."""

    platform: str
    """As in ``sys.platform``."""

    @property
    def is_windows(self) -> bool:
        """Whether it is Windows."""
        return self.platform == "win32"

    @property
    def keeps_modes(self) -> bool:
        """Whether a file's mode says who may read it.

        On Windows, ``os.chmod`` changes nothing but the read-only flag; a user's files are private by the access lists
        of the profile folder that they are in.
        """
        return not self.is_windows

    @property
    def watches_hangups(self) -> bool:
        """Whether the end of a pipe can be waited for without reading: Windows has no ``select.poll``."""
        return not self.is_windows

    @property
    def runs_teams(self) -> bool:
        """Whether a team's servers and workers run on it.

        They stop by signals that asyncio can't handle on Windows: there, ``loop.add_signal_handler`` raises
        NotImplementedError.
        """
        return not self.is_windows

    @property
    def program_suffix(self) -> str:
        """What the file name of a program ends with."""
        return ".exe" if self.is_windows else ""

    @property
    def hidden(self) -> int:
        """Flags of a process that must not open a console window."""
        return _CREATE_NO_WINDOW if self.is_windows else 0

    def extended(self, path: str) -> str:
        r"""Return a path that Windows accepts beyond its 260 characters: ``\\?\C:\…``, or ``\\?\UNC\server\…``.

        Args:
            path: Absolute, of a file that is written through a temporary one beside it.
        """
        if not self.is_windows or len(path) + _NAME_ROOM <= LONGEST_WINDOWS_PATH or path.startswith("\\\\?\\"):
            return path
        plain = PureWindowsPath(path)
        if not plain.is_absolute():
            return path
        written = str(plain)
        return f"\\\\?\\UNC{written[1:]}" if written.startswith("\\\\") else f"\\\\?\\{written}"

    def replace(
        self,
        source: Path,
        target: Path,
        *,
        move: Callable[[Path, Path], object] = os.replace,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        """Replace a file by another one, in one step.

        Windows refuses that while another program has the target open, as virus scanners and hosts briefly have. Both
        of its errors, 5 (access denied) and 32 (sharing violation), are a PermissionError: CPython's ``PC/errmap.h``.

        Args:
            source: The new file.
            target: The file that it replaces.
            move: Replaces it once.
            wait: Waits for so many seconds.

        Raises:
            OSError: It can't be replaced; for Windows, not within two seconds.
        """
        for seconds in _REPLACE_WAITS if self.is_windows else ():
            try:
                move(source, target)
            except PermissionError:
                wait(seconds)
            else:
                return
        move(source, target)

    def language(self, home: Path | None = None, windows_language: Callable[[], int] | None = None) -> str:
        """Return the language that the user has set, such as ``tr``; empty where the system has no setting of its own.

        Args:
            home: The user's home; None: of the user who runs this.
            windows_language: Returns Windows' number of the language; None: ask Windows.
        """
        if self.is_windows:
            number = (windows_language or _windows_language)()
            return "tr" if number & _PRIMARY_LANGUAGE == _TURKISH else "en"
        return _mac_language(home or Path.home()) if self.platform == "darwin" else ""


def this_system() -> OperatingSystem:
    """Return the one that this runs on."""
    return OperatingSystem(sys.platform)


def _windows_language() -> int:
    """Return the language of the user's interface, as ``GetUserDefaultUILanguage`` numbers it; 0 if it can't be had."""
    import ctypes

    library = getattr(ctypes, "windll", None)  # only Windows has it
    return int(library.kernel32.GetUserDefaultUILanguage()) if library else 0


def _mac_language(home: Path) -> str:
    """Return the first of the languages in the order of the user's preference, such as ``tr-TR``."""
    import plistlib

    try:
        with (home / _PREFERENCES).open("rb") as file:
            languages = plistlib.load(file).get("AppleLanguages", [])
    except (OSError, ValueError, AttributeError, plistlib.InvalidFileException):
        return ""
    return str(languages[0]) if isinstance(languages, list) and languages else ""
