"""A server with OpenAI's transcription API, as vLLM and Speaches have it, that knows what the voices say.

It refuses what a strict server refuses, remembers its requests, and misbehaves on request.
"""

import gzip
import json
import re
import socket
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from vm_mcp import audio
from vm_mcp.asr.remote import RemoteTranscriber
from vm_mcp.errors import AudioDecodeError
from vm_mcp.simulator.prompt_server import PromptServer

VOICES = Path(__file__).parents[2] / "vm_mcp" / "simulator" / "voices"
MANIFEST = json.loads((VOICES / "voices.json").read_text(encoding="utf-8"))
MakeRemote = Callable[..., RemoteTranscriber]
NAMES = {"tr": "turkish", "en": "english", "nn": "nynorsk"}


def voice(name: str) -> bytes:
    return (VOICES / str(MANIFEST[name]["file"])).read_bytes()


@dataclass
class Received:
    """A request."""

    path: str
    key: str
    fields: dict[str, str]


@dataclass
class SpeechApi:
    """The server, as a context manager. Its attributes may be changed while it runs."""

    models: list[str] = field(default_factory=lambda: ["openai/whisper-base"])
    key: str = ""
    is_verbose: bool = True
    lists_models: bool = True
    is_busy: bool = False
    """Whether it answers nothing but transcriptions, as a server that does one thing at a time while it is at work."""
    detects: str = ""
    """Language that it reports if the request names none; empty: the true one."""
    answer: dict[str, Any] | None = None
    """The answer to every transcription; None: what was said."""
    behaves_as: "Callable[[bytes, dict[str, str]], dict[str, Any] | int] | None" = None
    """How a server of another kind answers a recording and the fields with it: with a body, or a status; None: as a
    strict one."""
    faults: deque[int | str] = field(default_factory=deque)
    """What the next transcriptions get in place of an answer: a status, a word that `_misbehave` knows, or a body."""
    requests: list[Received] = field(default_factory=list)
    hanging: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    @property
    def asked(self) -> list[dict[str, str]]:
        """Fields of all transcription requests, except those for the greeting that a server is tried with."""
        return [request.fields for request in self.requests if request.fields and request.fields["file"] != "1.5 s"]

    def __enter__(self) -> Self:
        self._socket = socket.create_server(("127.0.0.1", 0))
        routes = [
            Route("/v1/models", self._list_models, methods=["GET"]),
            Route("/v1/audio/transcriptions", self._transcribe, methods=["POST"]),
        ]
        config = uvicorn.Config(Starlette(routes=routes), log_config=None, lifespan="off", ws="none")
        self._server = PromptServer(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.force_exit = True
        self._server.stop()
        self._thread.join(10)
        self._socket.close()

    async def _list_models(self, request: Request) -> Response:
        self.requests.append(Received("models", request.headers.get("Authorization", ""), {}))
        if not self._lets_in(request):
            return _refusal(401)
        while self.is_busy and (await request.receive())["type"] != "http.disconnect":
            pass
        if not self.lists_models:
            return _refusal(404)
        return JSONResponse({"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]})

    async def _transcribe(self, request: Request) -> Response:
        async with request.form() as form:
            uploads = {name: value for name, value in form.multi_items() if isinstance(value, UploadFile)}
            fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
            data = await uploads["file"].read() if set(uploads) == {"file"} else b""
        refused = 0 if self.behaves_as else self._refuse(request, uploads, fields)
        seconds = _seconds(data) if data else 0.0
        self.requests.append(
            Received("transcriptions", request.headers.get("Authorization", ""), {**fields, "file": f"{seconds:.1f} s"})
        )
        if refused or not seconds:
            return _refusal(refused or 400)
        if self.faults:
            return await self._misbehave(request, self.faults.popleft())
        if self.behaves_as:
            answer = self.behaves_as(data, fields)
            return _refusal(answer) if isinstance(answer, int) else JSONResponse(answer)
        return JSONResponse(self._said(data, seconds, fields))

    def _refuse(self, request: Request, uploads: dict[str, UploadFile], fields: dict[str, str]) -> int:
        """Return the status for a request that is not as the API describes it; 0 for one that is."""
        if not self._lets_in(request):
            return 401
        upload = uploads.get("file")
        if len(uploads) != 1 or upload is None or not re.fullmatch(r"[\w-]+\.\w+", upload.filename or ""):
            return 422
        if not (upload.content_type or "").startswith("audio/"):
            return 415
        if set(fields) - {"language"} != {"model", "response_format", "temperature"}:
            return 422
        if fields["model"] not in self.models:
            return 404
        formats = {"json", "verbose_json"} if self.is_verbose else {"json"}
        is_known = fields["response_format"] in formats and fields["temperature"] == "0"
        return 0 if is_known and fields.get("language", "en") in NAMES else 400

    def _lets_in(self, request: Request) -> bool:
        return not self.key or request.headers.get("Authorization") == f"Bearer {self.key}"

    async def _misbehave(self, request: Request, fault: int | str) -> Response:
        if isinstance(fault, int):
            return _refusal(fault, {"Retry-After": "0"} if fault == 429 else {})
        if fault == "hang":
            self.hanging.set()
            while (await request.receive())["type"] != "http.disconnect":
                pass
        if fault == "redirect":
            return RedirectResponse("http://127.0.0.1:9/elsewhere")
        if fault == "huge":
            return StreamingResponse((b" " * 1_000_000 for _ in range(30)), media_type="application/json")
        if fault == "bomb":
            compressed = gzip.compress(gzip.compress(bytes(10_000_000)))
            return Response(compressed, media_type="application/json", headers={"Content-Encoding": "gzip, gzip"})
        return Response(fault.encode(), media_type="application/json")

    def _said(self, data: bytes, seconds: float, fields: dict[str, str]) -> dict[str, Any]:
        if self.answer is not None:
            return self.answer
        known = [entry for name, entry in MANIFEST.items() if voice(name) == data]
        text = known[0]["text"] if known else ""
        if fields["response_format"] == "json":
            return {"text": text}
        language = fields.get("language") or self.detects or (known[0]["language"] if known else "") or "nn"
        # Over silence it hallucinates, as Whisper does.
        sure = {"avg_logprob": -0.2, "no_speech_prob": 0.01} if text else {"avg_logprob": -0.9, "no_speech_prob": 0.8}
        segment = {"id": 0, "start": 0.0, "end": seconds, "text": f" {text or 'Altyazı M.K.'}", **sure}
        return {
            "task": "transcribe",
            "language": NAMES[language],
            "duration": str(seconds),
            "text": segment["text"],
            "segments": [segment],
        }


def _seconds(data: bytes) -> float:
    try:
        return len(audio.decode(data)) / audio.SAMPLE_RATE
    except AudioDecodeError:
        return 0.0


def _refusal(status: int, headers: dict[str, str] | None = None) -> Response:
    """Return a refusal whose text repeats the request, as some servers' do."""
    body = {"error": {"message": "vendor words, Incorrect API key provided: sk-secret", "code": status}}
    return JSONResponse(body, status, headers)
