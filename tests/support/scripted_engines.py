"""Engines that the worker process imports instead of a real one; they keep their state in the data folder."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from vm_mcp.asr.transcriber import EngineSettings, ReportLoading, TranscribeOptions
from vm_mcp.asr.turns import Turn
from vm_mcp.errors import EngineFailedError, EngineUnavailableError, TranscriptionError
from vm_mcp.models import Segment, Transcript

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

Act = Callable[[bool], object]
"""Called with whether this is the first message of any worker; text that it returns is told as the engine's name."""


class Scripted:
    """Does something, then returns a transcript that shows its options and environment; of no sound, an empty one."""

    def __init__(self, settings: EngineSettings, act: Act) -> None:
        self._settings = settings
        self._act = act

    def transcribe(
        self,
        samples: "Samples",
        options: TranscribeOptions,
        on_progress: Callable[[float], None],
        turn: Turn | None = None,  # noqa: ARG002  # one message at a time
    ) -> Transcript:
        is_first = _is_first(self._settings)
        on_progress(0.5)
        told = self._act(is_first)
        text = f"{options.caller_name}|{','.join(name for name in os.environ if 'API_KEY' in name.upper())}"
        segment = Segment(text=text, start_seconds=0, end_seconds=1, avg_logprob=-0.1, no_speech_prob=0.1)
        return Transcript(
            language=options.language,
            segments=(segment,) if len(samples) else (),
            duration_seconds=len(samples) / 16_000,
            engine=told if isinstance(told, str) else str(os.getpid()),
            model=self._settings.model,
        )


def echo(settings: EngineSettings, _report: ReportLoading) -> Scripted:
    """Prints to file descriptor 1 first, as native code does."""
    return Scripted(settings, lambda _: os.write(1, b"noise of a native library\n"))


def meet(settings: EngineSettings, _report: ReportLoading) -> Scripted:
    """Answers a message once another has reached the engine as well."""
    both = threading.Barrier(2)
    return Scripted(settings, lambda _: both.wait(timeout=30))


def hoard(settings: EngineSettings, _report: ReportLoading) -> Scripted:
    """Frees 100 MB after each message but for the last block, and says how many MB the process held before."""
    kept = [b""]

    def act(*_: bool) -> str:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        kept[0] = [b"x" * 100_000 for _ in range(1_000)].pop()
        return str(pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000)

    return Scripted(settings, act)


def large_arrays(settings: EngineSettings, _report: ReportLoading) -> Scripted:
    """Takes and frees large arrays, and says how many ranges of memory the kernel is asked to hold in huge pages."""
    import numpy as np

    def act(*_: bool) -> str:
        np.ones(2_000_000)
        np.ones(2_000_000)  # glibc may have the first from elsewhere than the heap
        lines = Path("/proc/self/smaps").read_text(encoding="ascii").splitlines()
        return str(sum(line.startswith("VmFlags") and " hg" in line for line in lines))

    return Scripted(settings, act)


def crash(settings: EngineSettings, _report: ReportLoading) -> Scripted:
    """Ends the process at every message."""
    return Scripted(settings, lambda _: os._exit(3))


def crash_once(settings: EngineSettings, _report: ReportLoading) -> Scripted:
    """Ends the process at the first message."""
    return Scripted(settings, lambda is_first: is_first and os._exit(3))


class CrashWhenAsked(Scripted):
    """Ends the process if the caller's name says so."""

    def transcribe(
        self,
        samples: "Samples",
        options: TranscribeOptions,
        on_progress: Callable[[float], None],
        turn: Turn | None = None,
    ) -> Transcript:
        if options.caller_name == "deadly":
            os._exit(3)
        return super().transcribe(samples, options, on_progress, turn)


class BreakWhenAsked(Scripted):
    """Fails in itself if the caller's name says so."""

    def transcribe(
        self,
        samples: "Samples",
        options: TranscribeOptions,
        on_progress: Callable[[float], None],
        turn: Turn | None = None,
    ) -> Transcript:
        if options.caller_name == "deadly":
            raise EngineFailedError("The engine failed. Do that.")
        return super().transcribe(samples, options, on_progress, turn)


def crash_when_asked(settings: EngineSettings, _report: ReportLoading) -> Scripted:
    """Ends the process for one caller."""
    return CrashWhenAsked(settings, lambda _: None)


def bug_once(settings: EngineSettings, _report: ReportLoading) -> Scripted:
    """Raises an unexpected error at the first message."""

    def act(is_first: bool) -> None:  # noqa: FBT001  # its only argument
        if is_first:
            raise KeyError

    return Scripted(settings, act)


