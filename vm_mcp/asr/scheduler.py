"""Shares a model among threads: a few lanes compute, and what is alike and waits at the same time is done together.

What nothing else waits beside gets all lanes at once, where the model can use them.
"""

import threading
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

ModelT = TypeVar("ModelT")
KindT = TypeVar("KindT", bound=Hashable)
Q = TypeVar("Q")
A = TypeVar("A")
T = TypeVar("T")


@dataclass(eq=False)
class _Task:
    kind: Hashable | None
    """None: a function of its own, to be called alone."""
    question: Any
    answer: Future[Any] = field(default_factory=Future)


class Scheduler(Generic[ModelT, KindT, Q, A]):
    """Whoever asks waits for a free lane, and does there whatever is best done next, until the own answer is there.

    So there are no threads to start or stop here, and no lane is idle while anything waits, but for what comes while
    the lanes are joined for one call.

    Args:
        run: Answers questions of one kind, in their order, with the model it is given.
        narrow: The model, each of whose calls takes one lane.
        wide: The same model, each of whose calls takes all lanes; None: one lane is as quick.
        lanes: How many calls go on at once.
        most: How many questions one call of ``run`` may take.
    """

    def __init__(
        self,
        run: Callable[[ModelT, KindT, Sequence[Q]], Sequence[A]],
        narrow: ModelT,
        wide: ModelT | None = None,
        *,
        lanes: int,
        most: int,
    ) -> None:
        self._run = run
        self._narrow = narrow
        self._wide = wide
        self._lanes = lanes
        self._most = most
        self._changed = threading.Condition()
        self._busy = 0
        self._waiting: list[_Task] = []

    def alone(self, work: Callable[[ModelT], T]) -> T:
        """Do some work on a lane, and return what it does; it goes before questions, for more of these to gather."""
        found: T = self._wait_for(_Task(None, work))
        return found

    def together(self, kind: KindT, question: Q) -> A:
        """Answer a question, perhaps with others of its kind; raises what ``run`` raised for any of these."""
        answer: A = self._wait_for(_Task(kind, question))
        return answer

    def _wait_for(self, task: _Task) -> Any:  # noqa: ANN401  # of its callers' types
        with self._changed:
            self._waiting.append(task)
            while not task.answer.done():
                if not self._waiting or self._busy == self._lanes:
                    self._changed.wait()
                else:
                    self._do_some()
        return task.answer.result()

    def _do_some(self) -> None:
        """Take the best of what waits, and do it with the lock let go."""
        is_alone = not self._busy and len(self._waiting) == 1
        model, lanes = (self._wide, self._lanes) if is_alone and self._wide is not None else (self._narrow, 1)
        tasks = self._take()
        self._busy += lanes
        self._changed.release()
        try:
            for task, answer in zip(tasks, self._answers(model, tasks), strict=True):
                task.answer.set_result(answer)
        except BaseException as error:  # noqa: BLE001  # whoever asked gets it
            for task in tasks:
                task.answer.set_exception(error)
        finally:
            self._changed.acquire()
            self._busy -= lanes
            self._changed.notify_all()

    def _answers(self, model: ModelT, tasks: list[_Task]) -> Sequence[Any]:
        kind: Any = tasks[0].kind
        if kind is None:
            return [task.question(model) for task in tasks]
        return self._run(model, kind, [task.question for task in tasks])

    def _take(self) -> list[_Task]:
        """Take a full call's worth where there is one; else what is done alone; else the kind that most wait for.

        Lanes that would else be idle get their share of these: two halves at once are done before one whole.
        """
        counts = Counter(task.kind for task in self._waiting)
        alone = counts.pop(None, 0)
        kind, count = counts.most_common(1)[0] if counts else (None, 0)
        if alone and count < self._most:
            taken = [next(task for task in self._waiting if task.kind is None)]
        else:
            # Lanes that would have nothing to do beside this call.
            idle = max(0, self._lanes - 1 - self._busy - (len(self._waiting) - count))
            size = min(self._most, -(-count // (1 + idle)))
            taken = [task for task in self._waiting if task.kind == kind][:size]
        self._waiting = [task for task in self._waiting if task not in taken]
        return taken
