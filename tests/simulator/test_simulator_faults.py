import json
from collections.abc import Callable

import httpx
import pytest
from support.simulator_requests import ask, ask_url, fetch, listed

from vm_mcp.simulator import FAULT_NAMES, Fault, FaultName, Simulator
from vm_mcp.simulator.faults import Step, steps_of

MakeSimulator = Callable[..., Simulator]

REQUESTS: dict[Step, Callable[[Simulator], httpx.Response]] = {
    "list": ask,
    "url": lambda simulator: ask_url(simulator, simulator.scenario.messages[0].uuid),
    "download": lambda simulator: fetch(_url(simulator)),
}
EVERYWHERE = pytest.mark.parametrize("step", REQUESTS)


def _url(simulator: Simulator) -> str:
    return ask_url(simulator, simulator.scenario.messages[0].uuid).text


@EVERYWHERE
@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_failing_status_comes_at_each_step(make_simulator: MakeSimulator, step: Step, status: int) -> None:
    simulator = make_simulator(retry_after_seconds=3)
    simulator.faults.set(f"http{status}", step)  # type: ignore[arg-type]

    answer = REQUESTS[step](simulator)

    assert answer.status_code == status
    assert answer.headers.get("retry-after") == (None if status == 500 else "3")


@EVERYWHERE
def test_html_comes_with_200(simulator: Simulator, step: Step) -> None:
    simulator.faults.set("html", step)

    answer = REQUESTS[step](simulator)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


@EVERYWHERE
def test_the_body_is_empty(simulator: Simulator, step: Step) -> None:
    simulator.faults.set("empty", step)

    answer = REQUESTS[step](simulator)

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("name", ["not_json", "trailing_comma"])
def test_a_listing_is_not_json(simulator: Simulator, name: FaultName) -> None:
    simulator.faults.set(name, "list")

    answer = ask(simulator)

    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize("step", ["list", "url"])
def test_the_json_has_another_shape(simulator: Simulator, step: Step) -> None:
    simulator.faults.set("wrong_shape", step)

    assert REQUESTS[step](simulator).json() == {"result": "ok", "items": []}


@EVERYWHERE
def test_the_connection_breaks_before_an_answer(simulator: Simulator, step: Step) -> None:
    simulator.faults.set("reset", step, times=1)

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        REQUESTS[step](simulator)
    assert simulator.requests[-1].status is None
    assert REQUESTS[step](simulator).status_code == 200


@EVERYWHERE
def test_the_body_is_cut_short(simulator: Simulator, step: Step) -> None:
    simulator.faults.set("truncated", step)

    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection without sending complete message"):
        REQUESTS[step](simulator)


@EVERYWHERE
def test_no_answer_comes_however_long_the_client_waits(simulator: Simulator, step: Step) -> None:
    url = {"list": "/voicemail_messages", "url": "/voicemail_recording_url", "download": "/recording/R1"}[step]
    simulator.faults.set("slow", step)

    with pytest.raises(httpx.ReadTimeout):
        httpx.request("POST" if step == "url" else "GET", simulator.base_url + url, timeout=0.05, trust_env=False)


def test_a_recording_is_text(simulator: Simulator) -> None:
    simulator.faults.set("not_audio", "download")

    assert fetch(_url(simulator)).content.isascii()


@EVERYWHERE
def test_a_huge_body_comes_without_a_declared_length(make_simulator: MakeSimulator, step: Step) -> None:
    simulator = make_simulator(huge_bytes=3_000_000)
    simulator.faults.set("huge", step)

    answer = REQUESTS[step](simulator)

    assert "content-length" not in answer.headers
    assert len(answer.content) == 3_000_000


def test_a_client_may_leave_when_a_huge_length_is_declared(simulator: Simulator) -> None:
    url = _url(simulator)
    simulator.faults.set("huge_declared", "download", times=1)

    with httpx.stream("GET", url, trust_env=False) as answer:
        declared = int(answer.headers["content-length"])

    assert declared == 10**12
    assert fetch(url).status_code == 200


def test_the_url_has_expired_when_it_comes(simulator: Simulator) -> None:
    simulator.faults.set("expired_url", "url", times=1)

    assert fetch(_url(simulator)).status_code == 404
    assert fetch(_url(simulator)).status_code == 200


def test_the_url_has_expired_when_it_is_used(simulator: Simulator) -> None:
    simulator.faults.set("expired_url", "download", times=1)
    url = _url(simulator)

    assert [fetch(url).status_code, fetch(url).status_code] == [404, 200]


@EVERYWHERE
def test_an_answer_redirects_elsewhere(make_simulator: MakeSimulator, step: Step) -> None:
    simulator = make_simulator(redirect_to="http://127.0.0.2:9/metadata")
    simulator.faults.set("redirect_elsewhere", step)

    answer = REQUESTS[step](simulator)

    assert (answer.status_code, answer.headers["location"]) == (302, "http://127.0.0.2:9/metadata")


@pytest.mark.parametrize("step", ["list", "url"])
def test_the_right_key_is_refused(simulator: Simulator, step: Step) -> None:
    simulator.faults.set("wrong_key", step)

    answer = REQUESTS[step](simulator)

    assert (answer.status_code, answer.text) == (400, f"Gecersiz anahtar: {simulator.api_key}")


def test_a_fault_hits_as_many_requests_as_it_was_set_for(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(faults=(Fault("http500", "list", times=2), Fault("html", times=1)))

    answers = [ask(simulator) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [500, 500, 200, 200]
    assert answers[2].headers["content-type"].startswith("text/html")
    assert answers[3].json()["messages"]


def test_faults_can_be_cleared(simulator: Simulator) -> None:
    simulator.faults.set("http503")
    down = ask(simulator).status_code
    simulator.faults.clear()

    assert (down, ask(simulator).status_code) == (503, 200)


@pytest.mark.parametrize("name", [name for name in FAULT_NAMES if "list" not in steps_of(name)])
def test_a_fault_of_recordings_leaves_the_listing_alone(simulator: Simulator, name: FaultName) -> None:
    simulator.faults.set(name)

    assert len(listed(simulator)) == 10


def test_an_unknown_fault_or_an_impossible_target_is_refused(simulator: Simulator) -> None:
    with pytest.raises(ValueError, match="no fault is called 'flood'"):
        simulator.faults.set("flood")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="can't happen at 'list'"):
        simulator.faults.set("not_audio", "list")