class WatchTurn(Scripted):
    """Looks at the turn until it is cancelled, or until nobody waits for it."""

    def transcribe(
        self,
        samples: "Samples",
        options: TranscribeOptions,
        on_progress: Callable[[float], None],
        turn: Turn | None = None,
    ) -> Transcript:
        assert turn
        on_progress(0.5)
        while not turn.is_background:
            turn.raise_if_cancelled()
            time.sleep(0.001)
        made = super().transcribe(samples, options, on_progress, turn)
        return made.model_copy(update={"segments": (made.segments[0].model_copy(update={"text": "nobody waits"}),)})


def watch_turn(settings: EngineSettings, _report: ReportLoading) -> Scripted:
    """Goes on for as long as somebody waits."""
    return WatchTurn(settings, lambda _: None)


def hang_once(settings: EngineSettings, _report: ReportLoading) -> Scripted:
    """Never answers the first message."""
    return Scripted(settings, lambda is_first: is_first and threading.Event().wait())


def fail(settings: EngineSettings, _report: ReportLoading) -> Scripted:
    """Raises an expected error at every message."""

    def act(_: bool) -> NoReturn:  # noqa: FBT001  # its only argument
        raise TranscriptionError("It failed. Do that.")

    return Scripted(settings, act)


def break_when_asked(settings: EngineSettings, _report: ReportLoading) -> Scripted:
    """Fails in itself for one caller."""
    return BreakWhenAsked(settings, lambda _: None)


def break_once(settings: EngineSettings, _report: ReportLoading) -> Scripted:
    """Fails in itself at the first message, and at all that follow in the same process, as a GPU does."""
    broken = threading.Event()

    def act(is_first: bool) -> None:  # noqa: FBT001  # its only argument
        if is_first or broken.is_set():
            broken.set()
            raise EngineFailedError("The engine failed. Do that.")

    return Scripted(settings, act)


def crash_while_loading_on_gpu(settings: EngineSettings, _report: ReportLoading) -> Scripted:
    """Ends the process while it loads on a GPU, which it uses unless that has failed."""
    if not settings.gpu_failed:
        os._exit(3)
    return Scripted(settings, lambda _: None)


def break_on_gpu(settings: EngineSettings, _report: ReportLoading) -> Scripted:
    """Fails in itself at every message on a GPU, which it uses unless that has failed."""

    def act(_: bool) -> None:  # noqa: FBT001  # its only argument
        if not settings.gpu_failed:
            raise EngineFailedError("The engine failed. Do that.")

    return Scripted(settings, act)


def crash_while_loading(_settings: EngineSettings, _report: ReportLoading) -> NoReturn:
    """Ends the process at every load."""
    os._exit(3)


def needs_download(settings: EngineSettings, _report: ReportLoading) -> Scripted:
    """Can't be loaded without a download."""
    if not settings.may_download:
        raise EngineUnavailableError("It is not here yet. Transcribe a message.")
    return Scripted(settings, lambda _: None)


def downloads(settings: EngineSettings, report: ReportLoading) -> Scripted:
    """Reports a download, which ends once the test allows it."""
    report("The model is being downloaded, once: 120 of 480 MB so far.", 0.25)
    _wait_until_allowed(settings)
    return Scripted(settings, lambda _: None)


def downloads_in_two_parts(settings: EngineSettings, report: ReportLoading) -> Scripted:
    """Reports a download twice, the second time once the test allows it."""
    report("The model is being downloaded, once: 120 of 480 MB so far.", 0.25)
    _wait_until_allowed(settings, "half")
    report("The model is being downloaded, once: 240 of 480 MB so far.", 0.5)
    _wait_until_allowed(settings)
    return Scripted(settings, lambda _: None)


def crash_while_loading_once(settings: EngineSettings, report: ReportLoading) -> Scripted:
    """Ends the process at the first load, and is downloaded at the next."""
    if _is_first(settings):
        os._exit(3)
    return downloads(settings, report)


def slow(settings: EngineSettings, _report: ReportLoading) -> Scripted:
    """Answers no message until the test allows it."""
    return Scripted(settings, lambda _: _wait_until_allowed(settings))


def unavailable(_: EngineSettings, _report: ReportLoading) -> NoReturn:
    """Can't be loaded."""
    raise EngineUnavailableError("It is not installed. Install it.")


def _wait_until_allowed(settings: EngineSettings, file: str = "allowed") -> None:
    while not (settings.data_dir / file).exists():
        time.sleep(0.01)


def _is_first(settings: EngineSettings) -> bool:
    try:
        (settings.data_dir / "called").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
