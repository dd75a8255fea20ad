"""What this computer has that a speech model needs: cores, memory, a GPU. Nothing is imported or started for it."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Final, Literal, NamedTuple

_GROUPS: Final = Path("/proc/self/cgroup")
_GROUP_ROOT: Final = Path("/sys/fs/cgroup")
# CUDA's driver, and the library that CTranslate2 loads to compute, by system. Many computers have only the first.
_CUDA: Final = {"linux": ("libcuda.so.1", "libcublas.so.12"), "win32": ("nvcuda.dll", "cublas64_12.dll")}


class Machine(NamedTuple):
    """What a model has to run on."""

    cores: int
    """Those that this process may use."""
    memory_bytes: int
    """Of the computer, or of the container if that may use less; 0: not known."""
    gpu_memory_bytes: int = 0
    """Of the GPU that the engine would use; 0: there is none."""


def this_machine(device: Literal["auto", "cpu", "cuda"]) -> Machine:
    """Return what this computer has; the GPU only if the setting ``device`` allows it."""
    return Machine(usable_cores(), memory_bytes(), 0 if device == "cpu" else gpu_memory_bytes())


def usable_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_bytes(platform: str = sys.platform, groups: Path = _GROUPS, group_root: Path = _GROUP_ROOT) -> int:
    """Return the memory that this process may use at most, used or not; 0 if the system doesn't tell.

    Args:
        platform: As in ``sys.platform``.
        groups: Lists the control groups of this process, which Linux limits.
        group_root: Where they are mounted.
    """
    if platform == "win32":
        return _windows_memory()
    if platform == "darwin":
        return _mac_memory()
    try:
        pages: int = os.sysconf("SC_PHYS_PAGES")  # type: ignore[attr-defined,unused-ignore]  # not on Windows
        page_bytes: int = os.sysconf("SC_PAGE_SIZE")  # type: ignore[attr-defined,unused-ignore]  # the same
        total = pages * page_bytes
    except (ValueError, OSError, AttributeError):
        return 0
    return min([total, *_group_limits(groups, group_root)])


def gpu_memory_bytes(platform: str = sys.platform) -> int:
    """Return the memory of the first CUDA device; 0 if there is none, or the library that computes on it is missing."""
    if platform not in _CUDA:
        return 0
    driver_name, blas_name = _CUDA[platform]
    count, size = ctypes.c_int(), ctypes.c_size_t()
    try:
        driver = ctypes.CDLL(driver_name)
        if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)) or not count.value:
            return 0
        ctypes.CDLL(blas_name)
        return 0 if driver.cuDeviceTotalMem_v2(ctypes.byref(size), 0) else size.value
    except (OSError, AttributeError):
        return 0


def _group_limits(groups: Path, root: Path) -> Iterator[int]:
    """Yield the limits of this process's control groups, of versions 1 and 2, and of those above them.

    A container may see its own group under the name that it has outside, which doesn't exist inside; its limit is then
    that of the root.
    """
    for group in _read(groups).splitlines():
        _, _, rest = group.partition(":")
        controllers, _, name = rest.partition(":")
        if controllers and "memory" not in controllers.split(","):
            continue
        folder, file = (root / "memory", "memory.limit_in_bytes") if controllers else (root, "memory.max")
        place = PurePosixPath(name)
        if not place.is_absolute() or ".." in place.parts:
            continue
        for each in (place, *place.parents):
            with suppress(ValueError):
                yield int(_read(folder / each.relative_to("/") / file))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


class _MemoryStatus(ctypes.Structure):
    """Windows' ``MEMORYSTATUSEX``."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        ("total", ctypes.c_uint64),
        ("others", ctypes.c_uint64 * 6),
    )


def _windows_memory() -> int:
    status = _MemoryStatus(size=ctypes.sizeof(_MemoryStatus))
    succeeded = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined,unused-ignore]  # there
    return int(status.total) if succeeded else 0


def _mac_memory() -> int:
    size = ctypes.c_uint64()
    length = ctypes.c_size_t(ctypes.sizeof(size))
    library = ctypes.CDLL(None)
    failed = library.sysctlbyname(b"hw.memsize", ctypes.byref(size), ctypes.byref(length), None, 0)
    return 0 if failed else int(size.value)
