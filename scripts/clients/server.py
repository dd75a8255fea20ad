"""The server that clients are tried on: the real one, over a simulated PBX, with an engine that needs no model.

    python scripts/clients/server.py PBX-URL DATA-DIR [HOST:PORT]

Each message takes the engine most of a second, one after another, so that there is progress to see and time to give up.
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from vm_mcp.asr import Demand, Progress, TranscribeOptions
from vm_mcp.cli.serve_command import serve_to_host
from vm_mcp.config import load_settings
from vm_mcp.inbox import Inbox
from vm_mcp.models import Segment, Transcript
from vm_mcp.net.listening import parse_address
from vm_mcp.server import build_server
from vm_mcp.server.http import desk_app, serve_app
from vm_mcp.simulator import DEFAULT_API_KEY, Scenario, busy, clinic

SECONDS = 0.7
SAID = "Merhaba, ben Ayşe Yılmaz, randevum için arıyorum."


class SlowTranscriber:
    """Says the same of each message, after a while; one at a time."""

    engine = "scripted"
    model = "none"
    waiting_for = ""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def transcribe(
        self,
        audio: bytes,  # noqa: ARG002 - nothing is computed
        options: TranscribeOptions,
        on_progress: Progress | None = None,
        demand: Demand | None = None,  # noqa: ARG002 - one at a time
    ) -> Transcript:
        """Return the same transcript for every recording."""
        async with self._turn:
            for part in range(1, 8):
                await asyncio.sleep(SECONDS / 7)
                if on_progress:
                    on_progress(part / 7)
        segment = Segment(text=SAID, start_seconds=0, end_seconds=4, avg_logprob=-0.2, no_speech_prob=0.01)
        language = options.language or "tr"
        return Transcript(language=language, segments=(segment,), duration_seconds=4, engine="scripted", model="none")

    async def prepare(self, on_progress: Progress | None = None) -> None:
        """Do nothing: there is no model."""

    async def warm_up(self) -> None:
        """Do nothing: there is no model."""

    async def aclose(self) -> None:
        """Do nothing: there is no process."""


def crowded() -> Scenario:
    """Return the clinic, one of whose callers has a hostile name, with so many more messages that lists are long."""
    now = datetime.now(UTC)
    scenario = clinic(now)
    scenario.messages += busy(now, 60).messages
    return scenario


def main() -> None:
    """Serve over pipes, or over HTTP where an address is given."""
    base_url, data_dir, *places = sys.argv[1:]
    given = {"base_url": base_url, "api_key": DEFAULT_API_KEY, "data_dir": Path(data_dir), "log_level": "ERROR"}
    settings = load_settings(given)
    inbox = Inbox(settings, SlowTranscriber())
    if not places:
        serve_to_host(inbox)
    server = build_server(inbox)
    for place in places:
        serve_app(lambda address: desk_app(server, address, settings, None), parse_address(place), lambda _: None)


if __name__ == "__main__":
    main()
