"""mcpo, which offers tools as an OpenAPI of their own, for Open WebUI."""

import asyncio
import json
import socket
import urllib.error
import urllib.request

from walk import COMMAND, Walked, run, walk

with socket.create_server(("127.0.0.1", 0)) as free:
    PORT = free.getsockname()[1]


def ask(path: str, body: object = None) -> object:
    """Return the answer of the OpenAPI.

    Raises:
        RuntimeError: It is no success; the text is the answer's.
    """
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - loopback
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{error.code} {error.read().decode()}") from error


class Mcpo(Walked):
    """What it offers."""

    async def tools(self):
        described = await asyncio.to_thread(ask, "/openapi.json")
        return {path[1:]: each["post"].get("description") for path, each in described["paths"].items()}

    async def call(self, name, arguments):
        return await asyncio.to_thread(ask, f"/{name}", arguments)


async def main() -> None:
    """Start it, wait until it serves, and walk."""
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        "mcpo", "--host", "127.0.0.1", "--port", str(PORT), "--", *COMMAND, stdout=quiet, stderr=quiet
    )
    for _ in range(100):
        await asyncio.sleep(0.3)
        try:
            await asyncio.to_thread(ask, "/openapi.json")
        except (OSError, RuntimeError):
            continue
        break
    await walk(Mcpo())
    process.terminate()


run(main)
