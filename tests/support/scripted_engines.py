"""Engines that the worker loads by import path in place of a real one; they remember in the data folder."""

import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from vm_mcp.asr.transcriber import EngineSettings, Tell, TranscribeOptions
from vm_mcp.errors import EngineUnavailableError, TranscriptionError
from vm_mcp.models import Segment, Transcript

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

Act = Callable[[bool], object]
"""Told whether this is the first message that any worker got."""


class Scripted:
    """Does something, then answers with what it was told."""

    def __init__(self, settings: EngineSettings, act: Act) -> None:
        self._settings = settings
        self._act = act

    def transcribe(
        self, samples: "Samples", options: TranscribeOptions, on_progress: Callable[[float], None]
    ) -> Transcript:
        is_first = _is_first(self._settings)
        on_progress(0.5)
        self._act(is_first)
        text = f"{options.caller_name}|{','.join(name for name in os.environ if 'API_KEY' in name.upper())}"
        return Transcript(
            language=options.language,
            segments=(Segment(text=text, start_seconds=0, end_seconds=1, avg_logprob=-0.1, no_speech_prob=0.1),),
            duration_seconds=len(samples) / 16_000,
            engine=str(os.getpid()),
            model=self._settings.model,
        )


def echo(settings: EngineSettings, _tell: Tell) -> Scripted:
    """Answers, after native code wrote to what it takes for stdout."""
    return Scripted(settings, lambda _: os.write(1, b"noise of a native library\n"))


def meet(settings: EngineSettings, _tell: Tell) -> Scripted:
    """Answers a message once another is being read, too."""
    both = threading.Barrier(2)
    return Scripted(settings, lambda _: both.wait(timeout=30))


def crash(settings: EngineSettings, _tell: Tell) -> Scripted:
    """Takes the process down, every time."""
    return Scripted(settings, lambda _: os._exit(3))


def crash_once(settings: EngineSettings, _tell: Tell) -> Scripted:
    """Takes the process down at its first message."""
    return Scripted(settings, lambda is_first: is_first and os._exit(3))


class CrashWhenAsked(Scripted):
    """Takes the process down when the caller's name says so."""

    def transcribe(
        self, samples: "Samples", options: TranscribeOptions, on_progress: Callable[[float], None]
    ) -> Transcript:
        if options.caller_name == "deadly":
            os._exit(3)
        return super().transcribe(samples, options, on_progress)


def crash_when_asked(settings: EngineSettings, _tell: Tell) -> Scripted:
    """Takes the process down for one caller."""
    return CrashWhenAsked(settings, lambda _: None)


def bug_once(settings: EngineSettings, _tell: Tell) -> Scripted:
    """Raises what no engine should, at its first message."""

    def act(is_first: bool) -> None:  # noqa: FBT001  # its only argument
        if is_first:
            raise KeyError

    return Scripted(settings, act)


def hang_once(settings: EngineSettings, _tell: Tell) -> Scripted:
    """Never answers its first message."""
    return Scripted(settings, lambda is_first: is_first and threading.Event().wait())


def fail(settings: EngineSettings, _tell: Tell) -> Scripted:
    """Fails on every message, in good order."""

    def act(_: bool) -> NoReturn:  # noqa: FBT001  # its only argument
        raise TranscriptionError("It failed. Do that.")

    return Scripted(settings, act)


def needs_download(settings: EngineSettings, _tell: Tell) -> Scripted:
    """Can't be loaded from this machine alone."""
    if not settings.may_download:
        raise EngineUnavailableError("It is not here yet. Transcribe a message.")
    return Scripted(settings, lambda _: None)


def downloads(settings: EngineSettings, tell: Tell) -> Scripted:
    """Is downloaded before its first use, which ends once somebody allows it."""
    tell("The model is being downloaded, once: 120 of 480 MB so far.", 0.25)
    _wait_until_allowed(settings)
    return Scripted(settings, lambda _: None)


def downloads_in_two_parts(settings: EngineSettings, tell: Tell) -> Scripted:
    """Reports its download twice, the second time once somebody allows it."""
    tell("The model is being downloaded, once: 120 of 480 MB so far.", 0.25)
    _wait_until_allowed(settings, "half")
    tell("The model is being downloaded, once: 240 of 480 MB so far.", 0.5)
    _wait_until_allowed(settings)
    return Scripted(settings, lambda _: None)


def crash_while_loading_once(settings: EngineSettings, tell: Tell) -> Scripted:
    """Takes the process down at its first load, and is downloaded at the next."""
    if _is_first(settings):
        os._exit(3)
    return downloads(settings, tell)


def slow(settings: EngineSettings, _tell: Tell) -> Scripted:
    """Takes its time over every message, until somebody allows it to answer."""
    return Scripted(settings, lambda _: _wait_until_allowed(settings))


def unavailable(_: EngineSettings, _tell: Tell) -> NoReturn:
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
