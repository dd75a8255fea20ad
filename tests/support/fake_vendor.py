"""A PBX without a network: every order, every reading of a bound, and any event between two requests."""

import json
import operator
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Any, Literal
from urllib.parse import parse_qs

import httpx

from vm_mcp.config import Settings
from vm_mcp.pbx import PbxClient

KEY = "K12345678-1234-5678-4321-123456789012"
BASE = "https://pbx.example"
SETTINGS = Settings(_env_file=None, api_key=KEY, base_url=BASE)
SECOND = timedelta(seconds=1)
VendorOrder = Literal["newest", "oldest", "none"]
ORDERS: tuple[VendorOrder, ...] = ("newest", "oldest", "none")


@dataclass
class Message:
    uuid: str
    at: datetime
    is_read: bool = False
    has_timestamp: bool = True
    caller: str = ""
    number: str = ""

    def row(self) -> dict[str, Any]:
        timestamp = f"{self.at:%Y-%m-%d %H:%M:%S} +0000"
        return {
            "uuid": self.uuid,
            "start_stamp": timestamp if self.has_timestamp else timestamp[1:],
            "read_stamp": timestamp if self.is_read else None,
            "user_number": "1001",
            "caller_id_number": self.number,
            "caller_id_name": self.caller,
            "duration": "00:00:10",
        }


@dataclass
class FakeVendor:
    messages: list[Message]
    order: VendorOrder = "newest"
    includes_bounds: tuple[bool, bool] = (True, True)
    largest_page: int = 100
    between: Callable[[], None] = lambda: None
    """Called after each answer."""
    asked: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        query = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        self.asked.append(query)
        response = httpx.Response(200, content=json.dumps(self._answer(query)).encode())
        self.between()
        return response

    def _answer(self, query: dict[str, str]) -> dict[str, Any]:
        size, number = int(query["limit"]), int(query["page"])
        assert 10 <= size <= 100
        assert number >= 1
        size = min(size, self.largest_page)
        found = self._sorted(self._matching(query))
        return {
            "messages": [message.row() for message in found[(number - 1) * size : number * size]],
            "pagination": {
                "page": number,
                "total_count": len(found),
                "total_pages": -(-len(found) // size),
                "limit": size,
            },
        }

    def _matching(self, query: dict[str, str]) -> list[Message]:
        if "uuid" in query:
            return [message for message in self.messages if message.uuid == query["uuid"]]
        low, high = read_bounds(query)
        assert high - low <= timedelta(days=31)
        is_above = operator.ge if self.includes_bounds[0] else operator.gt
        is_below = operator.le if self.includes_bounds[1] else operator.lt
        return [
            message
            for message in self.messages
            if is_above(message.at, low)
            and is_below(message.at, high)
            and query.get("read") in {None, str(message.is_read).lower()}
        ]

    def _sorted(self, messages: list[Message]) -> list[Message]:
        if self.order == "none":
            # From both ends in turn, so that even a short first page shows no order.
            by_time = sorted(messages, key=lambda message: message.at)
            half = -(-len(by_time) // 2)
            turns = zip_longest(by_time[:half], reversed(by_time[half:]))
            return [message for turn in turns for message in turn if message]
        # Within one second the vendor's order may be any: here by the reversed uuid, unlike ours.
        by_uuid = sorted(messages, key=lambda message: message.uuid[::-1])
        return sorted(by_uuid, key=lambda message: message.at, reverse=self.order == "newest")


def read_bounds(query: dict[str, str]) -> tuple[datetime, datetime]:
    low, high = (
        datetime.strptime(query[name], "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
        for name in ("start_stamp_from", "start_stamp_to")
    )
    return low, high


def client_for(answer: Callable[[httpx.Request], httpx.Response], *, max_recording_bytes: int = 1_000_000) -> PbxClient:
    return PbxClient(
        SETTINGS,
        max_recording_bytes=max_recording_bytes,
        requests_per_second=1e6,
        transport=RawTransport(answer),
    )


class RawTransport(httpx.AsyncBaseTransport):
    """Answers as a network does, with bytes that are not read or decompressed yet."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self._answer = answer

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        response = self._answer(request)
        if not isinstance(response.stream, httpx.ByteStream):
            return response
        stream = _Bytes(b"".join(response.stream))
        return httpx.Response(response.status_code, headers=response.headers, stream=stream)


class _Bytes(httpx.AsyncByteStream):
    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for at in range(0, len(self._data), 65_536):
            yield self._data[at : at + 65_536]
