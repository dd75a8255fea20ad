"""A speech engine that follows a script."""

import asyncio
import hashlib

from vm_mcp.asr import Demand, Progress, TranscribeOptions
from vm_mcp.errors import VmError
from vm_mcp.models import Segment, Transcript


class ScriptedTranscriber:
    """Transcribes each recording as its digest, or as the text set for it; computes nothing."""

    engine = "scripted"
    model = "none"
    waiting_for = ""

    def __init__(self) -> None:
        self.heard: list[tuple[bytes, TranscribeOptions]] = []
        self.unavailable: VmError | None = None
        self.texts: dict[bytes, str] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self._arrivals = asyncio.Semaphore(0)
        self.closed = False
        self.warmed = 0

    async def arrived(self, count: int) -> None:
        """Wait until ``count`` more calls of `prepare` or `transcribe` have reached the gate."""
        async with asyncio.timeout(10):
            for _ in range(count):
                await self._arrivals.acquire()

    async def warm_up(self) -> None:
        self.warmed += 1

    async def prepare(self, on_progress: Progress | None = None) -> None:
        if self.unavailable:
            raise self.unavailable
        if self.waiting_for and on_progress:
            on_progress(0.5)
            self._arrivals.release()
            await self.gate.wait()
            self.waiting_for = ""

    async def transcribe(
        self,
        audio: bytes,
        options: TranscribeOptions,
        on_progress: Progress | None = None,
        demand: Demand | None = None,  # noqa: ARG002  # one at a time
    ) -> Transcript:
        self.heard.append((audio, options))
        if on_progress:
            on_progress(0.5)
        self._arrivals.release()
        await self.gate.wait()
        text = self.texts.get(audio, hashlib.sha256(audio).hexdigest())
        segment = Segment(text=text, start_seconds=0, end_seconds=2, avg_logprob=-0.2, no_speech_prob=0.01)
        return Transcript(
            language=options.language or "tr",
            segments=(segment,) if text else (),
            duration_seconds=2,
            engine="scripted",
            model="none",
        )

    async def aclose(self) -> None:
        self.closed = True
