"""The speech engine, its model, its worker, and a spoken sample."""

import asyncio
import time
from importlib.metadata import version
from typing import NamedTuple

from vm_mcp.asr import TranscribeOptions, Transcriber, open_transcriber
from vm_mcp.asr.engines import LOCAL_ENGINES
from vm_mcp.asr.model_choice import resolve_model
from vm_mcp.cli.doctor.check_model import explain, find_model
from vm_mcp.cli.doctor.checks import Check, Checks, failed, noted, passed
from vm_mcp.config import Settings
from vm_mcp.errors import AudioDecodeError, VmError
from vm_mcp.simulator import Voice, load_voices
from vm_mcp.text import fold_words
from vm_mcp.wording import words

PATIENCE_SECONDS = 120.0
"""For loading a model and transcribing ten seconds of speech: a slow machine takes a quarter of it."""
LEAST_FRACTION = 0.5
"""Of the sample's words that must be right: even the smallest model, `tiny`, gets more."""
_TOO_SLOW = words(
    "It takes more than {seconds:g} seconds. Close other programs, or set a smaller VM_MCP_MODEL.",
    seconds=PATIENCE_SECONDS,
)


class _Sample(NamedTuple):
    voice: Voice
    options: TranscribeOptions


async def check_speech(settings: Settings) -> Checks:
    """Try the engine, without downloading anything."""
    if settings.engine == "none" or settings.read_only:
        reason = "VM_MCP_READ_ONLY" if settings.read_only else "VM_MCP_ENGINE=none"
        yield noted("Engine", words("not checked: {reason} switches transcription off", reason=reason))
        return
    try:
        transcriber = open_transcriber(settings)
    except VmError as error:
        yield failed("Engine", "unusable settings", error.words)
        return
    try:
        async for check in _try_out(settings, transcriber):
            yield check
    finally:
        await transcriber.aclose()


async def _try_out(settings: Settings, transcriber: Transcriber) -> Checks:
    if transcriber.engine == "none":
        yield await _explain_absence(transcriber)
        return
    if transcriber.engine == "remote":
        yield passed("Engine", words("the speech server {remote_url}", remote_url=settings.remote_url))
        yield await _check_sample(settings, transcriber, f"{settings.remote_url}")
        return
    yield passed("Engine", words("{engine} {version}", engine=transcriber.engine, version=version(transcriber.engine)))
    choice = resolve_model(settings, LOCAL_ENGINES[transcriber.engine])
    if choice.reason:
        yield explain(choice)
    model = await asyncio.to_thread(find_model, choice, settings, transcriber.engine)
    yield model.check
    yield await _check_worker(transcriber)
    if model.usable == choice.model:
        yield await _check_sample(settings, transcriber, f"`{model.usable}`")
    elif model.usable:
        yield await _check_stand_in(settings, model.usable)
    else:
        yield noted("Sample", "not transcribed, since no model is on this computer yet")


async def _explain_absence(transcriber: Transcriber) -> Check:
    try:
        await transcriber.prepare()
    except VmError as error:
        return failed("Engine", "missing", error.words)
    return passed("Engine", "installed")


async def _check_worker(transcriber: Transcriber) -> Check:
    """Send the worker bytes that are not audio: it refuses them before it would load or download a model."""
    started = time.perf_counter()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await transcriber.transcribe(b"no audio", TranscribeOptions())
    except AudioDecodeError:
        return passed("Worker", words("started in {seconds:.1f} s", seconds=time.perf_counter() - started))
    except TimeoutError:
        return failed("Worker", "does not start", _TOO_SLOW)
    except VmError as error:
        return failed("Worker", "does not start", error.words)
    return failed("Worker", "took other bytes for audio", "Report this, with the output of vm-mcp doctor --json.")


async def _check_stand_in(settings: Settings, model: str) -> Check:
    """Transcribe with the model that is used while the one that is set is missing."""
    transcriber = open_transcriber(settings.model_copy(update={"model": model}))
    try:
        return await _check_sample(settings, transcriber, f"`{model}`")
    finally:
        await transcriber.aclose()


async def _check_sample(settings: Settings, transcriber: Transcriber, by: str) -> Check:
    sample = _sample(settings)
    started = time.perf_counter()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await transcriber.prepare()
            loaded = time.perf_counter()
            transcript = await transcriber.transcribe(await asyncio.to_thread(sample.voice.read), sample.options)
    except TimeoutError:
        return failed("Sample", words("not transcribed by {by}", by=by), _TOO_SLOW)
    except VmError as error:
        return failed("Sample", words("not transcribed by {by}", by=by), error.words)
    read_seconds, load_seconds = time.perf_counter() - loaded, loaded - started
    said = " ".join(segment.text for segment in transcript.segments)
    detail = words(
        "{seconds:.1f} s of speech transcribed by {by} in {read:.1f} s, after {load:.1f} s of loading: {said}",
        seconds=sample.voice.seconds,
        by=by,
        read=read_seconds,
        load=load_seconds,
        said=said or words("(nothing)"),
    )
    if _fraction_right(said, sample.voice.text) < LEAST_FRACTION:
        return failed(
            "Sample", detail, words("It says: {text} Set VM_MCP_MODEL to another model.", text=sample.voice.text)
        )
    return passed("Sample", detail)


def _sample(settings: Settings) -> _Sample:
    """Return a sample in a language that the account's callers speak and the model knows."""
    is_turkish = "tr" in settings.languages and not settings.model.endswith(".en")
    name, language = ("tr01_randevu", "tr") if is_turkish else ("en01_callback", "en")
    return _Sample(load_voices()[name], TranscribeOptions(language=language))


def _fraction_right(text: str, reference: str) -> float:
    heard, said = set(fold_words(text).split()), set(fold_words(reference).split())
    return len(heard & said) / len(said)
