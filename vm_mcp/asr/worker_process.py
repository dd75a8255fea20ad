"""One worker process: any number of requests at a time over its pipes, and an end that nothing has to wait for."""

import asyncio
import contextlib
import itertools
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from vm_mcp.asr import frames
from vm_mcp.asr.transcriber import Demand, Progress
from vm_mcp.operating_system import this_system

# Larger than any transcript, so that a worker never blocks on a full pipe.
_BUFFER_BYTES = 16 << 20


class WorkerGoneError(Exception):
    """The process ended, or was ended, before it answered."""


@dataclass(eq=False)
class _PendingRequest:
    """A request that has no answer yet."""

    answer: asyncio.Future[dict[str, Any]]
    on_progress: Progress | None
    heard_at: float
    """The event loop's time when the process last sent something about it."""


class WorkerProcess:
    """The process, from its start to its end. Use it from one event loop."""

    def __init__(self, process: asyncio.subprocess.Process, cancel_seconds: float) -> None:
        self._process = process
        self._cancel_seconds = cancel_seconds
        self._numbers = itertools.count()
        self._pending: dict[int, _PendingRequest] = {}
        self._cancelled: dict[int, asyncio.TimerHandle] = {}
        """What ends the process if it does not answer a cancelled request, by the request's number."""
        self._listener = asyncio.ensure_future(self._listen())
        self.is_ready = False
        """Whether the engine is loaded. Set by the owner."""
        self.waiting_for = ""
        """What the loading of the engine waits for, as a sentence; empty: nothing."""
        self.was_ended = False
        """Whether `end` was called. If not, and the process is gone, it crashed."""

    @classmethod
    async def start(
        cls, arguments: tuple[str, ...], environment: Mapping[str, str], cancel_seconds: float = 0.0
    ) -> Self:
        """Start ``vm_mcp.asr.worker``.

        Args:
            arguments: Its arguments.
            environment: Its environment.
            cancel_seconds: How long it may go on with a message whose answer is no longer wanted.
        """
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # the host chooses the working directory: nothing is imported from there
                *("-m", "vm_mcp.asr.worker", *arguments),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
                limit=_BUFFER_BYTES,
                creationflags=this_system().hidden,
            ),
            cancel_seconds,
        )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it accepts requests."""
        return self._process.returncode is None and not self._listener.done() and not self.was_ended

    @property
    def is_over(self) -> bool:
        """Whether the process and its pipes are gone."""
        return self._process.returncode is not None and self._listener.done()

    @property
    def is_busy(self) -> bool:
        """Whether a request is pending."""
        return bool(self._pending)

    async def ask(
        self,
        header: dict[str, Any],
        body: bytes = b"",
        on_progress: Progress | None = None,
        demand: Demand | None = None,
        silent_seconds: float | None = None,
    ) -> dict[str, Any]:
        """Send a request and return the header of its answer.

        Cancelling a transcription tells the process, and ends it if it goes on with the message for ``cancel_seconds``:
        some native code can't be stopped in any other way. Cancelling the loading of a model does not, because that may
        be a download, which can't be resumed once it is killed.

        Args:
            header: The request, to which a number is added.
            body: The bytes that go with it.
            on_progress: Called with the fraction done.
            demand: Whether somebody waits for it.
            silent_seconds: How long the process may send nothing about this request; None: for ever.

        Raises:
            WorkerGoneError: The process ended before it answered, or was silent for too long and was killed.
        """
        assert self._process.stdin  # noqa: S101  # a pipe
        loop = asyncio.get_running_loop()
        number = next(self._numbers)
        request = self._pending[number] = _PendingRequest(loop.create_future(), on_progress, loop.time())
        try:
            self._process.stdin.write(frames.pack({**header, "number": number}, body))
            if demand:
                self._follow(demand, number)
            with contextlib.suppress(ConnectionError):  # the listener notices it as well
                await self._process.stdin.drain()
            return await self._answer(request, silent_seconds)
        except asyncio.CancelledError:
            if header["type"] == "transcribe":
                self._cancel(number)
            raise
        finally:
            del self._pending[number]
            if demand:
                demand.on_change = lambda: None

    def _follow(self, demand: Demand, number: int) -> None:
        """Tell the process whether somebody waits for a request, now and whenever it changes."""

        def tell() -> None:
            self._tell({"type": "attention", "number": number, "is_background": not demand.is_waited_for})

        demand.on_change = tell
        if not demand.is_waited_for:
            tell()

    def _cancel(self, number: int) -> None:
        """Tell the process that a request's answer is no longer wanted, and end it unless it answers soon."""
        self._tell({"type": "cancel", "number": number})
        self._cancelled[number] = asyncio.get_running_loop().call_later(self._cancel_seconds, self.end)

    def _tell(self, header: dict[str, Any]) -> None:
        assert self._process.stdin  # noqa: S101  # a pipe
        if self.is_alive:
            self._process.stdin.write(frames.pack(header))

    def end(self) -> None:
        """Kill the process without waiting, since a cancelled task can't wait."""
        self._forget_cancelled()
        if not self.was_ended:
            self.was_ended = True
            self._kill()

    async def wait(self) -> int:
        """Wait until the process has ended, and return its exit status."""
        await self._listener
        return await self._process.wait()

    async def _answer(self, request: _PendingRequest, silent_seconds: float | None) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        while not request.answer.done():
            remaining = None if silent_seconds is None else request.heard_at + silent_seconds - loop.time()
            if self._listener.done() or (remaining is not None and remaining <= 0):
                self._kill()
                raise WorkerGoneError
            await asyncio.wait((request.answer, self._listener), timeout=remaining, return_when=asyncio.FIRST_COMPLETED)
        return request.answer.result()

    async def _listen(self) -> None:
        assert self._process.stdout  # noqa: S101  # a pipe
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                self._dispatch((await frames.receive(self._process.stdout)).header)
        self._forget_cancelled()

    def _forget_cancelled(self) -> None:
        for timer in self._cancelled.values():
            timer.cancel()
        self._cancelled.clear()

    def _dispatch(self, header: dict[str, Any]) -> None:
        """Pass a frame on to the request that it is about, or to all requests if it is about loading the engine.

        They all wait for the engine, and the request that started the load may have been cancelled.
        """
        self.waiting_for = header.get("waiting_for", "")
        if header["type"] != "progress" and (timer := self._cancelled.pop(header["number"], None)):
            timer.cancel()
        own = self._pending.get(header["number"])
        for request in list(self._pending.values()) if self.waiting_for else [own] if own else []:
            request.heard_at = asyncio.get_running_loop().time()
            if header["type"] != "progress":
                request.answer.set_result(header)
            elif request.on_progress:
                request.on_progress(header["fraction"])

    def _kill(self) -> None:
        # If the listener is done, the process is ending by itself. Signalling it then would reap it behind asyncio's
        # back, which warns about the exit status it can no longer get.
        if self._process.returncode is None and not self._listener.done():
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
