"""Measure a full list in requests, seconds and bytes, against the community's client and the vendor's own format.

    uv run python benchmarks/listing.py [--runs 3]

A simulated PBX holds 2,000 messages over 51 days. One request can cover 31 days and return 100 messages. The clients
take turns and read all messages, each run from a fresh PBX:

- ``vm-mcp``: ``Inbox.list_voicemails``, in pages of 100, by cursor, as a host does;
- ``verimor-sdk``: windows and pages, which its user has to write, and a wait of half a second after each 429.

Both run with the vendor's limits (2 requests a second, burst 10) and without. Then the size of the text that a model
reads for a page of 20 is compared with the vendor's JSON for the same messages.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from mcp import Client
from verimor._core import VerimorApiError
from verimor.switch import SwitchClient

from vm_mcp.asr import open_transcriber
from vm_mcp.config import load_settings
from vm_mcp.inbox import Inbox, ListRequest
from vm_mcp.pbx import PbxClient
from vm_mcp.server import build_server
from vm_mcp.simulator import SCENARIOS, Simulator

DAYS = 51
TOO_MANY = 429
STAMP = "%Y-%m-%d %H:%M:%S UTC"


class Cost(NamedTuple):
    """Figures of one full list."""

    messages: int
    requests: int
    seconds: float


def main() -> None:
    """Print the figures of each client, then the size of a page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="runs of each client; medians are printed")
    runs = parser.parse_args().runs
    clients: dict[str, Callable[[Simulator, bool], int]] = {"vm-mcp": list_with_ours, "verimor-sdk": list_with_sdk}
    for limited in (True, False):
        print(f"\n2,000 messages over {DAYS} days, {'the vendor’s request limits' if limited else 'no request limits'}")
        costs: dict[str, list[Cost]] = {name: [] for name in clients}
        for _ in range(runs):
            for name, client in clients.items():
                costs[name].append(measure(client, limited=limited))
        for name, rows in costs.items():
            messages, requests, seconds = (statistics.median(column) for column in zip(*rows, strict=True))
            print(f"{name:12}  {messages:5.0f} messages  {requests:3.0f} requests  {seconds:6.2f} s (median of {runs})")
    print()
    print_bytes()


def measure(client: Callable[[Simulator, bool], int], *, limited: bool) -> Cost:
    """List all messages of a fresh PBX."""
    scenario = SCENARIOS["busy"](datetime.now(UTC))
    scenario.rate_limit = limited
    with Simulator(scenario) as simulator:
        started = time.perf_counter()
        messages = client(simulator, limited)
        return Cost(messages, len(simulator.requests), time.perf_counter() - started)


def list_with_ours(simulator: Simulator, limited: bool) -> int:  # noqa: FBT001 - both clients have this signature
    """List all messages page by page, by cursor; return how many there were."""

    async def collect(folder: str) -> int:
        inbox = open_ours(simulator, folder)
        if not limited:
            inbox.account.client = PbxClient(inbox.settings, requests_per_second=10_000)
        uuids: set[str] = set()
        request = ListRequest(since=f"{DAYS}d", limit=100)
        while True:
            page = await inbox.list_voicemails(request)
            uuids.update(message.uuid for message in page.voicemails)
            if not page.next_cursor:
                await inbox.aclose()
                return len(uuids)
            request = ListRequest(limit=100, cursor=page.next_cursor)

    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(collect(folder))


def list_with_sdk(simulator: Simulator, _limited: bool) -> int:  # noqa: FBT001 - both clients have this signature
    """List all messages with the windows and pages that a user of the SDK has to write; return how many there were."""
    uuids: set[str] = set()
    now = datetime.now(UTC)
    with SwitchClient(simulator.api_key, base_url=simulator.base_url) as client:
        for newest, oldest in ((0, 31), (31, DAYS)):
            page = 1
            while True:
                answer = ask_sdk(
                    client,
                    start_stamp_from=(now - timedelta(days=oldest)).strftime(STAMP),
                    start_stamp_to=(now - timedelta(days=newest)).strftime(STAMP),
                    limit=100,
                    page=page,
                )
                uuids.update(message["uuid"] for message in answer["messages"])
                page += 1
                if page > answer["pagination"]["total_pages"]:
                    break
    return len(uuids)


def ask_sdk(client: SwitchClient, **query: object) -> dict[str, Any]:
    """List one page; wait half a second after each 429."""
    while True:
        try:
            return dict(client.list_voicemail_messages(query).model_dump())
        except VerimorApiError as error:
            if error.status != TOO_MANY:
                raise
            time.sleep(0.5)


def print_bytes() -> None:
    """Compare the size of a list of 20 messages with the vendor's JSON for the same messages."""

    async def texts(simulator: Simulator, folder: str) -> tuple[str, str]:
        inbox = open_ours(simulator, folder)
        async with Client(build_server(inbox)) as client:
            result = await client.call_tool("list_voicemails", {"since": "31d", "limit": 20})
        structured = json.dumps(result.structured_content, ensure_ascii=False, separators=(",", ":"))
        return "".join(getattr(block, "text", "") for block in result.content), structured

    with Simulator(SCENARIOS["busy"](datetime.now(UTC))) as simulator, tempfile.TemporaryDirectory() as folder:
        text, structured = asyncio.run(texts(simulator, folder))
        query = urllib.parse.urlencode({"key": simulator.api_key, "limit": 20})
        with urllib.request.urlopen(f"{simulator.base_url}/voicemail_messages?{query}") as answer:  # noqa: S310 - loopback
            vendor = len(answer.read())
    for name, content in (("text", text), ("structured content", structured)):
        size = len(content.encode())
        print(f"A page of 20 as {name}: {size} bytes, {size / vendor:.2f} of the vendor's JSON ({vendor} bytes)")


def open_ours(simulator: Simulator, folder: str) -> Inbox:
    """Open an inbox for a simulated PBX, with its archive in the temporary ``folder``."""
    settings = load_settings({"base_url": simulator.base_url, "api_key": simulator.api_key, "archive_dir": folder})
    return Inbox(settings, open_transcriber(settings))


if __name__ == "__main__":
    main()
