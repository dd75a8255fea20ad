"""A speech server that hears what `tone_text` says, after a scripted time, however many ask at once."""

import asyncio
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from threading import Thread

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from team_rig.child_processes import child_process
from vm_mcp.simulator import tone_text
from vm_mcp.simulator.prompt_server import PromptServer

MODEL = "scripted/tones"


class ScriptedEngine:
    """The running engine, seen from outside."""

    def __init__(self, commands: Connection) -> None:
        self._commands = commands
        self.url: str = commands.recv()

    def heard(self) -> Counter[str]:
        """Return how often it was asked for each text so far."""
        self._commands.send("heard")
        heard: Counter[str] = self._commands.recv()
        return heard


@contextmanager
def running_engine(seconds: float) -> Iterator[ScriptedEngine]:
    """Run an engine in a process of its own that takes so long for each message."""
    with child_process(_serve, seconds) as ours:
        yield ScriptedEngine(ours)


class _Engine:
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.heard: Counter[str] = Counter()

    async def models(self, _: Request) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": MODEL, "object": "model"}]})

    async def transcribe(self, request: Request) -> Response:
        try:
            recording = _recording(await request.body())
        except ClientDisconnect:  # its worker was killed
            return Response()
        # A second of silence, with which a worker asks whether the engine is there.
        text = tone_text(recording) if any(recording[44:]) else ""
        if text:
            self.heard[text] += 1
            await asyncio.sleep(self._seconds)
        segment = {"id": 0, "start": 0.0, "end": 1.0, "text": text, "avg_logprob": -0.2, "no_speech_prob": 0.01}
        return JSONResponse({"language": "turkish", "duration": 1.0, "text": text, "segments": [segment] * bool(text)})


def _recording(form: bytes) -> bytes:
    """Return the WAV file in a form; parsing the form as such takes longer than all else that the engine does."""
    start = form.index(b"RIFF")
    return form[start : start + 8 + int.from_bytes(form[start + 4 : start + 8], "little")]


def _serve(commands: Connection, seconds: float) -> None:
    engine = _Engine(seconds)
    routes = [
        Route("/v1/models", engine.models, methods=["GET"]),
        Route("/v1/audio/transcriptions", engine.transcribe, methods=["POST"]),
    ]
    opened = socket.create_server(("127.0.0.1", 0))
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = PromptServer(uvicorn.Config(Starlette(routes=routes), log_config=None, lifespan="off", ws="none"))
    Thread(target=server.run, args=([opened],), daemon=True).start()
    commands.send(f"http://127.0.0.1:{opened.getsockname()[1]}")
    with suppress(EOFError):
        while commands.recv() == "heard":
            commands.send(engine.heard.copy())
    server.stop()
