"""Measure a month of a busy switchboard: 10,000 messages in 31 days, under the PBX's own limits of requests.

    uv run python benchmarks/busy_month.py [--messages 10000] [--order newest]

Each way to look at the month is timed, with the requests that it took, over a simulated PBX that allows an account two
requests a second after a burst of ten. What comes back is compared with what the PBX holds: nothing may be missing or
come twice, and nothing of another mailbox or caller may come. Many messages share their second, and more arrive while
they are listed. Transcripts are put into the archive as a month of transcribing would leave them.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, TypeVar, get_args

from archive import transcript

from vm_mcp import views
from vm_mcp.archive.sqlite import transcript_rows
from vm_mcp.archive.sqlite.connection import connect, transaction
from vm_mcp.asr import open_transcriber
from vm_mcp.config import load_settings
from vm_mcp.inbox import ArchiveRequest, Inbox, ListRequest, SearchRequest
from vm_mcp.models import TranscriptKey, Voicemail
from vm_mcp.simulator import SCENARIOS, Message, Simulator

T = TypeVar("T")
Order = Literal["newest", "oldest", "shuffled"]

DAYS = 31
BOXES = [f"{number}" for number in range(1001, 1011)]
CALLER = "05324172893"
ARRIVE_WHILE_LISTED = 50
SEARCHES = ("randevu", "fatura iptal", "0532 417", "acil", "rezervsyon", '"doktor hasta"', "elektrik", "kargo adres")


def main() -> None:
    """Print the seconds, requests and messages of each way to look at the month."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--order", choices=get_args(Order), default="newest", help="in which the PBX lists messages")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Simulator(SCENARIOS["empty"](datetime.now(UTC))) as simulator:
        simulator.scenario.messages = month(options.messages)
        simulator.scenario.order = options.order
        simulator.scenario.rate_limit = True
        asyncio.run(Month(simulator, Path(folder)).look())


