"""Call records, over the simulated PBX: whatever it sends is read, and its six requests a minute are kept."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stamina
from conftest import MakeSimulator

from vm_mcp.call_records import CallRecord
from vm_mcp.callbacks import call_history, callback_of, missed_callers
from vm_mcp.config import Settings
from vm_mcp.errors import (
    InputError,
    PbxError,
    PbxForbiddenError,
    PbxProtocolError,
    PbxRateLimitError,
    PbxUnavailableError,
)
from vm_mcp.models import PageQuery, VoicemailQuery
from vm_mcp.pbx import PbxClient, transport
from vm_mcp.simulator import Call, FaultName, Simulator
from vm_mcp.simulator.faults import neighbour_steps_of

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
QUERY = PageQuery(since=NOW - timedelta(days=30), until=NOW)


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
def pbx(make_simulator: MakeSimulator) -> Simulator:
    return make_simulator(clock=lambda: NOW)


@asynccontextmanager
async def client_of(pbx: Simulator, **options: Any) -> AsyncIterator[PbxClient]:  # noqa: ANN401 - any option
    settings = Settings(_env_file=None, api_key=pbx.api_key, base_url=pbx.base_url)
    async with PbxClient(settings, requests_per_second=1e6, clock=lambda: NOW, **options) as client:
        yield client


async def listed(pbx: Simulator, limit: int = 500) -> dict[str, CallRecord]:
    async with client_of(pbx) as client:
        page = await client.calls.list(QUERY, limit)
    assert page.next_query is None
    assert list(page.records) == sorted(page.records, key=newest_first)
    return {record.call_uuid: record for record in page.records}


def newest_first(record: CallRecord) -> float:
    assert record.started_at
    return -record.started_at.timestamp()


def states(pbx: Simulator, records: dict[str, CallRecord]) -> dict[str, str]:
    """Return what the records show of each message, by its voice."""
    uuids = [message.uuid for message in pbx.scenario.messages]
    history = call_history(records.values(), QUERY.since, QUERY.until, uuids)
    return {
        message.voice: callback_of(history, message.uuid, message.caller_id_number or "", message.received_at).state
        for message in pbx.scenario.messages
    }


READINGS: list[dict[str, Any]] = [
    {},
    {"messages_are_missed": False},
    {"cdr_words": "english"},
    {"cdr_flags": "json"},
    {"no_return": "empty"},
    {"no_return": "absent"},
    {"own_number": "line"},
    {"order": "oldest"},
    {"order": "shuffled"},
]


@pytest.mark.parametrize("reading", READINGS, ids=str)
async def test_whom_somebody_called_back_is_the_same_in_every_reading_of_the_vendor(
    make_simulator: MakeSimulator, reading: dict[str, Any]
) -> None:
    pbx = make_simulator(clock=lambda: NOW, **reading)
    if reading.get("cdr_words") == "english":  # which have none for a campaign, so that it can't be told from a call
        pbx.scenario.calls[:] = [call for call in pbx.scenario.calls if call.direction != "ivr"]
    shown = states(pbx, await listed(pbx))
    by_state = {state: {voice for voice, own in shown.items() if own == state} for state in shown.values()}
    called_back = {"en02_invoice", "tr05_klinik", "mix1_hold20s", "music1_hold", "enh1_librivox"}
    assert by_state.pop("called_back") == called_back
    assert by_state.pop("tried") == {"tr04_adres"}
    assert by_state.pop("unknown") == {"sil1_noise"}
    assert by_state == {
        "not_called": {"tr02_geri_ara", "tr01_randevu", "tr06_ariza", "en01_callback", "tr03_fatura", "en03_dentist"}
    }


async def test_calls_missed_without_a_message_are_told_by_caller(pbx: Simulator) -> None:
    uuids = [message.uuid for message in pbx.scenario.messages]
    history = call_history((await listed(pbx)).values(), QUERY.since, QUERY.until, uuids)
    found = missed_callers(history)
    assert [(caller.caller_id_number, caller.calls, caller.callback.state) for caller in found] == [
        ("05332221100", 3, "not_called"),
        ("", 1, "unknown"),
        ("05448887766", 1, "called_back"),
        ("", 1, "unknown"),
        ("03124440182", 1, "not_called"),
    ]


async def test_who_called_back_and_how_long_they_talked_is_read(pbx: Simulator) -> None:
    records = await listed(pbx)
    uuid = next(message.uuid for message in pbx.scenario.messages if message.voice == "enh1_librivox")
    back = records[records[uuid].return_uuid]
    assert (back.direction, back.result, back.talk_seconds, back.extension) == ("outbound", "answered", 340, "1002")
    assert back.extension_name == "Selin Ergin"
    assert back.started_at == NOW - timedelta(hours=76)
    assert records["ivr-1"].is_placed_here is (records["ivr-1"].direction == "outbound")


SLIPS: list[dict[str, object]] = [
    {"start_stamp": "017-08-03 12:30:32 +0300"},
    {"answer_stamp": "2026-11-23 09:00:00 +030", "talk_duration": "00:0:35"},
    {"end_stamp": None, "direction": 7, "result": "Bilinmeyen bir sonuç", "queue": {}},
    {"missed": "belki", "return_uuid": "../../etc", "caller_id_number": [], "duration": "x"},
]


@pytest.mark.parametrize("slip", SLIPS, ids=str)
async def test_a_bad_field_costs_that_field_and_neither_the_row_nor_the_page(
    pbx: Simulator, slip: dict[str, object]
) -> None:
    pbx.scenario.calls.append(Call("odd", "outbound", NOW - timedelta(hours=5), "1001", overrides=slip))
    async with client_of(pbx) as client:
        records = {record.call_uuid: record for record in (await client.calls.list(QUERY, 500)).records}
    assert set(records) == {call.uuid for call in pbx.scenario.all_calls()}
    assert records["odd"].return_uuid == ""


async def test_a_range_over_31_days_is_read_in_windows(make_simulator: MakeSimulator) -> None:
    pbx = make_simulator("busy", clock=lambda: NOW)
    query = PageQuery(since=NOW - timedelta(days=60), until=NOW)
    del pbx.scenario.messages[100:], pbx.scenario.calls[200:]
    pbx.scenario.order = "oldest"
    async with client_of(pbx) as client:
        page = await client.calls.list(query, 1000)
    assert {record.call_uuid for record in page.records} == {call.uuid for call in pbx.scenario.all_calls()}
    assert page.next_query is None
    assert len(pbx.requests) <= 6


async def test_the_limit_of_a_minute_ends_a_page_early_and_the_next_begins_there(make_simulator: MakeSimulator) -> None:
    pbx = make_simulator("busy", clock=lambda: NOW)
    del pbx.scenario.messages[400:], pbx.scenario.calls[800:]
    query: PageQuery | None = PageQuery(since=NOW - timedelta(days=60), until=NOW)
    found: list[str] = []
    minutes = 0
    while query:
        pbx._account._asked_for_cdrs.clear()
        async with client_of(pbx) as client:
            page = await client.calls.list(query, 10_000)
            assert len(page.records) >= 500 or not page.next_query
        found += [record.call_uuid for record in page.records]
        query = page.next_query
        minutes += 1
    assert len(found) == len(set(found)) == len(pbx.scenario.all_calls()) == 1200
    assert 2 < minutes < 6
    assert {request.status for request in pbx.requests} == {200}


async def test_a_seventh_request_is_refused_here_at_once_and_never_sent(pbx: Simulator) -> None:
    async with client_of(pbx) as client:
        for _ in range(6):
            assert (await client.calls.list(QUERY, 100)).records
        with pytest.raises(PbxRateLimitError, match=r"Try again in \d\d seconds"):
            await client.calls.list(QUERY, 100)
        assert (await client.voicemails.list(VoicemailQuery(since=QUERY.since, until=QUERY.until), 5)).voicemails
    assert [request.status for request in pbx.requests] == [200] * 7


@pytest.mark.parametrize("retry_after", [None, 30])
async def test_a_429_is_not_retried_but_told_and_listing_messages_goes_on(
    make_simulator: MakeSimulator, retry_after: int | None
) -> None:
    pbx = make_simulator(clock=lambda: NOW, retry_after_seconds=retry_after)
    pbx.faults.set("http429", "cdrs")
    async with client_of(pbx) as client:
        with pytest.raises(PbxRateLimitError, match="in 30 seconds" if retry_after else "in a minute"):
            await client.calls.list(QUERY, 100)
        assert (await client.voicemails.list(VoicemailQuery(since=QUERY.since, until=QUERY.until), 5)).voicemails
    assert len(pbx.requests) == 2


async def test_what_was_read_before_a_429_is_kept(make_simulator: MakeSimulator) -> None:
    pbx = make_simulator("busy", clock=lambda: NOW)
    # Another program of the account spends four of the six requests.
    pbx._account._asked_for_cdrs[pbx.api_key] = [NOW] * 4
    async with client_of(pbx) as client:
        page = await client.calls.list(QUERY, 1000)
    assert 190 <= len(page.records) <= 200
    assert page.next_query
    assert page.next_query.after


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_key_without_the_right_is_told_so_and_voicemail_goes_on(
    make_simulator: MakeSimulator, status: int
) -> None:
    pbx = make_simulator(clock=lambda: NOW, forbidden_status=status)
    pbx.faults.set("forbidden")
    async with client_of(pbx) as client:
        with pytest.raises(PbxForbiddenError, match=r"call records.*give the key access"):
            await client.calls.list(QUERY, 100)
        with pytest.raises(PbxForbiddenError, match="contacts"):
            await client.contacts.list()
        with pytest.raises(PbxForbiddenError, match="extensions"):
            await client.extensions.list()
        assert (await client.voicemails.list(VoicemailQuery(since=QUERY.since, until=QUERY.until), 5)).voicemails
    assert len(pbx.requests) == 4


@pytest.mark.parametrize("order", ["newest", "oldest", "shuffled"])
async def test_rows_beyond_half_a_page_are_read_whatever_its_pagination_says(
    make_simulator: MakeSimulator, order: str
) -> None:
    pbx = make_simulator("busy", clock=lambda: NOW, order=order)
    pbx.scenario.calls[:] = [call for call in pbx.scenario.calls if call.started_at > NOW - timedelta(days=30)][:180]
    del pbx.scenario.messages[:]
    pbx.faults.set("half_page", "cdrs")
    records = await listed(pbx)
    assert set(records) == {call.uuid for call in pbx.scenario.calls}


BAD_ANSWERS: dict[FaultName, type[PbxError]] = {
    "http500": PbxUnavailableError,
    "http429": PbxRateLimitError,
    "html": PbxProtocolError,
    "not_json": PbxProtocolError,
    "trailing_comma": PbxProtocolError,
    "empty": PbxProtocolError,
    "wrong_shape": PbxProtocolError,
    "reset": PbxUnavailableError,
    "truncated": PbxUnavailableError,
    "slow": PbxUnavailableError,
    "huge_declared": PbxProtocolError,
    "redirect_elsewhere": PbxProtocolError,
    "wrong_key": PbxForbiddenError,
    "forbidden": PbxForbiddenError,
}


@pytest.mark.parametrize("fault", BAD_ANSWERS)
async def test_a_bad_answer_is_a_clear_error_without_the_key_and_never_an_empty_list(
    make_simulator: MakeSimulator, fault: FaultName, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    if fault == "slow":
        monkeypatch.setattr(transport, "CALL_BUDGET", 0.1)
    pbx = make_simulator(clock=lambda: NOW)
    steps = neighbour_steps_of(fault)
    assert len(steps) == 3
    for step in steps:
        pbx.faults.set(fault, step)
    async with client_of(pbx) as client:
        uses: list[Callable[[], Any]] = [
            lambda: client.calls.list(QUERY, 10), client.contacts.list, client.extensions.list,
        ]  # fmt: skip
        for use in uses:
            with pytest.raises(BAD_ANSWERS[fault]) as caught:
                await use()
            assert pbx.api_key not in str(caught.value)
            assert len(str(caught.value).split()) > 8
        pbx.faults.clear()
        for use in uses:
            assert await use()
    records = [record for record in caplog.records if not record.name.startswith("uvicorn")]
    assert pbx.api_key not in "".join(record.getMessage() + repr(vars(record)) for record in records)


async def test_an_unusable_range_or_limit_asks_for_nothing(pbx: Simulator) -> None:
    async with client_of(pbx) as client:
        for query, limit in (
            (QUERY, 0),
            (PageQuery(since=NOW, until=NOW - timedelta(days=1)), 5),
            (PageQuery(since=NOW - timedelta(days=400), until=NOW), 5),
        ):
            with pytest.raises(InputError):
                await client.calls.list(query, limit)
    assert pbx.requests == []
