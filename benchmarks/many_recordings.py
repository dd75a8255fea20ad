"""Decode thousands of recordings in one process and transcribe hundreds in one worker, and watch whether either grows.

    uv run python benchmarks/many_recordings.py [--decode 5000] [--transcribe 500] [--model base]

The recordings are cut out of the demo's messages, at any place and up to 30 seconds long, in eleven formats, about two
hundred in all; of every twenty that are decoded, one is cut off and one damaged, each time elsewhere. This process
decodes them, and the worker process that the server has transcribes others of up to three seconds, each of them once.
Printed are memory, open files and threads after every tenth of the work. Exits with status 1 if, after the first tenth,
memory grew by more than a twentieth, or the number of files or threads at all.
"""

import argparse
import asyncio
import io
import os
import random
import sys
import time
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np

from vm_mcp.asr import TranscribeOptions, open_transcriber
from vm_mcp.asr.worker_client import WorkerTranscriber
from vm_mcp.audio import SAMPLE_RATE, Samples, decode
from vm_mcp.config import Settings
from vm_mcp.errors import AudioDecodeError

_VOICES = Path(__file__).parents[1] / "vm_mcp" / "simulator" / "voices"
_KINDS = (
    ("wav", "pcm_s16le", 8_000),
    ("wav", "pcm_alaw", 8_000),
    ("wav", "adpcm_ima_wav", 8_000),
    ("mp3", "libmp3lame", 8_000),
    ("mp3", "libmp3lame", 22_050),
    ("ogg", "libopus", 16_000),
    ("webm", "libopus", 48_000),
    ("amr", "libopencore_amrnb", 8_000),
    ("flac", "flac", 16_000),
    ("ipod", "aac", 16_000),
    ("aiff", "pcm_s16be", 8_000),
)
_LONGEST, _SHORTEST, _SHORT = 30.0, 0.5, 3.0
_OF_EACH_KIND = 18
_TENTHS, _GROWTH, _SEED = 10, 0.05, 11


class Held(NamedTuple):
    """What a process holds, as Linux counts it."""

    mib: float
    files: int
    threads: int


def held_by(pid: int) -> Held:
    """Return what a process holds now."""
    folder = Path("/proc", str(pid))
    lines = (line.split() for line in (folder / "status").read_text(encoding="ascii").splitlines())
    status = {words[0]: words[1] for words in lines if len(words) > 1}
    return Held(int(status["VmRSS:"]) / 1024, len(list((folder / "fd").iterdir())), int(status["Threads:"]))


class Source:
    """Makes recordings, the same ones every time."""

    def __init__(self, longest: float = _LONGEST) -> None:
        """Cut the demo's messages into recordings of up to so many seconds, in each of the formats."""
        self._random = random.Random(_SEED)  # noqa: S311  # the same choice every time
        files = sorted(_VOICES.glob("*.[wm][ap][v3]"))
        self._speech = np.concatenate([decode(file.read_bytes()) for file in files])
        self._whole = [self.whole(kind, longest) for kind in _KINDS for _ in range(_OF_EACH_KIND)]

    def whole(self, kind: tuple[str, str, int], longest: float) -> bytes:
        """Return a new recording, of its own place and length."""
        length = round(self._random.uniform(_SHORTEST, longest) * SAMPLE_RATE)
        begin = self._random.randrange(len(self._speech) - length)
        return _encoded(self._speech[begin : begin + length], *kind)

    def recording(self) -> bytes:
        """Return one of them, of which some are cut off or damaged, each time elsewhere."""
        data, fate = self._random.choice(self._whole), self._random.randrange(20)
        place = self._random.randrange(len(data) // 4, len(data))
        if fate == 0:
            return data[:place]
        return data[:place] + self._random.randbytes(400) + data[place + 400 :] if fate == 1 else data


def _encoded(sound: Samples, container: str, codec: str, rate: int) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout="mono")
        assert isinstance(stream, av.AudioStream)  # noqa: S101  # all are
        file.start_encoding()
        frame = av.AudioFrame.from_ndarray(sound[np.newaxis], format="fltp", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        context = stream.codec_context
        resampler = av.AudioResampler(context.format, "mono", rate, context.frame_size or 1_024)
        for each in [*resampler.resample(frame), *resampler.resample(None)]:
            file.mux(stream.encode(each))
        file.mux(stream.encode(None))
    return buffer.getvalue()


def _decode_all(count: int) -> list[Held]:
    """Decode some recordings here, and return what this process held at the beginning and after each tenth."""
    source, held, failed, seconds, began = Source(), [held_by(os.getpid())], 0, 0.0, time.perf_counter()
    for done in range(1, count + 1):
        try:
            seconds += len(decode(source.recording())) / SAMPLE_RATE
        except AudioDecodeError:
            failed += 1
        if done % max(1, count // _TENTHS) == 0:
            held.append(held_by(os.getpid()))
            _print(done, held[-1])
    took = time.perf_counter() - began
    print(f"{count} decoded in {took:.0f} s, {seconds / 3600:.1f} h of sound, {failed} too damaged\n")
    return held


async def _transcribe_all(count: int, model: str) -> list[Held]:
    """Transcribe short recordings in the worker, and return what it held after the first and after each tenth."""
    source, held = Source(_SHORT), list[Held]()
    transcriber = open_transcriber(Settings(model=model, engine="faster-whisper", device="cpu", api_key="none"))
    assert isinstance(transcriber, WorkerTranscriber)  # noqa: S101  # of that engine
    await transcriber.prepare()
    began, failed, words = time.perf_counter(), 0, 0
    for done in range(1, count + 1):
        try:
            # Each is another: of one that was transcribed before, the transcript is kept.
            recording = source.whole(_KINDS[done % len(_KINDS)], _SHORT)
            transcript = await transcriber.transcribe(recording, TranscribeOptions())
            words += len(transcript.text.split())
        except AudioDecodeError:
            failed += 1
        if done == 1 or done % max(1, count // _TENTHS) == 0:
            assert transcriber._worker  # noqa: S101, SLF001  # it has just answered
            held.append(held_by(transcriber._worker.pid))  # noqa: SLF001  # no one else asks for it
            _print(done, held[-1])
    print(f"{count} transcribed in {time.perf_counter() - began:.0f} s, {words} words, {failed} too damaged\n")
    await transcriber.aclose()
    return held


def _print(done: int, held: Held) -> None:
    print(f"{done:6} {held.mib:8.1f} MiB {held.files:4} files {held.threads:4} threads", flush=True)


def _grew(held: list[Held]) -> bool:
    first, last = held[1], held[-1]
    return last.mib > first.mib * (1 + _GROWTH) or last.files > first.files or last.threads > first.threads


def main() -> None:
    """Decode, then transcribe, and say whether anything grew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decode", type=int, default=5_000, metavar="N")
    parser.add_argument("--transcribe", type=int, default=500, metavar="N")
    parser.add_argument("--model", default="base")
    arguments = parser.parse_args()
    runs = [_decode_all(arguments.decode)] if arguments.decode else []
    if arguments.transcribe:
        runs.append(asyncio.run(_transcribe_all(arguments.transcribe, arguments.model)))
    sys.exit(1 if any(map(_grew, runs)) else 0)


if __name__ == "__main__":
    main()
