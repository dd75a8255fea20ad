import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from support.simulator_requests import NOON, Clock, ask, listed, request_time

from vm_mcp.simulator import Message, Simulator

MakeSimulator = Callable[..., Simulator]


def test_a_listing_has_the_documented_shape(simulator: Simulator) -> None:
    body = ask(simulator).json()

    assert body["pagination"] == {"page": 1, "total_count": 13, "total_pages": 2, "limit": 10}
    assert len(body["messages"]) == 10
    fields = {"start_stamp", "read_stamp", "user_number", "uuid", "caller_id_number", "caller_id_name", "duration"}
    for message in body["messages"]:
        assert set(message) == fields
        assert all(isinstance(value, str) for value in message.values())


def test_timestamps_are_turkish_time_and_durations_are_those_of_the_recordings(make_simulator: MakeSimulator) -> None:
    newest = listed(make_simulator(clock=Clock()))[0]

    assert newest["start_stamp"] == "2026-03-10 11:36:00 +0300"
    assert newest["duration"] == "00:00:13"
    assert newest["caller_id_name"] == "Mehmet Kaya"


def test_pages_follow_each_other_and_one_beyond_the_last_is_empty(simulator: Simulator) -> None:
    first, second, beyond = (ask(simulator, page=page).json() for page in (1, 2, 7))

    assert len({m["uuid"] for m in [*first["messages"], *second["messages"]]}) == 13
    assert beyond["messages"] == []
    assert beyond["pagination"] == {"page": 7, "total_count": 13, "total_pages": 2, "limit": 10}


def test_an_empty_account_lists_nothing(make_simulator: MakeSimulator) -> None:
    body = ask(make_simulator("empty")).json()

    assert body == {"messages": [], "pagination": {"page": 1, "total_count": 0, "total_pages": 0, "limit": 10}}


def test_a_busy_account_spreads_two_thousand_messages_over_51_days(make_simulator: MakeSimulator) -> None:
    busy = make_simulator("busy", clock=Clock())

    assert ask(busy, limit=100).json()["pagination"]["total_pages"] == 20
    oldest = min(message.received_at for message in busy.scenario.messages)
    assert timedelta(days=50) < NOON - oldest <= timedelta(days=51)
    assert len({message.uuid for message in busy.scenario.messages}) == 2000


def test_filters_narrow_the_list(simulator: Simulator) -> None:
    messages = listed(simulator, limit=100)

    assert listed(simulator, limit=100, read="false") == [m for m in messages if not m["read_stamp"]]
    assert listed(simulator, limit=100, read="true") == [m for m in messages if m["read_stamp"]]
    assert listed(simulator, user_number="1002") == [m for m in messages if m["user_number"] == "1002"]
    assert listed(simulator, uuid=messages[3]["uuid"]) == [messages[3]]
    assert {m["user_number"] for m in messages} == {"1001", "1002", "1003"}


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        ({}, "abc"),
        ({"from_inclusive": False}, "bc"),
        ({"to_inclusive": False}, "ab"),
        ({"from_inclusive": False, "to_inclusive": False}, "b"),
    ],
)
def test_bounds_are_read_as_the_scenario_says(
    make_simulator: MakeSimulator, reading: dict[str, bool], expected: str
) -> None:
    messages = [_message(name, minutes) for minutes, name in enumerate("abc")]
    simulator = make_simulator(messages=messages, order="oldest", **reading)

    found = listed(
        simulator, start_stamp_from=request_time(NOON), start_stamp_to=request_time(NOON + timedelta(minutes=2))
    )

    assert "".join(m["uuid"] for m in found) == expected


@pytest.mark.parametrize(("order", "expected"), [("oldest", "abcdef"), ("newest", "fedcba")])
def test_order_is_as_the_scenario_says(make_simulator: MakeSimulator, order: str, expected: str) -> None:
    simulator = make_simulator(messages=[_message(name, minutes) for minutes, name in enumerate("abcdef")], order=order)

    assert "".join(m["uuid"] for m in listed(simulator)) == expected


