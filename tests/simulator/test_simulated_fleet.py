import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

import httpx
import pytest
from support.simulator_requests import NOON, Clock, decoded_seconds

from vm_mcp.simulator import Scenario, SimulatedFleet, fleet, tone, tone_text


class _Caller:
    """Asks as one account."""

    def __init__(self, running: SimulatedFleet, name: str) -> None:
        self._key = running.scenarios[name].api_key
        self._base_url = running.base_url

    def ask(self) -> httpx.Response:
        return self._request("GET", "/voicemail_messages", params={"key": self._key, "limit": 100})

    def uuids(self) -> list[str]:
        return [message["uuid"] for message in self.ask().json()["messages"]]

    def link(self, uuid: str) -> httpx.Response:
        return self._request("POST", "/voicemail_recording_url/", data={"key": self._key, "uuid": uuid})

    def download(self, uuid: str) -> bytes:
        return self._request("GET", self.link(uuid).text.removeprefix(self._base_url)).content

    def _request(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - whatever httpx takes
        return httpx.request(method, f"{self._base_url}{path}", trust_env=False, **options)


def test_each_account_has_its_own_messages_and_no_others() -> None:
    with SimulatedFleet(fleet(3, 4, NOON)) as running:
        listed = {name: _Caller(running, name).uuids() for name in running.scenarios}
        stolen = _Caller(running, "account-0001").link(listed["account-0002"][0])

    assert [len(uuids) for uuids in listed.values()] == [4, 4, 4]
    assert len({uuid for uuids in listed.values() for uuid in uuids}) == 12
    assert stolen.status_code == 400
    assert running.counts()["account-0002"].links == {}


def test_a_key_of_nobody_is_refused() -> None:
    with SimulatedFleet(fleet(2, 1, NOON)) as running:
        refused = httpx.get(f"{running.base_url}/voicemail_messages", params={"key": "K-nobody"}, trust_env=False)

    assert (refused.status_code, refused.text) == (400, "Gecersiz anahtar: K-nobody")


def test_each_message_has_a_recording_of_its_own_whose_text_a_scripted_engine_knows() -> None:
    with SimulatedFleet(fleet(2, 3, NOON)) as running:
        recordings = {
            uuid: caller.download(uuid)
            for caller in (_Caller(running, name) for name in running.scenarios)
            for uuid in caller.uuids()
        }

    texts = {uuid: tone_text(recording) for uuid, recording in recordings.items()}
    assert len(set(texts.values())) == 6
    assert texts == {uuid: tone_text(tone(uuid).read()) for uuid in texts}
    assert all(text.replace(" ", "").isalpha() for text in texts.values())
    assert {decoded_seconds(recording) for recording in recordings.values()} == {1.0}


def test_one_account_that_asks_too_fast_slows_no_other() -> None:
    with SimulatedFleet(fleet(2, 1, NOON), clock=Clock()) as running:
        hasty, calm = (_Caller(running, name) for name in running.scenarios)
        statuses = [hasty.ask().status_code for _ in range(12)]
        calm_status = calm.ask().status_code

    assert statuses == [200] * 10 + [429] * 2
    assert calm_status == 200
    assert [counts.too_many for counts in running.counts().values()] == [2, 0]


def test_it_tells_when_each_recording_was_asked_for() -> None:
    clock = Clock()
    with SimulatedFleet(fleet(2, 2, NOON, rate_limit=False), clock=clock) as running:
        caller = _Caller(running, "account-0001")
        first, second = caller.uuids()
        caller.download(first)
        clock.advance(seconds=60)
        caller.download(first)
        caller.link(second)
        counts = running.counts()

    assert counts["account-0001"].links == {first: (NOON, clock()), second: (clock(),)}
    assert counts["account-0001"].downloads == {first: 2}
    assert counts["account-0001"].answers == {"list": 1, "url": 3, "download": 2}
    assert counts["account-0002"].answers == {}


def test_it_keeps_an_accounts_latest_requests_alone() -> None:
    with SimulatedFleet(fleet(2, 1, NOON, rate_limit=False)) as running:
        caller = _Caller(running, "account-0001")
        for _ in range(30):
            caller.ask()
        caller.link("nobody")

    kept = running.requests("account-0001")
    assert len(kept) == 10
    assert kept[-1].form["uuid"] == "nobody"
    assert running.requests("account-0002") == []


def test_messages_arrive_at_an_even_rate_spread_over_the_accounts() -> None:
    clock = Clock()
    with SimulatedFleet(fleet(2, 3, NOON, arriving=timedelta(seconds=60)), clock=clock) as running:
        callers = [_Caller(running, name) for name in running.scenarios]
        seen = []
        for _ in range(7):
            seen.append(tuple(len(caller.uuids()) for caller in callers))
            clock.advance(seconds=10)

    assert seen == [(1, 0), (1, 1), (2, 1), (2, 2), (3, 2), (3, 3), (3, 3)]


def test_a_message_that_has_not_arrived_has_no_recording() -> None:
    clock = Clock()
    with SimulatedFleet(fleet(1, 2, NOON, arriving=timedelta(seconds=60)), clock=clock) as running:
        coming = running.scenarios["account-0001"].arrivals[1].uuid
        caller = _Caller(running, "account-0001")
        early = caller.link(coming)
        clock.advance(seconds=30)
        late = caller.link(coming)

    assert (early.status_code, late.status_code) == (400, 200)


def test_accounts_with_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="a key of its own"):
        SimulatedFleet({"one": Scenario(), "two": Scenario()})
    with pytest.raises(ValueError, match="at least one"):
        SimulatedFleet({})


@pytest.mark.skipif(sys.platform == "win32", reason="a process's memory is told by `resource`, which Windows lacks")
def test_a_thousand_accounts_with_fifty_messages_take_little_memory_and_answer_at_once() -> None:
    code = """
import json, resource, time
from datetime import UTC, datetime
import httpx
from vm_mcp.simulator import SimulatedFleet, fleet

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1024 if __import__("sys").platform != "darwin" else 1)

running = SimulatedFleet(fleet(1, 1, datetime.now(UTC)))
with running, httpx.Client(base_url=running.base_url, trust_env=False) as client:
    client.get("/voicemail_messages", params={"key": running.scenarios["account-0001"].api_key})
before = peak()
running = SimulatedFleet(fleet(1000, 50, datetime.now(UTC)))
with running, httpx.Client(base_url=running.base_url, trust_env=False) as client:
    slowest = 0.0
    for number in (1, 500, 1000):
        query = {"key": running.scenarios[f"account-{number:04}"].api_key, "limit": "100"}
        started = time.process_time()
        assert client.get("/voicemail_messages", params=query).json()["pagination"]["total_count"] == 50
        slowest = max(slowest, time.process_time() - started)
print(json.dumps({"bytes": peak() - before, "slowest": slowest}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    figures: dict[str, Any] = json.loads(done.stdout)
    assert figures["bytes"] < 100e6
    assert figures["slowest"] < 0.1
