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
    "forbidden",
    "half_page",
]
Step = Literal["list", "url", "download", "cdrs", "contacts", "extensions"]
Target = Step | Literal["all"]

FAULT_NAMES: tuple[FaultName, ...] = get_args(FaultName)
_VOICEMAIL_STEPS: tuple[Step, ...] = ("list", "url", "download")
_NEIGHBOUR_STEPS: tuple[Step, ...] = ("cdrs", "contacts", "extensions")
_ONLY_AT: dict[FaultName, tuple[Step, ...]] = {
    "not_json": ("list", "url", *_NEIGHBOUR_STEPS),
    "trailing_comma": ("list", *_NEIGHBOUR_STEPS),
    "wrong_shape": ("list", "url", *_NEIGHBOUR_STEPS),
    "wrong_key": ("list", "url", *_NEIGHBOUR_STEPS),
    "forbidden": _NEIGHBOUR_STEPS,
    "half_page": ("cdrs", "contacts"),
    "not_audio": ("download",),
    "expired_url": ("url", "download"),
}


def steps_of(name: FaultName) -> tuple[Step, ...]:
    """Return the steps of voicemail at which a fault can happen: list, a recording's URL, its download."""
    return tuple(step for step in _VOICEMAIL_STEPS if _can_happen(name, step))


def neighbour_steps_of(name: FaultName) -> tuple[Step, ...]:
    """Return the neighbours of voicemail at which a fault can happen: call records, contacts, extensions."""
    return tuple(step for step in _NEIGHBOUR_STEPS if _can_happen(name, step))


def _can_happen(name: FaultName, step: Target) -> bool:
    return step in _ONLY_AT.get(name, (*_VOICEMAIL_STEPS, *_NEIGHBOUR_STEPS))


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
        if self.target != "all" and not _can_happen(self.name, self.target):
            raise ValueError(f"{self.name} can't happen at {self.target!r}")

    def happens_at(self, step: Step) -> bool:
        """Whether it hits the next request of that step."""
        return self.times != 0 and _can_happen(self.name, step) and self.target in {"all", step}


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
