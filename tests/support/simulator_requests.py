"""Requests to a simulated PBX that use no code of the client, and a clock that a test sets."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import av
import httpx

from vm_mcp.simulator import RequestRecord, Simulator

NOON = datetime(2026, 3, 10, 9, 0, 0, tzinfo=UTC)
"""Noon in Turkey."""


class Clock:
    """A clock that stands still until it is advanced."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def ask(simulator: Simulator, **query: object) -> httpx.Response:
    """Request a list of messages, with the simulator's key unless another is given."""
    return ask_for(simulator, "/voicemail_messages", **query)


def ask_for(simulator: Simulator, path: str, **query: object) -> httpx.Response:
    """Request a list of anything, with the simulator's key unless another is given."""
    parameters = {"key": simulator.api_key, **{name: str(value) for name, value in query.items()}}
    return _request("GET", f"{simulator.base_url}{path}", params=parameters)


def voicemail_requests(simulator: Simulator) -> list[RequestRecord]:
    """Return the requests for voicemail, without those for call records, contacts and extensions."""
    return [record for record in simulator.requests if record.path not in {"/cdrs", "/contacts", "/extensions"}]


def listed(simulator: Simulator, **query: object) -> list[dict[str, Any]]:
    """Return the messages of one page."""
    answer = ask(simulator, **query)
    assert answer.status_code == 200, answer.text
    messages: list[dict[str, Any]] = answer.json()["messages"]
    return messages


def ask_url(simulator: Simulator, uuid: str, key: str | None = None) -> httpx.Response:
    """Request a recording's URL, as the vendor documents it."""
    form = {"key": simulator.api_key if key is None else key, "uuid": uuid}
    return _request("POST", f"{simulator.base_url}/voicemail_recording_url/", data=form)


def fetch(url: str) -> httpx.Response:
    """Download a recording."""
    return _request("GET", url)


def decoded_seconds(audio: bytes) -> float:
    """Return the length of a recording once it is decoded."""
    with av.open(BytesIO(audio), mode="r") as container:
        return float(sum(frame.samples for frame in container.decode(audio=0))) / 8000


def request_time(moment: datetime) -> str:
    """Write an aware datetime as the vendor expects it in a request."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _request(method: str, url: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - whatever httpx takes
    with httpx.Client(verify=False, trust_env=False, timeout=5) as client:  # noqa: S501 - plain http on loopback
        return client.request(method, url, **options)
