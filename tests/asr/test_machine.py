"""What a computer has is read where each system tells it, and a container's limit counts."""

import ctypes
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from vm_mcp.asr import machine
from vm_mcp.asr.machine import Machine, memory_bytes, this_machine

GIB = 1 << 30


@pytest.fixture
def linux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Return the memory of a Linux machine of 16 GiB whose control groups have some files."""
    monkeypatch.setattr(os, "sysconf", {"SC_PHYS_PAGES": 4 << 20, "SC_PAGE_SIZE": 4096}.__getitem__, raising=False)

    def read(groups: str, **limits: str) -> int:
        (tmp_path / "groups").write_text(groups, encoding="ascii")
        for place, limit in limits.items():
            file = tmp_path / place.replace("__", "/").replace("_dot_", ".")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(limit, encoding="ascii")
        return memory_bytes("linux", tmp_path / "groups", tmp_path)

    return read


def test_without_a_limit_all_memory_counts(linux: Callable[..., int]) -> None:
    assert linux("0::/\n") == 16 * GIB
    assert linux("0::/user.slice\n", memory_dot_max="max\n") == 16 * GIB


def test_the_limit_of_a_container_counts(linux: Callable[..., int]) -> None:
    assert linux("0::/\n", memory_dot_max=f"{2 * GIB}\n") == 2 * GIB


def test_of_nested_groups_the_lowest_limit_counts(linux: Callable[..., int]) -> None:
    limits = {"a__memory_dot_max": f"{3 * GIB}\n", "a__b__memory_dot_max": f"{8 * GIB}\n"}
    assert linux("0::/a/b\n", **limits) == 3 * GIB


def test_the_limit_of_an_older_container_counts_although_its_group_has_another_name(linux: Callable[..., int]) -> None:
    groups = "5:cpu,cpuacct:/docker/1f\n9:memory:/docker/1f\n"
    assert linux(groups, memory__memory_dot_limit_in_bytes=f"{4 * GIB}\n") == 4 * GIB
    assert linux(groups, memory__memory_dot_limit_in_bytes="9223372036854771712\n") == 16 * GIB


@pytest.mark.parametrize("groups", ["", "no groups\n", "0::/../../etc\n", "0::relative\n"])
def test_what_can_not_be_read_is_no_limit(groups: str, linux: Callable[..., int]) -> None:
    assert linux(groups, memory_dot_max="nothing\n") == 16 * GIB


def test_a_system_that_does_not_tell_has_unknown_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(_: str) -> int:
        raise ValueError("unrecognized configuration name")

    monkeypatch.setattr(os, "sysconf", refuse, raising=False)
    assert memory_bytes("linux", tmp_path / "none", tmp_path) == 0


def test_windows_is_asked_with_its_own_call(monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(pointer: Any) -> int:  # noqa: ANN401  # a ctypes pointer
        status = pointer._obj
        assert status.size == 64
        status.total = 8 * GIB
        return 1

    windll = SimpleNamespace(kernel32=SimpleNamespace(GlobalMemoryStatusEx=fill))
    monkeypatch.setattr(ctypes, "windll", windll, raising=False)
    assert memory_bytes("win32") == 8 * GIB
    windll.kernel32.GlobalMemoryStatusEx = lambda _: 0
    assert memory_bytes("win32") == 0


def test_macos_is_asked_with_its_own_call(monkeypatch: pytest.MonkeyPatch) -> None:
    def sysctl(name: bytes, value: Any, *_: object) -> int:  # noqa: ANN401  # a ctypes pointer
        assert name == b"hw.memsize"
        value._obj.value = 32 * GIB
        return 0

    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(sysctlbyname=sysctl))
    assert memory_bytes("darwin") == 32 * GIB


class Driver:
    """What is asked of CUDA's driver."""

    def __init__(self, *memories: int, failure: int = 0) -> None:
        self.memories = memories
        self.failure = failure

    def cuInit(self, _: int) -> int:  # noqa: N802  # CUDA's name
        return self.failure

    def cuDeviceGetCount(self, count: Any) -> int:  # noqa: ANN401, N802  # a ctypes pointer; CUDA's name
        count._obj.value = len(self.memories)
        return 0

    def cuDeviceTotalMem_v2(self, size: Any, device: int) -> int:  # noqa: ANN401, N802  # the same
        size._obj.value = self.memories[device]
        return 0


@pytest.fixture
def libraries(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """The libraries that can be loaded, by name."""
    there: dict[str, object] = {}

    def load(name: str) -> object:
        try:
            return there[name]
        except KeyError:
            raise OSError(name) from None

    monkeypatch.setattr(ctypes, "CDLL", load)
    return there


@pytest.mark.parametrize(
    ("driver", "blas", "memory"),
    [
        (Driver(6 * GIB), ["libcublas.so.12"], 6 * GIB),
        (Driver(6 * GIB, 24 * GIB), ["libcublas.so.12"], 6 * GIB),  # the engine uses the first
        (Driver(6 * GIB), [], 0),
        (Driver(), ["libcublas.so.12"], 0),
        (Driver(6 * GIB, failure=100), ["libcublas.so.12"], 0),
        (None, ["libcublas.so.12"], 0),
    ],
)
def test_a_gpu_counts_if_it_is_there_with_the_library_that_computes(
    driver: Driver | None, blas: list[str], memory: int, libraries: dict[str, object]
) -> None:
    if driver:
        libraries["libcuda.so.1"] = driver
    libraries |= dict.fromkeys(blas, object())
    assert machine.gpu_memory_bytes("linux") == memory


def test_a_gpu_that_may_not_be_used_is_not_asked_for(libraries: dict[str, object]) -> None:
    libraries |= {"libcuda.so.1": Driver(6 * GIB), "libcublas.so.12": object()}
    assert this_machine("cpu").gpu_memory_bytes == 0


def test_this_computer_has_cores_and_memory() -> None:
    found = this_machine("cpu")
    assert found == this_machine("cpu")
    assert isinstance(found, Machine)
    assert found.cores >= 1
    assert found.memory_bytes > 100 << 20