def month(count: int) -> list[Message]:
    """Return messages over the last 31 days; of three, two share their second, and half were listened to."""
    rng = random.Random(count)  # noqa: S311 - the same month each time, nothing secret
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    seconds = [rng.randrange(DAYS * 86_400 - 3600) for _ in range(count // 3 * 2)]
    seconds += seconds[: count - len(seconds)]
    return [_message(rng, f"m{number:05}", now - timedelta(seconds=each)) for number, each in enumerate(seconds)]


def _message(rng: random.Random, uuid: str, at: datetime) -> Message:
    number = CALLER if rng.random() < 0.01 else f"05{rng.randrange(30, 60)}{rng.randrange(10**7):07}"  # noqa: PLR2004
    read_at = at + timedelta(hours=1) if rng.random() < 0.5 else None  # noqa: PLR2004 - a fraction
    return Message(uuid, rng.choice(BOXES), number, "", at, "", read_at)


class Month:
    """One inbox over the month.

    Args:
        simulator: The PBX.
        folder: The archive's.
    """

    def __init__(self, simulator: Simulator, folder: Path) -> None:
        self._simulator = simulator
        given = {"base_url": simulator.base_url, "api_key": simulator.api_key, "data_dir": folder, "read_only": True}
        settings = load_settings(given | {"engine": "none"})
        self._inbox = Inbox(settings, open_transcriber(settings))

    async def look(self) -> None:
        """Look at the month in each way, and check what comes back."""
        held = self._simulator.scenario.messages
        try:
            await self._timed("a page of 20", self._inbox.list_voicemails(ListRequest(limit=20)))
            found = await self._timed("all, in pages of 100", self._all(ListRequest(since=f"{DAYS}d", limit=100)))
            _check(found, held)
            found = await self._timed("all, while more arrive", self._all(ListRequest(since=f"{DAYS}d"), self._change))
            _check(found, held, but=set(_uuids(held[-ARRIVE_WHILE_LISTED:])))
            mailbox = await self._timed("one mailbox of ten", self._all(ListRequest(extension=BOXES[0], since="31d")))
            _check(mailbox, [each for each in held if each.user_number == BOXES[0]])
            unread = await self._timed("unread", self._all(ListRequest(status="unread", since=f"{DAYS}d")))
            _check(unread, [each for each in held if each.read_at is None])
            caller = await self._timed("one caller", self._all(ListRequest(caller=CALLER, since=f"{DAYS}d")))
            _check(caller, [each for each in held if each.caller_id_number == CALLER])
            waiting = await self._timed("open", self._all(ListRequest(status="open", since=f"{DAYS}d")))
            _check(waiting, held)
            seen = await self._timed("show_inbox", self._inbox.overview())
            print(f"{'':24} of {seen.messages:,} messages, truncated: {seen.truncated}")
            seen = await self._timed("show_inbox, one mailbox", self._inbox.overview(BOXES[0]))
            print(f"{'':24} of {seen.messages:,} messages, truncated: {seen.truncated}")
            self._transcribe(held)
            await self._search()
            await self._export(held)
        finally:
            await self._inbox.aclose()

    async def _timed(self, name: str, work: Awaitable[T]) -> T:
        before, started = len(self._simulator.requests), time.perf_counter()
        result = await work
        seconds, requests = time.perf_counter() - started, self._simulator.requests[before:]
        refused = sum(each.status == 429 for each in requests)  # noqa: PLR2004 - too many requests
        kinds = Counter("messages" if "voicemail" in each.path else "other" for each in requests)
        count = f"{len(result):6,} messages" if isinstance(result, list) else ""
        print(
            f"{name:24} {seconds:7.2f} s  {kinds['messages']:4} requests for messages, {kinds['other']} other, "
            f"{refused} refused {count}"
        )
        return result

    async def _all(self, request: ListRequest, between: Callable[[], None] | None = None) -> list[str]:
        found: list[str] = []
        while True:
            page = await self._inbox.list_voicemails(request)
            found += _uuids(page.voicemails)
            if not page.next_cursor:
                return found
            request = ListRequest(cursor=page.next_cursor, limit=100)
            if between:
                between()

    def _change(self) -> None:
        """Let one more message arrive, as long as there are some to come."""
        held = self._simulator.scenario.messages
        number = sum(each.uuid.startswith("late") for each in held)
        if number < ARRIVE_WHILE_LISTED:
            held.append(Message(f"late{number}", BOXES[1], CALLER, "", datetime.now(UTC).replace(microsecond=0), ""))

    def _transcribe(self, messages: Iterable[Message]) -> None:
        [path] = self._inbox.settings.data_dir.rglob("*.sqlite3")
        rng = random.Random(1)  # noqa: S311 - the same texts each time, nothing secret
        connection = connect(path, 5)
        with transaction(connection):
            for each in messages:
                key = TranscriptKey(each.uuid, "faster-whisper", "small", "")
                transcript_rows.save(connection, key, transcript(rng), each.received_at)
        connection.close()

    async def _search(self) -> None:
        times, counts = [], []
        for query in SEARCHES:
            started = time.perf_counter()
            found = await self._inbox.history.search(SearchRequest(query=query, since=f"{DAYS}d"))
            times.append(time.perf_counter() - started)
            counts.append(found.total_count)
        print(f"{'search_transcripts':24} {statistics.median(times):7.3f} s at the median, {max(times):.3f} s at most")
        print(f"{'':24} found {counts}")

    async def _export(self, held: list[Message]) -> None:
        async def exported() -> list[str]:
            now, zone = self._inbox.account.clock(), self._inbox.settings.zone
            entries = [entry async for entry in self._inbox.history.transcriptions(ArchiveRequest())]
            items = [views.transcription_item(entry, zone, now)[0] for entry in entries]
            print(f"{'':24} {len(views.to_csv(items, ';')) / 1e6:.1f} MB of CSV")
            return [entry.uuid for entry in entries]

        _check(await self._timed("export", exported()), held)


def _uuids(messages: Iterable[Voicemail | Message]) -> list[str]:
    return [message.uuid for message in messages]


def _check(found: list[str], held: Iterable[Message], but: Collection[str] = ()) -> None:
    """Compare uuids; those in `but` may be missing, since they arrived after the list was begun."""
    wanted = set(_uuids(held))
    twice = [uuid for uuid, times in Counter(found).items() if times > 1]
    missing, strange = wanted - set(found) - set(but), set(found) - wanted
    if twice or missing or strange:
        raise SystemExit(f"wrong: {len(twice)} twice, {len(missing)} missing, {len(strange)} that are not asked for")


if __name__ == "__main__":
    main()