def test_a_shuffled_order_is_no_order_but_always_the_same(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator("busy", order="shuffled")

    timestamps = [m["start_stamp"] for m in listed(simulator, limit=100)]

    assert timestamps not in (sorted(timestamps), sorted(timestamps, reverse=True))
    assert timestamps == [m["start_stamp"] for m in listed(simulator, limit=100)]


def test_without_dates_a_pbx_may_list_only_the_last_31_days(make_simulator: MakeSimulator) -> None:
    messages = [_message("old", -32 * 24 * 60), _message("new", -30 * 24 * 60)]

    assert len(listed(make_simulator(messages=messages))) == 2
    recent = make_simulator(messages=messages, no_dates="last_31_days", clock=Clock())
    assert [m["uuid"] for m in listed(recent)] == ["new"]


def test_one_bound_alone_is_read_as_the_scenario_says(make_simulator: MakeSimulator) -> None:
    messages = [_message("far", 40 * 24 * 60), _message("near", 24 * 60), _message("past", -40 * 24 * 60)]
    readings = {name: make_simulator(messages=messages, lone_bound=name) for name in ("open", "window", "reject")}

    assert _uuids(readings["open"], start_stamp_from=request_time(NOON)) == {"far", "near"}
    assert _uuids(readings["window"], start_stamp_from=request_time(NOON)) == {"near"}
    assert _uuids(readings["open"], start_stamp_to=request_time(NOON)) == {"past"}
    assert _uuids(readings["window"], start_stamp_to=request_time(NOON)) == set()
    assert ask(readings["reject"], start_stamp_to=request_time(NOON)).status_code == 400


@pytest.mark.parametrize(("form", "expected"), [("null", None), ("empty", ""), ("absent", "no such field")])
def test_an_unread_message_looks_as_the_scenario_says(make_simulator: MakeSimulator, form: str, expected: str) -> None:
    simulator = make_simulator(unread_stamp=form)

    assert listed(simulator)[0].get("read_stamp", "no such field") == expected


def test_odd_and_extra_fields_reach_the_wire(make_simulator: MakeSimulator) -> None:
    odd = _message("odd", 0)
    odd.overrides = {"start_stamp": "017-08-03 12:30:32 +030", "duration": "00:0:35", "caller_id_name": None}
    odd.omit = frozenset({"user_number"})
    simulator = make_simulator(messages=[odd], extra_fields={"transcript_id": 7})

    assert listed(simulator) == [
        {
            "start_stamp": "017-08-03 12:30:32 +030",
            "read_stamp": "",
            "uuid": "odd",
            "caller_id_number": "05321112233",
            "caller_id_name": None,
            "duration": "00:0:35",
            "transcript_id": 7,
        }
    ]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 9},
        {"limit": 101},
        {"limit": "ten"},
        {"limit": -10},
        {"page": 0},
        {"page": "1.5"},
        {"read": "yes"},
        {"read": ""},
        {"status": "unread"},
        {"start_stamp_from": "2026-03-10"},
        {"start_stamp_from": "2026-03-10T09:00:00Z"},
        {"start_stamp_from": "2026-03-10 09:00:00 +0300"},
        {"start_stamp_from": "2026-02-30 09:00:00 UTC"},
        {"start_stamp_from": "2026-03-10 09:00:00 UTC", "start_stamp_to": "2026-03-09 09:00:00 UTC"},
        {"start_stamp_from": "2026-01-01 00:00:00 UTC", "start_stamp_to": "2026-02-01 00:00:01 UTC"},
    ],
    ids=str,
)
def test_unusable_parameters_are_refused_in_plain_text(simulator: Simulator, query: dict[str, object]) -> None:
    answer = ask(simulator, **query)

    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/plain")
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_range_of_31_days_is_accepted(simulator: Simulator) -> None:
    answer = ask(simulator, start_stamp_from="2026-01-01 00:00:00 UTC", start_stamp_to="2026-02-01 00:00:00 UTC")

    assert answer.status_code == 200


@pytest.mark.parametrize("status", [400, 401])
def test_a_wrong_key_is_repeated_in_the_refusal(make_simulator: MakeSimulator, status: int) -> None:
    answer = ask(make_simulator(auth_status=status), key="K-wrong")

    assert (answer.status_code, answer.text) == (status, "Gecersiz anahtar: K-wrong")


def test_the_rate_limit_lets_ten_through_and_then_two_a_second(make_simulator: MakeSimulator) -> None:
    clock = Clock()
    simulator = make_simulator(clock=clock, rate_limit=True, retry_after_seconds=1)

    statuses = [ask(simulator).status_code for _ in range(11)]
    refused = ask(simulator)
    clock.advance(seconds=1)
    later = [ask(simulator).status_code for _ in range(3)]

    assert statuses == [200] * 10 + [429]
    assert (refused.text, refused.headers["retry-after"]) == ("Too Many Requests", "1")
    assert later == [200, 200, 429]


def _message(uuid: str, minutes_after_noon: float) -> Message:
    return Message(
        uuid=uuid,
        user_number="1001",
        caller_id_number="05321112233",
        caller_id_name="Deniz",
        received_at=NOON + timedelta(minutes=minutes_after_noon),
        voice="sil1_noise",
    )


def _uuids(simulator: Simulator, **query: object) -> set[str]:
    return {m["uuid"] for m in listed(simulator, **query)}
