"""Runs the work on a model on a few lanes, one thread each, in the order of the messages that it is for.

A lane decodes up to `SLOTS` windows in each of its steps. Whenever one has ended, the next one joins, whatever its
length: the weights are read once for all of them. Between two steps a lane does other work, such as encoding, so that
the windows of the messages after are ready when a place becomes free.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from vm_mcp.asr.packed.decoder_step import DecoderStep
from vm_mcp.asr.packed.decoding import Decoding
from vm_mcp.asr.packed.graph_sizes import SLOTS
from vm_mcp.asr.packed.model import PackedModel
from vm_mcp.asr.turns import Turn

T = TypeVar("T")

_STEPS_FOR_OTHER_WORK = 2.0
"""Seconds of steps for each second of other work for later messages."""


@dataclass(eq=False, slots=True)
class _Task:
    turn: Turn
    work: Callable[[], Any]
    """Returns a result; or a `Decoding`, which then takes part in steps until it is done."""
    needs_slot: bool
    future: Future[Any] = field(default_factory=Future)
    decoding: Decoding | None = None


class Lanes:
    """Threads that start when there is work, and end when there is none.

    Args:
        model: The model.
        count: Number of threads.
    """

    def __init__(self, model: PackedModel, count: int) -> None:
        self._model = model
        self._count = count
        self._lock = threading.Lock()
        self._running = 0
        self._waiting: list[_Task] = []

    def run(self, turn: Turn, work: Callable[[], T]) -> T:
        """Call a function on a lane, and return its result. Raises CancelledError, or what the function raises."""
        result: T = self._result_of(_Task(turn, work, needs_slot=False))
        return result

    def decode(self, turn: Turn, begin: Callable[[], Decoding]) -> Decoding:
        """Return the decoding that a function begins, once it is done. Raises as `run` does."""
        result: Decoding = self._result_of(_Task(turn, begin, needs_slot=True))
        return result

    def _result_of(self, task: _Task) -> Any:  # noqa: ANN401  # of its callers' types
        with self._lock:
            if self._running < self._count:
                threading.Thread(target=self._run_lane, daemon=True).start()  # it begins once the lock is free
                self._running += 1
            self._waiting.append(task)
        return task.future.result()

    def _run_lane(self) -> None:
        lane = _Lane(self._model)
        while True:
            with self._lock:
                task = self._take(lane)
                if not task and not lane.tasks:
                    self._running -= 1
                    return
            if task:
                lane.begin(task)
            lane.step()

    def _take(self, lane: "_Lane") -> _Task | None:
        """Remove and return what the lane does next beside its steps: the earliest message's work; None: nothing.

        A full lane puts its latest window back if an earlier message has one: it goes on later where it was.
        """
        lane.drop_cancelled()
        for task in [each for each in self._waiting if each.turn.is_cancelled]:
            self._waiting.remove(task)
            task.future.set_exception(CancelledError())
        line = sorted(self._waiting, key=lambda task: task.turn)
        first = next(filter(lane.accepts, line), None)
        if first:
            self._waiting.remove(first)
            self._waiting += lane.make_room(first)
        return first


class _Lane:
    """What one thread decodes."""

    def __init__(self, model: PackedModel) -> None:
        self.tasks: list[_Task] = []
        self._model = model
        self._bound: list[tuple[_Task, int]] = []
        self._step: DecoderStep | None = None
        self._owed = 0.0
        """Seconds of steps to be done before other work for later messages."""

    def accepts(self, task: _Task) -> bool:
        """Return whether to do a task now.

        Work for later messages, such as encoding, brings windows that fill the steps, but it also holds up those that
        are decoded. So it takes a third of the time at most: about what it needs to keep the steps full.
        """
        if not self.tasks:
            return True
        turns = [each.turn for each in self.tasks]
        has_room = len(turns) < SLOTS or task.turn < max(turns)
        if task.needs_slot:
            return has_room
        return task.turn <= min(turns) or (has_room and self._owed <= 0)

    def make_room(self, task: _Task) -> list[_Task]:
        """Remove and return the windows that have to wait for the sake of a task."""
        if not task.needs_slot or len(self.tasks) < SLOTS:
            return []
        latest = max(self.tasks, key=lambda each: each.turn)
        self.tasks.remove(latest)
        return [latest]

    def begin(self, task: _Task) -> None:
        """Do a task's work, and decode its window from then on if it has one."""
        began = time.perf_counter()
        try:
            result = task.decoding or task.work()
        except BaseException as error:  # noqa: BLE001  # its caller raises it
            task.future.set_exception(error)
            return
        finally:
            self._owed = _STEPS_FOR_OTHER_WORK * (time.perf_counter() - began)
        if isinstance(result, Decoding) and not result.is_done:
            task.decoding = result
            self.tasks.append(task)
        else:
            task.future.set_result(result)

    def drop_cancelled(self) -> None:
        """Stop decoding what is no longer wanted."""
        for task in [each for each in self.tasks if each.turn.is_cancelled]:
            self._end(task).set_exception(CancelledError())

    def step(self) -> None:
        """Decode one step of all windows."""
        decodings = [(task, task.decoding) for task in self.tasks if task.decoding]
        if not decodings:
            return
        began = time.perf_counter()
        try:
            step = self._bind([(task, decoding.slot.rows) for task, decoding in decodings])
            first, rows = 0, []
            for _, decoding in decodings:
                rows.append(slice(first, first := first + decoding.slot.rows))
                decoding.fill(step.rows[0, rows[-1]])
            found = step.run()
            for (_, decoding), own in zip(decodings, rows, strict=True):
                decoding.take(found, own)
        except BaseException as error:  # noqa: BLE001  # each caller raises it
            for task, _ in decodings:
                self._end(task).set_exception(error)
            return
        self._owed -= time.perf_counter() - began
        for task, decoding in decodings:
            if decoding.is_done:
                self._end(task).set_result(decoding)

    def _end(self, task: _Task) -> Future[Any]:
        self.tasks.remove(task)
        return task.future

    def _bind(self, bound: list[tuple[_Task, int]]) -> DecoderStep:
        """Return the step of these windows and rows: that of the last time if they are the same."""
        if not self._step or bound != self._bound:
            decodings = [task.decoding for task, _ in bound if task.decoding]
            outputs = {name: None for decoding in decodings for name in decoding.outputs}
            self._step = self._model.bind([decoding.slot for decoding in decodings], outputs=list(outputs))
            self._bound = bound
        return self._step
