"""Call records, contacts and extensions as the vendor describes them, and every reading of what it leaves open."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.simulator_requests import NOON, Clock, ask, ask_for, request_time

from vm_mcp.simulator import Call, FaultName, Simulator, eight_spellings
from vm_mcp.simulator.faults import neighbour_steps_of

MakeSimulator = Callable[..., Simulator]
PATHS = {"cdrs": "/cdrs", "contacts": "/contacts", "extensions": "/extensions"}


def calls(simulator: Simulator, **query: object) -> dict[str, dict[str, Any]]:
    answer = ask_for(simulator, "/cdrs", limit=100, **query)
    assert answer.status_code == 200, answer.text
    return {call["call_uuid"]: call for call in answer.json()["cdrs"]}


def message(simulator: Simulator, voice: str) -> str:
    return next(message.uuid for message in simulator.scenario.messages if message.voice == voice)


@pytest.fixture
def pbx(make_simulator: MakeSimulator) -> Simulator:
    return make_simulator(clock=Clock())


def test_every_message_has_a_call_of_its_uuid_number_and_time(pbx: Simulator) -> None:
    listed = calls(pbx)
    for row in ask(pbx, limit=100).json()["messages"]:
        call = listed[row["uuid"]]
        assert (call["start_stamp"], call["caller_id_number"]) == (row["start_stamp"], row["caller_id_number"])
        assert call["destination_number"] == row["user_number"]


def test_a_call_looks_as_on_the_vendors_page(pbx: Simulator) -> None:
    returned = calls(pbx)[message(pbx, "en02_invoice")]
    assert returned == {
        "start_stamp": "2026-03-09 13:30:00 +0300",
        "direction": "Gelen",
        "caller_id_number": "00442079460958",
        "caller_id_name": "David Turner",
        "destination_number": "1002",
        "destination_name": "Burak Şen",
        "duration": "00:00:12",
        "talk_duration": "00:00:00",
        "queue_wait_seconds": "00:00:00",
        "queue": "",
        "result": "Cevapsız",
        "missed": "true",
        "return_uuid": returned["return_uuid"],
        "recording_present": "false",
        "sip_hangup_disposition": "caller",
        "call_uuid": returned["call_uuid"],
        "answer_stamp": "",
        "end_stamp": "2026-03-09 13:30:12 +0300",
    }
    back = calls(pbx)[returned["return_uuid"]]
    assert (back["direction"], back["result"], back["talk_duration"]) == ("Giden", "Cevaplandı", "00:03:34")
    assert (back["caller_id_number"], back["destination_number"]) == ("1002", "00442079460958")


def test_messages_are_returned_with_and_without_the_pbx_saying_so_tried_or_not_called(pbx: Simulator) -> None:
    listed = calls(pbx)
    unnamed, tried, nothing = (listed[message(pbx, voice)] for voice in ("tr05_klinik", "tr04_adres", "tr03_fatura"))
    assert {unnamed["return_uuid"], tried["return_uuid"], nothing["return_uuid"]} == {None}
    outbound = [call for call in listed.values() if call["direction"] == "Giden"]
    assert [call["result"] for call in outbound if call["destination_number"] == "02163456789"] == ["Cevaplandı"]
    assert {call["result"] for call in outbound if call["destination_number"] == "05559874321"} == {"Cevapsız"}
    assert not [call for call in outbound if call["destination_number"] == nothing["caller_id_number"]]


def test_there_are_missed_calls_without_a_message_and_a_reassigned_extension(pbx: Simulator) -> None:
    messages = {message.uuid for message in pbx.scenario.messages}
    listed = calls(pbx)
    missed = {uuid: call for uuid, call in calls(pbx, missed="true").items() if uuid not in messages}
    assert {call["caller_id_number"] for call in missed.values()} >= {"05332221100", "0000000000", "+266696687"}
    names = {call["caller_id_name"] for call in listed.values() if call["caller_id_number"] == "1002"}
    owners = {owner["number"]: owner["name"] for owner in ask_for(pbx, "/extensions").json()}
    assert names == {"Selin Ergin"}
    assert owners["1002"] == "Burak Şen"


def test_calls_that_left_a_message_may_count_as_answered_and_then_name_no_return(make_simulator: MakeSimulator) -> None:
    pbx = make_simulator(messages_are_missed=False, clock=Clock())
    call = calls(pbx)[message(pbx, "en02_invoice")]
    assert (call["missed"], call["result"], call["return_uuid"]) == ("false", "Cevaplandı", None)


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        ({"cdr_words": "english"}, {"direction": "outbound", "result": "NORMAL_CLEARING"}),
        ({"cdr_flags": "json"}, {"missed": False, "recording_present": False}),
        ({"no_return": "empty"}, {"return_uuid": ""}),
        ({"no_return": "absent"}, {"return_uuid": "no such field"}),
        ({"own_number": "line"}, {"caller_id_number": "908503020020", "caller_id_name": "Selin Ergin"}),
    ],
    ids=str,
)
def test_what_the_vendors_pages_leave_open_is_as_the_scenario_says(
    make_simulator: MakeSimulator, reading: dict[str, Any], expected: dict[str, object]
) -> None:
    pbx = make_simulator(clock=Clock(), **reading)
    back = next(call for call in calls(pbx).values() if call["destination_number"] == "00442079460958")
    assert {name: back.get(name, "no such field") for name in expected} == expected


def test_filters_and_a_range_narrow_the_calls(make_simulator: MakeSimulator) -> None:
    pbx = make_simulator(clock=Clock(), cdr_rate_limit=False)
    listed = calls(pbx)
    assert len(listed) == len(pbx.scenario.all_calls())
    words = {"inbound": {"Gelen"}, "outbound": {"Giden", "Giden (IVR)"}, "internal": {"Santral içi"}}
    for direction, expected in words.items():
        assert {call["direction"] for call in calls(pbx, direction=direction).values()} == expected
    assert {call["queue"] for call in calls(pbx, queue="201").values()} == {"201"}
    assert set(calls(pbx, caller_id_number="02125557788")) == {"answered-1"}
    hour = {"start_stamp_from": request_time(NOON - timedelta(hours=1)), "start_stamp_to": request_time(NOON)}
    assert set(calls(pbx, **hour)) == {message(pbx, "tr02_geri_ara"), "missed-0.9"}


@pytest.mark.parametrize("query", [{"direction": "in"}, {"missed": "no"}, {"limit": 9}, {"uuid": "x"}], ids=str)
def test_unusable_parameters_of_calls_are_refused(pbx: Simulator, query: dict[str, object]) -> None:
    assert ask_for(pbx, "/cdrs", **query).status_code == 400


def test_contacts_hold_all_that_the_vendor_knows_of_people(pbx: Simulator) -> None:
    body = ask_for(pbx, "/contacts", limit=10).json()
    kaya = body["contacts"][0]
    assert body["pagination"] == {"page": 1, "total_count": 9, "total_pages": 1, "limit": 10}
    assert (kaya["name"], kaya["surname"], kaya["phone"]) == ("Mehmet", "Kaya", "+90 (532) 417-28-93")
    assert {"tckn", "birthday", "email", "note1", "monthly_sms_message"} <= set(kaya)
    assert ask_for(pbx, "/contacts", limit=10, page=2).json()["contacts"] == []


def test_an_extension_alone_holds_a_password_which_the_list_does_not(make_simulator: MakeSimulator) -> None:
    pbx = make_simulator(extensions_answer="object")
    assert ask_for(pbx, "/extensions/1001").json()["password"]
    assert "password" not in ask_for(pbx, "/extensions").text
    assert set(ask_for(pbx, "/extensions").json()) == {"extensions"}


def test_six_requests_for_calls_are_answered_in_any_minute_and_others_count_apart(
    make_simulator: MakeSimulator,
) -> None:
    clock = Clock()
    pbx = make_simulator(clock=clock)
    assert [ask_for(pbx, "/cdrs").status_code for _ in range(7)] == [200] * 6 + [429]
    refused = ask_for(pbx, "/cdrs")
    assert (refused.text, refused.headers["content-type"]) == ("Too Many Requests", "text/plain; charset=utf-8")
    assert {ask(pbx).status_code, ask_for(pbx, "/contacts").status_code, ask_for(pbx, "/extensions").status_code} == {
        200
    }
    clock.advance(seconds=59)
    assert ask_for(pbx, "/cdrs").status_code == 429
    clock.advance(seconds=1)
    assert ask_for(pbx, "/cdrs").status_code == 200


def test_the_shared_limit_may_count_every_request(make_simulator: MakeSimulator) -> None:
    apart = make_simulator(clock=Clock(), rate_limit=True)
    together = make_simulator(clock=Clock(), rate_limit=True, rate_limit_counts="all")
    for pbx, expected in ((apart, 200), (together, 429)):
        assert {ask_for(pbx, "/contacts").status_code for _ in range(10)} == {200}
        assert ask(pbx).status_code == expected


@pytest.mark.parametrize("step", PATHS)
@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_key_may_have_no_right_to_one_of_them(make_simulator: MakeSimulator, step: str, status: int) -> None:
    pbx = make_simulator(forbidden_status=status)
    pbx.faults.set("forbidden", step)  # type: ignore[arg-type]
    assert (ask_for(pbx, PATHS[step]).status_code, ask(pbx).status_code) == (status, 200)


@pytest.mark.parametrize("name", ["http500", "http429", "html", "not_json", "trailing_comma", "empty", "wrong_shape"])
def test_a_fault_of_any_list_comes_at_each_of_them(simulator: Simulator, name: FaultName) -> None:
    assert neighbour_steps_of(name) == tuple(PATHS)
    simulator.faults.set(name)
    for path in PATHS.values():
        answer = ask_for(simulator, path)
        assert answer.status_code in {500, 429} or name in {"html", "empty", "wrong_shape"} or not _is_json(answer.text)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return False
    return True


def test_half_a_page_is_sent_while_the_pagination_counts_whole_ones(simulator: Simulator) -> None:
    simulator.faults.set("half_page", "cdrs")
    first, fourth = (ask_for(simulator, "/cdrs", limit=20, page=page).json() for page in (1, 4))
    assert (len(first["cdrs"]), first["pagination"]["total_pages"]) == (10, 2)
    assert fourth["cdrs"]


def test_a_message_may_be_called_back_while_it_runs(pbx: Simulator) -> None:
    uuid = message(pbx, "tr01_randevu")
    tried = pbx.scenario.call_back(uuid, NOON, talk_seconds=None)
    assert calls(pbx)[uuid]["return_uuid"] is None
    back = pbx.scenario.call_back(uuid, NOON + timedelta(minutes=1), extension="1003", number="05427310648")
    listed = calls(pbx)
    assert listed[uuid]["return_uuid"] == back.uuid
    assert (listed[tried.uuid]["result"], listed[back.uuid]["caller_id_name"]) == ("Cevapsız", "Deniz Koç")


def test_slips_reach_the_wire_and_a_call_may_take_the_place_of_a_messages(pbx: Simulator) -> None:
    own = next(call for call in pbx.scenario.all_calls() if call.uuid == message(pbx, "tr01_randevu"))
    slip = replace(own, overrides={"end_stamp": "017-08-03 12:30:52 +030", "missed": 1}, omit=frozenset({"queue"}))
    pbx.scenario.calls.append(slip)
    shown = calls(pbx)[own.uuid]
    assert (shown["end_stamp"], shown["missed"]) == ("017-08-03 12:30:52 +030", 1)
    assert "queue" not in shown
    assert len(calls(pbx)) == len(pbx.scenario.messages) + len(pbx.scenario.calls) - 1
    assert isinstance(own, Call)


def test_a_number_is_written_in_eight_ways() -> None:
    assert len(set(eight_spellings("5324172893"))) == 8
