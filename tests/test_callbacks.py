"""What call records show: called back, tried, not called, or nothing that can be known."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.call_records import CallRecord
from vm_mcp.callbacks import Callback, CallHistory, MissedCaller, call_history, callback_of, missed_callers

NOON = datetime(2026, 3, 10, 9, tzinfo=UTC)
DAY = timedelta(days=1)
KAYA, KAYA_ABROAD = "05324172893", "00905324172893"


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def call(uuid: str, minutes: float | None, **fields: Any) -> CallRecord:  # noqa: ANN401 - any field
    return CallRecord(call_uuid=uuid, started_at=None if minutes is None else at(minutes), **fields)


def outbound(uuid: str, minutes: float, to: str = KAYA_ABROAD, talk: int = 95, **fields: Any) -> CallRecord:  # noqa: ANN401 - any field
    given = {
        "direction": "outbound", "caller_id_number": "1002", "caller_id_name": "Elif", "destination_number": to,
        "result": "answered" if talk else "no_answer", "talk_seconds": talk,
    }  # fmt: skip
    return call(uuid, minutes, **(given | fields))


def inbound(uuid: str, minutes: float | None, number: str = KAYA, **fields: Any) -> CallRecord:  # noqa: ANN401 - any field
    given = {
        "direction": "inbound", "caller_id_number": number, "destination_number": "908501234567",
        "result": "no_answer", "is_missed": True,
    }  # fmt: skip
    return call(uuid, minutes, **(given | fields))


def history(*records: CallRecord, messages: tuple[str, ...] = ()) -> CallHistory:
    return call_history(records, NOON - DAY, NOON + DAY, messages)


def after(*records: CallRecord, number: str = KAYA, minutes: float | None = 0) -> Callback:
    """Return what the records show of a message that was left at noon."""
    received_at = None if minutes is None else at(minutes)
    return callback_of(history(*records, messages=("m",)), "m", number, received_at)


def test_a_later_answered_call_to_the_number_is_a_callback_with_when_by_whom_and_how_long() -> None:
    found = after(inbound("m", 0), outbound("c", 30))
    assert found == Callback(
        state="called_back", at=at(30), extension="1002", extension_name="Elif", talk_seconds=95, via="later_call",
        call_uuid="c",
    )  # fmt: skip


@pytest.mark.parametrize("own", [{"is_missed": True}, {"is_missed": False}, {"is_missed": None}], ids=str)
def test_a_callback_is_found_whether_or_not_the_pbx_counts_the_message_as_missed(own: dict[str, Any]) -> None:
    assert after(inbound("m", 0, result="answered", **own), outbound("c", 30)).state == "called_back"


def test_the_call_that_the_pbx_names_is_the_callback_even_to_another_number() -> None:
    found = after(inbound("m", 0, return_uuid="C2"), outbound("c1", 10), outbound("c2", 20, to="03121112233"))
    assert (found.state, found.via, found.at, found.call_uuid) == ("called_back", "return_uuid", at(20), "c2")


def test_a_callback_whose_record_was_not_read_is_one_without_details() -> None:
    found = after(inbound("m", 0, return_uuid="elsewhere"))
    assert found == Callback(state="called_back", via="return_uuid", call_uuid="elsewhere")


def test_a_callback_that_nobody_answered_is_a_try_even_if_the_pbx_names_it() -> None:
    found = after(inbound("m", 0, return_uuid="c"), outbound("c", 15, talk=0))
    assert (found.state, found.at, found.tries, found.talk_seconds) == ("tried", at(15), 1, None)
    elsewhere = after(inbound("m", 0, return_uuid="c"), outbound("c", 15, to="03121112233", talk=0))
    assert (elsewhere.state, elsewhere.tries, elsewhere.via) == ("tried", 1, "return_uuid")


def test_the_last_try_counts_and_all_are_counted_up_to_the_callback() -> None:
    tries = (outbound("t2", 20, talk=0), outbound("t1", 10, talk=0))
    assert (after(*tries).state, after(*tries).at, after(*tries).tries) == ("tried", at(20), 2)
    found = after(*tries, outbound("c", 30), outbound("t3", 40, talk=0), outbound("c2", 50))
    assert (found.state, found.call_uuid, found.tries) == ("called_back", "c", 2)


def test_calls_before_a_message_return_none_that_came_after() -> None:
    assert after(outbound("c", -1), outbound("same second", 0)).state == "not_called"


def test_two_messages_of_one_caller_are_each_returned_by_what_came_after() -> None:
    records = history(outbound("c", 30), messages=("m", "n"))
    assert callback_of(records, "m", KAYA, at(0)).state == "called_back"
    assert callback_of(records, "n", KAYA_ABROAD, at(60)).state == "not_called"


@pytest.mark.parametrize(
    "odd",
    [
        {"direction": "campaign"},
        {"direction": "inbound"},
        {"direction": "unknown"},
        {"result": "busy"},
        {"result": "other", "talk_seconds": None},
        {"result": "answered", "talk_seconds": 0},
        {"result": "no_answer", "talk_seconds": 12},
        {"destination_number": "05324172894"},
    ],
    ids=str,
)
def test_what_may_be_no_callback_is_none(odd: dict[str, Any]) -> None:
    assert after(outbound("c", 30, **odd)).state != "called_back"


@pytest.mark.parametrize(
    "odd", [{"result": "other"}, {"talk_seconds": None}, {"result": "other", "talk_seconds": None}]
)
def test_one_unreadable_field_hides_no_callback(odd: dict[str, Any]) -> None:
    assert after(outbound("c", 30, answered_at=at(30.2), **odd)).state == "called_back"


def test_a_call_without_a_start_is_placed_by_the_next_time_that_is_known() -> None:
    assert after(outbound("c", 30).model_copy(update={"started_at": None, "answered_at": at(31)})).at == at(31)


def test_a_colleague_inside_is_called_back_by_an_internal_call_that_leaves_no_message() -> None:
    back = outbound("c", 30, to="1001", direction="internal")
    assert after(back, number="1001").state == "called_back"
    left_one = callback_of(history(back, messages=("m", "c")), "m", "1001", at(0))
    assert (left_one.state, left_one.tries) == ("tried", 1)


@pytest.mark.parametrize("number", ["", "0", "0000000000", "anonymous", "+266696687", "+7378742833"])
def test_a_withheld_number_is_never_matched(number: str) -> None:
    found = after(inbound("m", 0, number), outbound("c", 30, to=number), number=number)
    assert (found.state, found.reason) == ("unknown", "withheld")
    by_pbx = after(inbound("m", 0, number, return_uuid="c"), outbound("c", 30), number=number)
    assert by_pbx.state == "called_back"


def test_what_records_can_not_show_is_unknown_and_says_why() -> None:
    assert callback_of(None, "m", KAYA, at(0)) == Callback(state="unknown", reason="no_records")
    assert after(minutes=None).reason == "no_time"
    assert after(minutes=-60 * 25).reason == "out_of_range"
    assert after(minutes=60 * 25).reason == "out_of_range"
    assert after(minutes=-60 * 24) == after(minutes=0) == Callback(state="not_called")
    assert after(outbound("c", 30), minutes=-60 * 25).state == "called_back"
    assert after(inbound("m", 0), outbound("c", 30), minutes=None).state == "called_back"


def test_a_caller_who_rang_again_and_was_answered_is_told_apart_from_a_callback() -> None:
    again = inbound("again", 20, KAYA_ABROAD, is_missed=False, result="answered", talk_seconds=60)
    found = after(inbound("m", 0), again)
    assert (found.state, found.rang_again_at) == ("not_called", at(20))
    left = callback_of(history(again, messages=("m", "again")), "m", KAYA, at(0))
    assert left.rang_again_at is None


def missed(*records: CallRecord, messages: tuple[str, ...] = (), **bounds: datetime) -> tuple[MissedCaller, ...]:
    return missed_callers(history(*records, messages=messages), **bounds)


def test_missed_calls_are_grouped_by_caller_in_any_spelling_the_latest_first() -> None:
    found = missed(
        inbound("a", 0, KAYA, caller_id_name="Mehmet", destination_number="1001"),
        inbound("b", 5, "03121112233", queue="201"),
        inbound("c", 9, KAYA_ABROAD, destination_number="1002"),
    )
    assert [(caller.calls, caller.first_at, caller.last_at) for caller in found] == [
        (2, at(0), at(9)),
        (1, at(5), at(5)),
    ]
    assert (found[0].caller_id_number, found[0].caller_id_name) == (KAYA_ABROAD, "Mehmet")
    assert (found[0].extensions, found[1].extensions, found[1].queues) == (("1001", "1002"), (), ("201",))
    assert found[0].call_uuids == ("c", "a")
    assert found[0].callback == Callback(state="not_called")


def test_a_missed_call_is_returned_by_what_came_after_the_last_one() -> None:
    early, late, back = inbound("a", 0), inbound("b", 20), outbound("c", 10)
    assert missed(early, back)[0].callback.state == "called_back"
    assert missed(early, back, late)[0].callback.state == "not_called"
    assert missed(early, inbound("b", 20, return_uuid="x"))[0].callback.state == "called_back"


def test_a_call_that_left_a_message_or_was_answered_or_went_out_is_no_missed_call() -> None:
    records = (
        inbound("MESSAGE", 0), inbound("b", 1, is_missed=False), inbound("c", 2, is_missed=None, result="answered"),
        outbound("d", 3, is_missed=True), inbound("e", 4, direction="internal"),
    )  # fmt: skip
    assert missed(*records, messages=("message",)) == ()
    assert [caller.call_uuids for caller in missed(inbound("f", 5, is_missed=None))] == [("f",)]


def test_each_missed_call_from_a_withheld_number_is_a_caller_of_its_own() -> None:
    found = missed(*(inbound(f"w{n}", n, number) for n, number in enumerate(["", "", "0", "anonymous", "+266696687"])))
    assert [caller.calls for caller in found] == [1] * 5
    assert {caller.callback.reason for caller in found} == {"withheld"}


def test_missed_calls_are_cut_to_a_range_and_one_without_a_time_is_kept() -> None:
    found = missed(
        inbound("a", 0), inbound("b", 10), inbound("c", 20), outbound("back", 30), inbound("d", None, "02121112233"),
        since=at(5), until=at(15),
    )  # fmt: skip
    assert [caller.call_uuids for caller in found] == [("b",), ("d",)]
    assert found[0].callback.state == "called_back"
    assert (found[1].first_at, found[1].callback.reason) == (None, "no_time")


numbers = st.sampled_from([KAYA, KAYA_ABROAD, "+90 532 417 28 93", "03121112233", "1001", "", "0", "anonymous"])
records = st.builds(
    CallRecord,
    call_uuid=st.sampled_from([f"u{n}" for n in range(12)]),
    direction=st.sampled_from(["inbound", "outbound", "campaign", "internal", "unknown"]),
    started_at=st.none() | st.integers(-2000, 2000).map(at),
    caller_id_number=numbers,
    destination_number=numbers,
    talk_seconds=st.none() | st.integers(0, 90),
    result=st.sampled_from(["answered", "no_answer", "other"]),
    is_missed=st.none() | st.booleans(),
    return_uuid=st.sampled_from(["", "u1", "u2", "gone"]),
)


@given(st.lists(records, max_size=25), numbers, st.none() | st.integers(-2000, 2000).map(at))
def test_a_callback_is_claimed_only_on_the_evidence_of_a_record(
    calls: list[CallRecord], number: str, received_at: datetime | None
) -> None:
    found = callback_of(history(*calls), "u0", number, received_at)
    by_uuid = {record.call_uuid: record for record in calls}
    own = by_uuid.get("u0")
    named = own.return_uuid if own else ""
    if found.state == "called_back":
        back = by_uuid.get(found.call_uuid)
        assert back.is_answered if back else found.call_uuid == named
        if found.via == "later_call":
            assert back
            assert back.is_placed_here
            assert back.at
            assert received_at is None or back.at > received_at
    assert (found.state == "unknown") == bool(found.reason)
    assert found.tries or found.state != "tried"


@given(st.lists(records, max_size=25, unique_by=lambda record: record.call_uuid), st.randoms(use_true_random=False))
def test_every_missed_call_is_in_one_group_in_whatever_order_records_come(calls: list[CallRecord], chance: Any) -> None:  # noqa: ANN401 - hypothesis' own type
    found = missed_callers(history(*calls, messages=("u3", "u4")))
    listed = Counter(uuid for caller in found for uuid in caller.call_uuids)
    assert set(listed.values()) <= {1}
    assert sum(caller.calls for caller in found) == listed.total()
    assert not listed.keys() & {"u3", "u4"}
    shuffled = list(calls)
    chance.shuffle(shuffled)
    assert missed_callers(history(*shuffled, messages=("u3", "u4"))) == found
