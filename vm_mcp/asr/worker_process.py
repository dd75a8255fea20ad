"""One worker process: many questions at once over its pipes, and an end that is never waited for."""

import asyncio
import contextlib
import itertools
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from vm_mcp.asr import frames
from vm_mcp.asr.transcriber import Progress

# More than any transcript, so that a worker never blocks on a full pipe.
_BUFFER = 16 << 20
_NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows alone has it


class WorkerGoneError(Exception):
    """The process ended, or was ended, before it answered."""


@dataclass(eq=False)
class _PendingRequest:
    """What was asked and not yet answered."""

    answer: asyncio.Future[dict[str, Any]]
    on_progress: Progress | None
    heard_at: float
    """Time of the loop at which the process last said something of it."""


class WorkerProcess:
    """The process, from its start to its end. Use it from one event loop."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._numbers = itertools.count()
        self._questions: dict[int, _PendingRequest] = {}
        self._listener = asyncio.ensure_future(self._listen())
        self.is_ready = False
        """Set by the owner once the engine is loaded."""
        self.waiting_for = ""
        """What the loading of its engine waits for, in words for a person; empty for nothing worth a word."""
        self.was_ended = False
        """True when `end` was called: the process did not die of itself."""

    @classmethod
    async def start(cls, arguments: tuple[str, ...], environment: Mapping[str, str]) -> Self:
        """Start ``vm_mcp.asr.worker`` with those arguments."""
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # the host chooses the working directory: nothing is imported from there
                *("-m", "vm_mcp.asr.worker", *arguments),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
                limit=_BUFFER,
                creationflags=_NO_WINDOW,
            )
        )

    @property
    def pid(self) -> int:
        """The operating system's number for it."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can still be asked."""
        return self._process.returncode is None and not self._listener.done() and not self.was_ended

    @property
    def is_over(self) -> bool:
        """Whether the process and its pipes are gone."""
        return self._process.returncode is not None and self._listener.done()

    @property
    def is_busy(self) -> bool:
        """Whether somebody waits for an answer."""
        return bool(self._questions)

    async def ask(
        self, header: dict[str, Any], body: bytes, on_progress: Progress | None, silent_seconds: float | None
    ) -> dict[str, Any]:
        """Ask one question; others may be under way.

        Cancelling it ends a process that transcribes, since there is no other way to stop native code; the loading of
        a model goes on, for it may be a download that can't be taken up again.

        Args:
            header: The question; its number is added.
            body: What goes with it.
            on_progress: Told the share done.
            silent_seconds: How long nothing at all may be heard of this question; None: for ever.

        Raises:
            WorkerGoneError: The process ended before it answered, or kept silent for too long.
        """
        assert self._process.stdin  # noqa: S101  # a pipe
        loop = asyncio.get_running_loop()
        number = next(self._numbers)
        question = self._questions[number] = _PendingRequest(loop.create_future(), on_progress, loop.time())
        try:
            self._process.stdin.write(frames.pack({**header, "number": number}, body))
            with contextlib.suppress(ConnectionError):  # the listener learns it too
                await self._process.stdin.drain()
            return await self._answer(question, silent_seconds)
        except asyncio.CancelledError:
            if header["type"] == "transcribe":
                self.end()
            raise
        finally:
            del self._questions[number]

    def end(self) -> None:
        """Kill it without waiting, as a cancelled task can't."""
        if not self.was_ended:
            self.was_ended = True
            self._kill()

    async def wait(self) -> int:
        """Wait until it has ended, and return its exit status."""
        await self._listener
        return await self._process.wait()

    async def _answer(self, question: _PendingRequest, silent_seconds: float | None) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        while not question.answer.done():
            left = None if silent_seconds is None else question.heard_at + silent_seconds - loop.time()
            if self._listener.done() or (left is not None and left <= 0):
                self._kill()
                raise WorkerGoneError
            await asyncio.wait((question.answer, self._listener), timeout=left, return_when=asyncio.FIRST_COMPLETED)
        return question.answer.result()

    async def _listen(self) -> None:
        assert self._process.stdout  # noqa: S101  # a pipe
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                self._hear((await frames.receive(self._process.stdout)).header)

    def _hear(self, header: dict[str, Any]) -> None:
        self.waiting_for = header.get("waiting_for", "")
        question = self._questions.get(header["number"])
        # Every request waits for the engine to load, also when the one that started the load was cancelled.
        concerned = self._questions.values() if self.waiting_for else [question] if question else []
        for each in concerned:
            each.heard_at = asyncio.get_running_loop().time()
            if header["type"] != "progress":
                each.answer.set_result(header)
            elif each.on_progress:
                each.on_progress(header["share"])

    def _kill(self) -> None:
        # Its pipe is closed when it is ending; to signal it then would take its exit status from asyncio, which warns.
        if self._process.returncode is None and not self._listener.done():
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
