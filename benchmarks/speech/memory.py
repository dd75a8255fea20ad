"""Memory of processes."""

import re
from pathlib import Path

import psutil

_MIB = 1 << 20


def peak_mib(pid: int) -> float:
    """The most resident memory that a living process has had, in MiB; on macOS, what it has now."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii", errors="replace"))
        return int(found[1]) / 1024 if found else 0.0
    memory = psutil.Process(pid).memory_info()
    return float(getattr(memory, "peak_wset", memory.rss)) / _MIB


def resident_mib(pid: int) -> float:
    """Resident memory of a living process, in MiB."""
    return float(psutil.Process(pid).memory_info().rss) / _MIB
