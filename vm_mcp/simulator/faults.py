"""Faults by name: what goes wrong, at which request, and how often."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

FaultName = Literal[
    "http500",
    "http503",
    "http429",
    "html",
    "not_json",
    "trailing_comma",
    "empty",
    "wrong_shape",
    "reset",
    "truncated",
    "slow",
    "not_audio",
    "huge",
    "huge_declared",
    "expired_url",
    "redirect_elsewhere",
    "wrong_key",
]
Step = Literal["list", "url", "download"]
Target = Literal["list", "url", "download", "all"]

FAULT_NAMES: tuple[FaultName, ...] = get_args(FaultName)
_STEPS: tuple[Step, ...] = get_args(Step)
_ONLY_AT: dict[FaultName, tuple[Step, ...]] = {
    "not_json": ("list", "url"),
    "trailing_comma": ("list",),
    "wrong_shape": ("list", "url"),
    "wrong_key": ("list", "url"),
    "not_audio": ("download",),
    "expired_url": ("url", "download"),
}


def steps_of(name: FaultName) -> tuple[Step, ...]:
    """Return the steps at which a fault can happen: listing, asking for a recording's URL, downloading it."""
    return _ONLY_AT.get(name, _STEPS)


@dataclass
class Fault:
    """Fault ``name`` at ``target``; ``times`` is how many more requests it hits, None for all of them.

    Raises:
        ValueError: There is no such fault, or it can't happen at that target.
    """

    name: FaultName
    target: Target = "all"
    times: int | None = None

    def __post_init__(self) -> None:
        if self.name not in FAULT_NAMES:
            raise ValueError(f"no fault is called {self.name!r}; there are {', '.join(FAULT_NAMES)}")
        if self.target != "all" and self.target not in steps_of(self.name):
            raise ValueError(f"{self.name} can't happen at {self.target!r}")

    def happens_at(self, step: Step) -> bool:
        """Whether it hits the next request of that step."""
        return self.times != 0 and step in steps_of(self.name) and self.target in {"all", step}


class Faults:
    """The faults of a running simulator; they may be changed from any thread."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self._faults = [Fault(fault.name, fault.target, fault.times) for fault in faults]

    def set(self, name: FaultName, target: Target = "all", times: int | None = None) -> None:
        """Let a fault hit the next ``times`` requests (None: all of them); one that was set earlier hits first."""
        with self._lock:
            self._faults.append(Fault(name, target, times))

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._faults.clear()

    def take(self, step: Step) -> FaultName | None:
        """Return the fault that hits this request and count it down; None when nothing goes wrong."""
        with self._lock:
            for fault in self._faults:
                if fault.happens_at(step):
                    if fault.times is not None:
                        fault.times -= 1
                    return fault.name
        return None
