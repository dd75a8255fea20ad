"""Schedules the calls to a model on a few lanes, and batches requests that wait at the same time.

Two measurements of Whisper on a CPU decide how. Every decoding step reads all the weights, so four windows in one call
take little more than half the time of four calls. And two threads take only a third off the time of one, so two calls
with one thread each, side by side, are done before two calls with two threads each, one after the other. So while
several requests wait, each lane is one thread and runs batches; a request that waits alone gets all threads.
"""

import threading
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

ModelT = TypeVar("ModelT")
KindT = TypeVar("KindT", bound=Hashable)
RequestT = TypeVar("RequestT")
ResultT = TypeVar("ResultT")
T = TypeVar("T")


@dataclass(eq=False)
class _Task:
    kind: Hashable | None
    """Requests of one kind can be batched; None: the request is a function, which is called by itself."""
    request: Any
    future: Future[Any] = field(default_factory=Future)


class Scheduler(Generic[ModelT, KindT, RequestT, ResultT]):
    """Runs calls to a model for any number of threads.

    It has no threads of its own: a caller waiting for its result runs the next batch itself whenever a lane is free.
    So nothing needs starting or stopping, and no lane is idle while requests wait, with one exception: requests that
    arrive while all lanes are joined for one call wait until it ends.

    Args:
        run_batch: Answers requests of one kind, in their order, with the model it is given.
        narrow: The model; each call to it takes one lane.
        wide: The same model, loaded so that a call takes all lanes; None: there is nothing to gain from that.
        lanes: Number of calls that run at the same time.
        max_batch: Largest number of requests for one call of ``run_batch``.
    """

    def __init__(
        self,
        run_batch: Callable[[ModelT, KindT, Sequence[RequestT]], Sequence[ResultT]],
        narrow: ModelT,
        wide: ModelT | None = None,
        *,
        lanes: int,
        max_batch: int,
    ) -> None:
        self._run_batch = run_batch
        self._narrow = narrow
        self._wide = wide
        self._lanes = lanes
        self._max_batch = max_batch
        self._changed = threading.Condition()
        self._busy = 0
        self._waiting: list[_Task] = []

    def run(self, work: Callable[[ModelT], T]) -> T:
        """Call a function with the model, on a lane, and return its result."""
        result: T = self._result_of(_Task(None, work))
        return result

    def run_batched(self, kind: KindT, request: RequestT) -> ResultT:
        """Return the result of a request, which may be batched with others of its kind.

        Raises whatever ``run_batch`` raised for the batch.
        """
        result: ResultT = self._result_of(_Task(kind, request))
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
        is_alone = not self._busy and len(self._waiting) == 1
        model, lanes = (self._wide, self._lanes) if is_alone and self._wide is not None else (self._narrow, 1)
        tasks = self._take()
        self._busy += lanes
        self._changed.release()
        try:
            for task, result in zip(tasks, self._results(model, tasks), strict=True):
                task.future.set_result(result)
        except BaseException as error:  # noqa: BLE001  # each waiting caller raises it
            for task in tasks:
                task.future.set_exception(error)
        finally:
            self._changed.acquire()
            self._busy -= lanes
            self._changed.notify_all()

    def _results(self, model: ModelT, tasks: list[_Task]) -> Sequence[Any]:
        kind: Any = tasks[0].kind
        if kind is None:
            return [task.request(model) for task in tasks]
        return self._run_batch(model, kind, [task.request for task in tasks])

    def _take(self) -> list[_Task]:
        """Remove and return the tasks to run next: a full batch, else a function, else the largest batch there is.

        A full batch gains nothing by waiting. Any other does: the functions are mostly encodings, and each is followed
        by a request that may join the batch. Lanes that would be idle get their part of a batch, because two halves
        side by side are done before one whole.
        """
        counts = Counter(task.kind for task in self._waiting)
        functions = counts.pop(None, 0)
        kind, count = counts.most_common(1)[0] if counts else (None, 0)
        if functions and count < self._max_batch:
            taken = [next(task for task in self._waiting if task.kind is None)]
        else:
            others = len(self._waiting) - count
            idle_lanes = max(0, self._lanes - 1 - self._busy - others)
            size = min(self._max_batch, -(-count // (1 + idle_lanes)))
            taken = [task for task in self._waiting if task.kind == kind][:size]
        self._waiting = [task for task in self._waiting if task not in taken]
        return taken
