import re
from collections.abc import Callable

import httpx
import pytest
from support.simulator_requests import Clock, ask_url, decoded_seconds, fetch, listed

from vm_mcp.simulator import Simulator, load_voices

MakeSimulator = Callable[..., Simulator]


def _first_uuid(simulator: Simulator) -> str:
    return str(listed(simulator, read="false")[0]["uuid"])


def test_a_recording_takes_two_steps_and_the_second_needs_no_key(simulator: Simulator) -> None:
    answer = ask_url(simulator, _first_uuid(simulator))
    audio = fetch(answer.text)

    assert answer.headers["content-type"].startswith("text/plain")
    assert re.fullmatch(rf"{re.escape(simulator.base_url)}/recording/R[0-9a-f-]{{36}}", answer.text)
    assert audio.content == load_voices()["tr02_geri_ara"].read()
    assert audio.headers["content-type"] == "audio/x-wav"


def test_the_community_sdks_form_is_accepted_without_a_slash_and_with_a_query(simulator: Simulator) -> None:
    query = {"key": simulator.api_key, "uuid": _first_uuid(simulator)}
    answer = httpx.post(f"{simulator.base_url}/voicemail_recording_url", params=query, trust_env=False)

    assert fetch(answer.text).status_code == 200


def test_an_unknown_uuid_is_named_in_the_refusal(simulator: Simulator) -> None:
    answer = ask_url(simulator, "651f8a68-782e-11g7")

    assert (answer.status_code, answer.text) == (400, "cannot find voicemail with uuid 651f8a68-782e-11g7")


def test_a_wrong_key_gets_no_url_and_marks_nothing(simulator: Simulator) -> None:
    uuid = _first_uuid(simulator)

    answer = ask_url(simulator, uuid, key="K-wrong")

    assert (answer.status_code, answer.text) == (400, "Gecersiz anahtar: K-wrong")
    assert listed(simulator, uuid=uuid)[0]["read_stamp"] == ""


def test_missing_and_unknown_parameters_are_refused(simulator: Simulator) -> None:
    url = f"{simulator.base_url}/voicemail_recording_url/"
    forms: list[dict[str, str]] = [{}, {"uuid": ""}, {"uuid": _first_uuid(simulator), "format": "mp3"}]

    answers = [httpx.post(url, data={"key": simulator.api_key, **form}, trust_env=False) for form in forms]

    assert [answer.status_code for answer in answers] == [400, 400, 400]


def test_asking_for_the_url_marks_the_message_read_once(make_simulator: MakeSimulator) -> None:
    clock = Clock()
    simulator = make_simulator(clock=clock)
    uuid = _first_uuid(simulator)

    ask_url(simulator, uuid)
    clock.advance(seconds=60)
    ask_url(simulator, uuid)

    assert listed(simulator, uuid=uuid)[0]["read_stamp"] == "2026-03-10 12:00:00 +0300"


def test_the_download_may_be_what_marks_a_message_as_read(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(marks_read_at="download")
    uuid = _first_uuid(simulator)

    url = ask_url(simulator, uuid).text
    before = listed(simulator, uuid=uuid)[0]["read_stamp"]
    fetch(url)

    assert before == ""
    assert listed(simulator, uuid=uuid)[0]["read_stamp"] != ""


@pytest.mark.parametrize("status", [404, 410])
def test_a_url_works_for_an_hour(make_simulator: MakeSimulator, status: int) -> None:
    clock = Clock()
    simulator = make_simulator(clock=clock, expired_status=status)
    url = ask_url(simulator, _first_uuid(simulator)).text

    clock.advance(seconds=3599)
    in_time = fetch(url)
    clock.advance(seconds=1)
    too_late = fetch(url)

    assert in_time.status_code == 200
    assert too_late.status_code == status
    assert too_late.headers["content-type"].startswith("text/html")


def test_a_made_up_url_is_not_found(simulator: Simulator) -> None:
    assert fetch(f"{simulator.base_url}/recording/R1").status_code == 404


def test_the_url_may_come_as_json_or_with_a_newline(make_simulator: MakeSimulator) -> None:
    as_json = make_simulator(url_answer="json")
    with_newline = make_simulator(url_newline=True)

    assert fetch(ask_url(as_json, _first_uuid(as_json)).json()["url"]).status_code == 200
    assert ask_url(with_newline, _first_uuid(with_newline)).text.endswith("\n")


@pytest.mark.parametrize(
    ("option", "expected"),
    [("octet-stream", "application/octet-stream"), ("wrong", "text/html; charset=utf-8"), ("none", None)],
)
def test_the_audio_type_may_mislead(make_simulator: MakeSimulator, option: str, expected: str | None) -> None:
    simulator = make_simulator(audio_content_type=option)

    audio = fetch(ask_url(simulator, _first_uuid(simulator)).text)

    assert audio.headers.get("content-type") == expected


@pytest.mark.parametrize("name", sorted(load_voices()))
def test_every_shipped_voice_decodes_to_its_stated_length(name: str) -> None:
    voice = load_voices()[name]

    assert decoded_seconds(voice.read()) == pytest.approx(voice.seconds, abs=0.01)
    assert bool(voice.text) == bool(voice.language)
    assert voice.origin


def test_the_shipped_voices_stay_small() -> None:
    assert sum(len(voice.read()) for voice in load_voices().values()) < 1.3e6
