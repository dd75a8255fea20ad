"""Schedules the calls to a model on a few lanes, and batches requests that wait at the same time.

Two measurements of CTranslate2 on a CPU decide how. Every decoding step reads all the weights, so four windows in one
call take little more than half the time of four calls. And two threads take only a third off the time of one, so two
calls with one thread each, side by side, are done before two calls with two threads each, one after the other. So each
lane is one thread and runs batches.
"""

import threading
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from vm_mcp.asr.turns import Turn

ModelT = TypeVar("ModelT")
KindT = TypeVar("KindT", bound=Hashable)
RequestT = TypeVar("RequestT")
ResultT = TypeVar("ResultT")
T = TypeVar("T")


@dataclass(eq=False)
class _Task:
    turn: Turn
    kind: Hashable | None
    """Requests of one kind can be batched; None: the request is a function, which is called by itself."""
    request: Any
    future: Future[Any] = field(default_factory=Future)


class Scheduler(Generic[ModelT, KindT, RequestT, ResultT]):
    """Runs calls to a model for any number of threads.

    It has no threads of its own: a caller waiting for its result runs the next batch itself whenever a lane is free.
    So nothing needs starting or stopping, and no lane is idle while requests wait.

    Args:
        run_batch: Answers requests of one kind, in their order, with the model it is given.
        model: The model.
        lanes: Number of calls that run at the same time.
        max_batch: Largest number of requests for one call of ``run_batch``.
    """

    def __init__(
        self,
        run_batch: Callable[[ModelT, KindT, Sequence[RequestT]], Sequence[ResultT]],
        model: ModelT,
        *,
        lanes: int,
        max_batch: int,
    ) -> None:
        self._run_batch = run_batch
        self._model = model
        self._lanes = lanes
        self._max_batch = max_batch
        self._changed = threading.Condition()
        self._busy = 0
        self._waiting: list[_Task] = []

    def run(self, turn: Turn, work: Callable[[ModelT], T]) -> T:
        """Call a function with the model, on a lane, and return its result.

        Raises CancelledError if the turn is cancelled before, and whatever the function raises.
        """
        result: T = self._result_of(_Task(turn, None, work))
        return result

    def run_batched(self, turn: Turn, kind: KindT, request: RequestT) -> ResultT:
        """Return the result of a request, which may be batched with others of its kind.

        Raises CancelledError if the turn is cancelled before, and whatever ``run_batch`` raised for the batch.
        """
        result: ResultT = self._result_of(_Task(turn, kind, request))
        return result

    def _result_of(self, task: _Task) -> Any:  # noqa: ANN401  # of its callers' types
        with self._changed:
            self._waiting.append(task)
            while not task.future.done():
                if not self._waiting or self._busy == self._lanes:
                    self._changed.wait()
                else:
                    self._run_next()
        return task.future.result()

    def _run_next(self) -> None:
        """Take the tasks to run next, which need not include the caller's own, and run them with the lock released."""
        tasks = self._take()
        self._busy += 1
        self._changed.release()
        try:
            for task, result in zip(tasks, self._results(tasks), strict=True):
                task.future.set_result(result)
        except BaseException as error:  # noqa: BLE001  # each waiting caller raises it
            for task in tasks:
                task.future.set_exception(error)
        finally:
            self._changed.acquire()
            self._busy -= 1
            self._changed.notify_all()

    def _results(self, tasks: list[_Task]) -> Sequence[Any]:
        if not tasks:
            return ()
        kind: Any = tasks[0].kind
        if kind is None:
            return [task.request(self._model) for task in tasks]
        return self._run_batch(self._model, kind, [task.request for task in tasks])

    def _take(self) -> list[_Task]:
        """Remove and return the tasks to run next: the earliest message's; with a request, others of its kind.

        A batch that is not full gains by waiting: the functions are mostly encodings, and each is followed by a request
        that may join it. So the next messages' functions go first, but no more messages' than a batch has room for,
        because nobody should wait for a whole backlog to be encoded.
        """
        self._drop_cancelled()
        line = sorted(self._waiting, key=lambda task: task.turn)  # those of one message stay in their order
        first = next((task for task in line if task.kind is not None), None)
        alike = [task for task in line if first and task.kind == first.kind]
        functions = [task for task in line if task.kind is None and not self._is_too_late(task.turn, first)]
        if functions and (len(alike) < self._max_batch or functions[0] is line[0]):
            taken = functions[:1]
        else:
            # Lanes that would be idle get their part of a batch: two halves side by side are done before one whole.
            idle_lanes = max(0, self._lanes - 1 - self._busy - (len(line) - len(alike)))
            taken = alike[: min(self._max_batch, -(-len(alike) // (1 + idle_lanes)))]
        self._waiting = [task for task in self._waiting if task not in taken]
        return taken

    def _is_too_late(self, turn: Turn, first: _Task | None) -> bool:
        """Return whether the first request is not to wait for a function of that turn."""
        return first is not None and (turn.is_background, turn.number - self._max_batch) >= first.turn.place

    def _drop_cancelled(self) -> None:
        for task in self._waiting:
            if task.turn.is_cancelled:
                task.future.set_exception(CancelledError())
        self._waiting = [task for task in self._waiting if not task.future.done()]
