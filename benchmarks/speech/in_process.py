"""Run vm-mcp's own engine in this process, to look at its transcripts and the processor time that they take."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from vm_mcp.asr import faster_whisper
from vm_mcp.asr.transcriber import EngineSettings, TranscribeOptions
from vm_mcp.config import load_settings
from vm_mcp.models import Transcript

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

_AT_ONCE = 6


def transcribe_all(sounds: Sequence["Samples"], model: str) -> tuple[list[Transcript], float]:
    """Return a transcript of each sound, for an account with Turkish and English callers, and the processor seconds."""
    data_dir = load_settings().data_dir
    settings = EngineSettings(
        model=model, languages=("tr", "en"), device="cpu", data_dir=data_dir, lanes=2, at_once=_AT_ONCE
    )
    engine = faster_whisper.load(settings, lambda *_: None)
    started = time.process_time()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(lambda sound: engine.transcribe(sound, TranscribeOptions(), lambda _: None), sounds))
    return found, time.process_time() - started
