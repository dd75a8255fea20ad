"""Memory of processes, in MiB."""

import re
from pathlib import Path

import psutil

_MIB = 1 << 20


def peak_mib(pid: int) -> float:
    """Return a running process's peak resident memory; on macOS, its current one."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii", errors="replace"))
        return int(found[1]) / 1024 if found else 0.0
    memory = psutil.Process(pid).memory_info()
    return float(getattr(memory, "peak_wset", memory.rss)) / _MIB


def resident_mib(pid: int) -> float:
    """Return a running process's resident memory."""
    return float(psutil.Process(pid).memory_info().rss) / _MIB
