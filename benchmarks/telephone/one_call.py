"""One call: a caller's user agent plays a recording, a mailbox's agent records what arrives."""

import asyncio
import sys
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from telephone import baresip_agent, sounds
from telephone.callers import Caller
from telephone.lines import delays
from telephone.paths import BARESIP, FILE, TelephonePath
from telephone.pjsip_job import READY, Job
from telephone.relay import LOOPBACK, Relay
from vm_mcp import audio

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

PORTS = 20
"""How many ports a call takes, from its first one on."""

_MODULES = Path(__file__).parents[1]
_NUMBER = "05324172893"
_KEYS_OVER = tuple((1.0 + 1.5 * index, key) for index, key in enumerate("1357"))
_KEY_SECONDS = 0.24
_TAIL_SECONDS = 0.5
_GREETING_PAUSE = 0.8
_START_SECONDS = 20.0
_DIALLING_SECONDS = 3.0
_MOST_SECONDS = 90.0


class Recorded(NamedTuple):
    """What a mailbox has of one call."""

    path: TelephonePath
    caller: Caller
    file: Path
    greeting: Caller | None
    """Who speaks before the caller, in a channel of their own."""
    packets: int = 0
    """Sent by the caller; 0: there was no call."""
    lost: int = 0


class Failed(NamedTuple):
    """A call that came to nothing."""

    path: TelephonePath
    caller: Caller
    reason: str


class OneCall:
    """A call over a path.

    Args:
        path: The path.
        caller: Who calls.
        greeting: What the mailbox says first, where it records both legs.
        folder: In which the call gets a folder of its own.
        port: The first of its ports.
    """

    def __init__(self, path: TelephonePath, caller: Caller, greeting: Caller, folder: Path, port: int) -> None:
        self._path = path
        self._caller = caller
        self._greeting = greeting if path.both_legs else None
        self._folder = folder / f"{path.name}__{caller.message.name}"
        self._mailbox, self._own, self._sip, self._media = port, port + 4, port + 8, port + 12
        self._sent = self._folder / "sent.wav"
        self._recorded = self._folder / "recorded.wav"

    async def record(self) -> Recorded:
        """Hold the call.

        Raises:
            OSError: An agent could not be started, or left no file, or they agreed on another codec than the path's.
            TimeoutError: An agent does not end.
            EOFError: The mailbox's agent ended before it could be called.
        """
        self._folder.mkdir(parents=True)
        sounds.write(self._sent, [self._sound])
        if self._path.agents == FILE:
            return Recorded(self._path, self._caller, self._sent, None)
        relay = Relay(self._mailbox, delays(self._path.line, self._folder.name))
        await relay.open(self._sip, self._media)
        try:
            await (self._over_baresip() if self._path.agents == BARESIP else self._over_pjsip())
        finally:
            relay.close()
        if not self._recorded.exists():
            raise FileNotFoundError(f"nothing was recorded in {self._folder}")
        if relay.codec.lower() != self._path.codec.partition("/")[0].lower():
            raise ConnectionError(f"the agents agreed on {relay.codec or 'no codec'}")
        return Recorded(self._path, self._caller, self._recorded, self._greeting, relay.packets, relay.lost)

    @cached_property
    def _sound(self) -> "Samples":
        """What the caller's telephone sends."""
        sound = audio.decode(self._caller.message.path.read_bytes()) * 10 ** (self._path.gain_db / 20)
        if self._path.signal_to_noise_db is not None:
            sound = sounds.with_noise(sound, self._path.signal_to_noise_db)
        if self._path.keys == "tones":
            return sounds.with_tones(sound, _KEYS_OVER)
        if self._path.keys == "tones after":
            after = len(sound) / audio.SAMPLE_RATE + _TAIL_SECONDS
            return sounds.with_tones(
                sound, tuple((after + index * _KEY_SECONDS, key) for index, key in enumerate(_NUMBER))
            )
        return sound.astype("float32")

    @property
    def _seconds(self) -> float:
        """From the caller's first sound to when they hang up."""
        whole = len(self._sound) / audio.SAMPLE_RATE
        return whole * self._path.spoken + _TAIL_SECONDS * (self._path.spoken == 1)

    async def _over_pjsip(self) -> None:
        listening = Job(self._mailbox, self._mailbox + 2, self._path.codec, self._path.rate, record=str(self._recorded))
        calling = Job(
            self._own,
            self._own + 2,
            self._path.codec,
            self._path.rate,
            suppresses_silence=self._path.suppresses_silence,
            call=f"sip:agent@{LOOPBACK}:{self._sip}",
            play=str(self._sent),
            seconds=self._seconds,
            keyed=_KEYS_OVER if self._path.keys == "events" else (),
        )
        if not self._greeting:
            await self._hold(_pjsip(listening), READY, _pjsip(calling))
            return
        greeting, own = self._folder / "greeting.wav", self._folder / "own.wav"
        said = audio.decode(self._greeting.message.path.read_bytes())
        sounds.write(greeting, [said])
        await self._hold(
            _pjsip(replace(listening, play=str(greeting), record_own=str(own))),
            READY,
            _pjsip(replace(calling, lead_seconds=len(said) / audio.SAMPLE_RATE + _GREETING_PAUSE)),
        )
        legs = [sounds.read(file)[0] for file in (own, self._recorded)]
        sounds.write(self._recorded, legs, self._path.rate)

    async def _over_baresip(self) -> None:
        seconds = self._seconds
        if self._path.rate < audio.SAMPLE_RATE:
            sounds.write(self._sent, [sounds.at_half_rate(self._sound)], self._path.rate)
        mailbox = baresip_agent.Job(
            self._folder / "mailbox",
            self._mailbox,
            self._mailbox + 2,
            self._path.codec,
            seconds + _DIALLING_SECONDS,
        )
        caller = baresip_agent.Job(
            self._folder / "caller",
            self._own,
            self._own + 2,
            self._path.codec,
            seconds,
            call=f"sip:agent@{LOOPBACK}:{self._sip}",
            play=self._sent,
            rate=self._path.rate,
            suppresses_noise=self._path.suppresses_noise,
        )
        await self._hold(baresip_agent.command(mailbox), baresip_agent.READY, baresip_agent.command(caller))
        baresip_agent.recorded(mailbox.folder).rename(self._recorded)

    async def _hold(self, mailbox: list[str], ready: str, caller: list[str]) -> None:
        """Run both agents until they end."""
        listening = await self._start(mailbox, "mailbox.log")
        try:
            async with asyncio.timeout(_START_SECONDS):
                await _printed(listening, ready)
            calling = await self._start(caller, "caller.log")
            try:
                async with asyncio.timeout(_MOST_SECONDS):
                    await calling.communicate()
                    await listening.communicate()
            finally:
                _end(calling)
        finally:
            _end(listening)

    async def _start(self, command: list[str], log: str) -> asyncio.subprocess.Process:
        with (self._folder / log).open("wb") as errors:
            return await asyncio.create_subprocess_exec(
                *command,
                cwd=_MODULES,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
            )


def _pjsip(job: Job) -> list[str]:
    return [sys.executable, "-m", "telephone.pjsip_agent", job.as_json()]


async def _printed(process: asyncio.subprocess.Process, text: str) -> None:
    """Wait until a process prints a line with a text."""
    assert process.stdout  # noqa: S101 - it was started with a pipe
    while line := await process.stdout.readline():
        if text.encode() in line:
            return
    raise EOFError("the mailbox's agent ended before it could be called; its log is beside its settings")


def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
