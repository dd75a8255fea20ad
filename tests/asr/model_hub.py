"""A Hugging Face hub on loopback, with as much of its protocol as the download of a small repository needs."""

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

FILES = {"model.bin": b"weights", "config.json": b"{}", "tokenizer.json": b"{}", "vocabulary.txt": b"a\nb\n"}
COMMIT = "0123456789abcdef0123456789abcdef01234567"
# Longer than any test waits.
_SILENT_SECONDS = 30.0


def put_model(folder: Path) -> Path:
    """Make a folder with the files of a model, and return it."""
    folder.mkdir(parents=True)
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    return folder


class Request(NamedTuple):
    """A request that was received."""

    path: str
    headers: dict[str, str]
    """By name, in lower case."""


class HubServer(ThreadingHTTPServer):
    """A hub whose models all have the same files."""

    def __init__(
        self,
        model: bytes = FILES["model.bin"],
        sha256: str = "",
        repositories: tuple[str, ...] = ("Org/Model",),
        *,
        is_xet: bool = False,
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Hub)
        self.files = FILES | {"model.bin": model}
        self.sha256 = sha256 or hashlib.sha256(model).hexdigest()
        self.repositories = repositories
        self.is_xet = is_xet
        """Whether the model is in Xet storage, which this hub announces but does not have."""
        self.may_answer = Event()
        """While it is not set, requests are accepted and not answered."""
        self.may_answer.set()
        self.may_finish = Event()
        """While it is not set, downloads of the model stop halfway."""
        self.may_finish.set()
        self.breaks = 0
        """How many downloads of the model break off halfway."""
        self.ranges: list[str] = []
        """The ``Range`` header of each request for the model."""
        self.requests: list[Request] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Hub(BaseHTTPRequestHandler):
    server: HubServer

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = self.path.partition("?")[0]
        self.server.requests.append(Request(self.path, {name.lower(): value for name, value in self.headers.items()}))
        self.server.may_answer.wait(_SILENT_SECONDS)
        for repository in self.server.repositories:
            if path.startswith(f"/api/models/{repository}"):
                return self._describe(repository, path.removeprefix(f"/api/models/{repository}").strip("/"))
            if path.startswith(f"/{repository}/resolve/") and path.rpartition("/")[2] in FILES:
                return self._send(self.server.files[path.rpartition("/")[2]], is_model=path.endswith("model.bin"))
        return self.send_error(404)

    def _describe(self, repository: str, what: str) -> None:
        if what.startswith("tree/"):
            self._send(json.dumps([self._entry(name) for name in self.server.files]))
        elif what.startswith("xet-read-token/"):
            token = {"Access-Token": "t", "Token-Expiration": str(int(time.time()) + 3600), "Cas-Url": self.server.url}
            self._send("{}", {f"X-Xet-{name}": value for name, value in token.items()})
        elif what in {"", "revision/main", f"revision/{COMMIT}"}:
            self._send(json.dumps({"id": repository, "sha": COMMIT, "siblings": self._siblings()}))
        else:
            self.send_error(404)

    def _entry(self, name: str) -> dict[str, object]:
        size = len(self.server.files[name])
        entry: dict[str, object] = {"type": "file", "path": name, "size": size, "oid": name}
        if name == "model.bin" and self.server.is_xet:
            lfs = {"oid": self.server.sha256, "size": size, "pointerSize": 134}
            return entry | {"lfs": lfs, "xetHash": "ab" * 32}
        return entry

    def _siblings(self) -> list[dict[str, object]]:
        lfs = {"size": len(self.server.files["model.bin"]), "sha256": self.server.sha256, "pointerSize": 134}
        return [
            {"rfilename": name, "size": len(data)} | ({"lfs": lfs} if name == "model.bin" else {})
            for name, data in (self.server.files | {"README.md": b"not downloaded"}).items()
        ]

    def _send(self, body: str | bytes, headers: dict[str, str] | None = None, *, is_model: bool = False) -> None:
        data = body.encode() if isinstance(body, str) else body
        asked = self.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").removesuffix("-") or 0)
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET" and is_model:
            self._send_model(data, start)
        elif self.command == "GET":
            self.wfile.write(data)

    def _send_model(self, data: bytes, start: int) -> None:
        self.server.ranges.append(self.headers.get("Range", ""))
        half = (start + len(data)) // 2
        with suppress(ConnectionError):  # a test may kill the downloading process
            self.wfile.write(data[start:half])
            if self.server.breaks:
                self.server.breaks -= 1
                return
            self.server.may_finish.wait(_SILENT_SECONDS)
            self.wfile.write(data[half:])

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def serving(server: HubServer) -> Iterator[HubServer]:
    """Run a server in a thread while the context lasts."""
    with server:
        thread = Thread(target=server.serve_forever, args=(0.01,))  # seconds between looks at whether to stop
        thread.start()
        try:
            yield server
        finally:
            server.may_answer.set()
            server.may_finish.set()
            server.shutdown()
            thread.join()
