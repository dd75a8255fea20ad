"""The client against the simulated PBX, over a real socket."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
import stamina
from aiolimiter import AsyncLimiter

from vm_mcp.config import Settings
from vm_mcp.errors import (
    ConfigError,
    InputError,
    PbxAuthError,
    PbxError,
    PbxProtocolError,
    PbxRateLimitError,
    PbxUnavailableError,
    RecordingError,
    VoicemailNotFoundError,
)
from vm_mcp.models import VoicemailQuery
from vm_mcp.pbx import PbxClient, transport, voicemails
from vm_mcp.simulator import FaultName, Simulator, load_voices
from vm_mcp.simulator.faults import Target, steps_of

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
QUERY = VoicemailQuery(since=NOW - timedelta(days=30), until=NOW)
ATTEMPTS = 3
CAP = 2_000_000
MakeSimulator = Callable[..., Simulator]


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=ATTEMPTS):
        yield


@pytest.fixture
def pbx(make_simulator: MakeSimulator) -> Simulator:
    return make_simulator(clock=lambda: NOW)


@pytest.fixture
def written(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Return everything logged, at any level, and printed, except by the simulator's own server."""
    caplog.set_level(logging.DEBUG)

    def read() -> str:
        records = [record for record in caplog.records if not record.name.startswith("uvicorn")]
        return "".join([*(repr(vars(record)) + record.getMessage() for record in records), *capfd.readouterr()])

    return read


@asynccontextmanager
async def client_of(pbx: Simulator, key: str = "") -> AsyncIterator[PbxClient]:
    settings = Settings(_env_file=None, api_key=key or pbx.api_key, base_url=pbx.base_url)
    async with PbxClient(settings, max_recording_bytes=CAP, requests_per_second=1e6, clock=lambda: NOW) as client:
        yield client


async def test_messages_are_listed_newest_first_with_every_field(pbx: Simulator) -> None:
    async with client_of(pbx) as client:
        page = await client.voicemails.list(QUERY, 100)
    assert [voicemail.uuid for voicemail in page.voicemails] == [
        message.uuid for message in sorted(pbx.scenario.messages, key=lambda message: message.received_at, reverse=True)
    ]
    assert (page.total_count, page.next_query) == (len(pbx.scenario.messages), None)
    newest = page.voicemails[0]
    assert (newest.extension, newest.caller_id_name) == ("1001", "Mehmet Kaya")
    assert newest.received_at == max(message.received_at for message in pbx.scenario.messages)
    assert len(pbx.requests) == 1


@pytest.mark.parametrize("unread_stamp", ["null", "empty", "absent"])
async def test_status_and_extension_filter_however_an_unread_message_looks(
    make_simulator: MakeSimulator, unread_stamp: str
) -> None:
    pbx = make_simulator(clock=lambda: NOW, unread_stamp=unread_stamp)
    async with client_of(pbx) as client:
        unread = await client.voicemails.list(QUERY.model_copy(update={"status": "unread"}), 100)
        read = await client.voicemails.list(QUERY.model_copy(update={"status": "read"}), 100)
        one_box = await client.voicemails.list(QUERY.model_copy(update={"extension": "1003"}), 100)
    assert not any(voicemail.is_read for voicemail in unread.voicemails)
    assert all(voicemail.is_read and voicemail.read_at for voicemail in read.voicemails)
    assert len(unread.voicemails) + len(read.voicemails) == len(pbx.scenario.messages)
    assert {voicemail.extension for voicemail in one_box.voicemails} == {"1003"}


@pytest.mark.parametrize("order", ["newest", "oldest", "shuffled"])
async def test_a_year_of_a_busy_account_is_listed_in_full_in_any_order(
    make_simulator: MakeSimulator, order: str
) -> None:
    pbx = make_simulator("busy", clock=lambda: NOW, order=order, from_inclusive=False, to_inclusive=False)
    query: VoicemailQuery | None = VoicemailQuery(since=NOW - timedelta(days=366), until=NOW)
    listed = []
    async with client_of(pbx) as client:
        while query:
            page = await client.voicemails.list(query, 900)
            listed += [voicemail.uuid for voicemail in page.voicemails]
            query = page.next_query
            assert page.total_count == 2000
    assert len(listed) == len(set(listed)) == 2000


async def test_one_message_is_found_without_dates(pbx: Simulator) -> None:
    wanted = pbx.scenario.messages[-1]
    async with client_of(pbx) as client:
        voicemail = await client.voicemails.get(wanted.uuid)
        with pytest.raises(VoicemailNotFoundError, match="List the voicemails"):
            await client.voicemails.get("no-such-message")
    assert voicemail.uuid == wanted.uuid
    assert "start_stamp_from" not in pbx.requests[0].query


@pytest.mark.parametrize("days", [0, 30, 31, 62, 200, 365])
async def test_an_old_message_is_found_where_the_pbx_lists_only_recent_ones_unless_told_dates(
    make_simulator: MakeSimulator, days: int
) -> None:
    pbx = make_simulator(clock=lambda: NOW, no_dates="last_31_days")
    wanted = pbx.scenario.messages[0]
    wanted.received_at = NOW - timedelta(days=days)
    async with client_of(pbx) as client:
        assert (await client.voicemails.get(wanted.uuid)).uuid == wanted.uuid
    assert len(pbx.requests) <= 2 + days // 31
    assert {record.status for record in pbx.requests} == {200}


async def test_looking_for_a_message_that_does_not_exist_takes_one_request_for_each_window_of_a_year(
    pbx: Simulator,
) -> None:
    async with client_of(pbx) as client:
        with pytest.raises(VoicemailNotFoundError, match="366 days"):
            await client.voicemails.get("no-such-message")
    assert len(pbx.requests) == 13


async def test_a_pbx_too_slow_to_be_searched_is_not_taken_for_one_without_the_message(
    pbx: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voicemails, "LOOK_BACK_SECONDS", 0)
    async with client_of(pbx) as client:
        with pytest.raises(PbxUnavailableError, match="too slowly"):
            await client.voicemails.get("no-such-message")
    assert len(pbx.requests) == 1


@pytest.mark.parametrize("answer", [{"url_answer": "json"}, {"url_newline": True}, {"audio_content_type": "wrong"}])
async def test_a_recording_is_fetched_and_its_format_read_from_its_bytes(
    make_simulator: MakeSimulator, answer: dict[str, object]
) -> None:
    pbx = make_simulator(clock=lambda: NOW, **answer)
    message = next(message for message in pbx.scenario.messages if message.read_at is None)
    async with client_of(pbx) as client:
        recording = await client.voicemails.fetch_recording(message.uuid)
    assert recording.data == load_voices()[message.voice].read()
    assert (recording.mime_type, recording.suffix) in {("audio/wav", ".wav"), ("audio/mpeg", ".mp3")}
    assert message.read_at == NOW


async def test_the_key_goes_to_the_api_and_not_to_the_recordings_address(pbx: Simulator) -> None:
    async with client_of(pbx) as client:
        await client.voicemails.fetch_recording(pbx.scenario.messages[0].uuid)
    asked, downloaded = pbx.requests
    assert asked.form["key"] == pbx.api_key
    assert asked.query == {}
    assert pbx.api_key not in repr(downloaded)


async def test_a_link_says_when_it_expires_and_does_not_show_in_its_repr(pbx: Simulator) -> None:
    async with client_of(pbx) as client:
        link = await client.voicemails.recording_link(pbx.scenario.messages[0].uuid)
        assert pbx.api_key not in repr(vars(client))
    assert link.expires_at == NOW + timedelta(hours=1)
    assert link.url.startswith(pbx.base_url)
    assert link.url not in repr(link)


async def test_an_expired_link_is_asked_for_once_more(pbx: Simulator) -> None:
    pbx.faults.set("expired_url", "url", times=1)
    async with client_of(pbx) as client:
        assert (await client.voicemails.fetch_recording(pbx.scenario.messages[0].uuid)).size_bytes
        pbx.faults.set("expired_url", "url", times=2)
        with pytest.raises(RecordingError, match="refuses the recording's link"):
            await client.voicemails.fetch_recording(pbx.scenario.messages[0].uuid)
    assert len(pbx.requests) == 8


@pytest.mark.parametrize("uuid", ["", "..", "a/b", "a\\b", "a b", "a\nb", "x" * 129, "\u202e"])
async def test_an_unsafe_uuid_never_leaves_this_machine(pbx: Simulator, uuid: str) -> None:
    async with client_of(pbx) as client:
        for call in (client.voicemails.get, client.voicemails.recording_link, client.voicemails.fetch_recording):
            with pytest.raises(InputError, match="uuid"):
                await call(uuid)
    assert pbx.requests == []


BAD_ANSWERS: dict[FaultName, type[PbxError]] = {
    "http500": PbxUnavailableError,
    "http503": PbxUnavailableError,
    "http429": PbxRateLimitError,
    "html": PbxProtocolError,
    "not_json": PbxProtocolError,
    "trailing_comma": PbxProtocolError,
    "empty": PbxProtocolError,
    "wrong_shape": PbxProtocolError,
    "reset": PbxUnavailableError,
    "truncated": PbxUnavailableError,
    "slow": PbxUnavailableError,
    "huge": PbxProtocolError,
    "huge_declared": PbxProtocolError,
    "redirect_elsewhere": PbxProtocolError,
    "wrong_key": PbxAuthError,
    "not_audio": RecordingError,
    "expired_url": RecordingError,
}
AT_DOWNLOADS = {"html", "huge", "huge_declared", "redirect_elsewhere"}
RETRIED = {"http500", "http503", "http429", "reset", "truncated"}
STEPS: list[tuple[FaultName, Target]] = [
    (fault, step)
    for fault in BAD_ANSWERS
    for step in steps_of(fault)
    if (fault, step) != ("empty", "download")  # an empty recording
]


def use(client: PbxClient, step: Target, pbx: Simulator) -> Awaitable[object]:
    return (
        client.voicemails.list(QUERY, 5)
        if step == "list"
        else client.voicemails.fetch_recording(pbx.scenario.messages[0].uuid)
    )


@pytest.mark.parametrize(("fault", "step"), STEPS)
async def test_a_bad_answer_is_one_clear_error_without_the_key_and_the_client_goes_on(
    pbx: Simulator, fault: FaultName, step: Target, written: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if fault == "slow":
        monkeypatch.setattr(transport, "CALL_BUDGET", 0.4)
        monkeypatch.setattr(transport, "DOWNLOAD_BUDGET", 0.4)
    monkeypatch.setattr(transport, "MAX_ANSWER", CAP)
    pbx.faults.set(fault, step)
    expected = RecordingError if step == "download" and fault in AT_DOWNLOADS else BAD_ANSWERS[fault]
    async with client_of(pbx) as client:
        with pytest.raises(expected) as caught:
            await use(client, step, pbx)
        hit = sum(("/recording/" in request.path) == (step == "download") for request in pbx.requests)
        pbx.faults.clear()
        monkeypatch.undo()
        assert await use(client, step, pbx)
    assert hit == (ATTEMPTS if fault in RETRIED else 2 if fault == "expired_url" else 1)
    assert_safe(str(caught.value) + written(), pbx.api_key)
    assert_no_httpx_error_is_attached(caught.value)


@pytest.mark.parametrize("fault", sorted(RETRIED))
@pytest.mark.parametrize("step", ["list", "url", "download"])
async def test_a_transient_fault_is_retried_until_it_is_over(pbx: Simulator, fault: FaultName, step: Target) -> None:
    pbx.faults.set(fault, step, times=ATTEMPTS - 1)
    async with client_of(pbx) as client:
        if step == "list":
            assert (await client.voicemails.list(QUERY, 5)).voicemails
        else:
            assert (await client.voicemails.fetch_recording(pbx.scenario.messages[0].uuid)).data


@pytest.mark.parametrize("status", [400, 401])
async def test_a_wrong_key_is_distinguished_from_other_refusals_and_never_repeated(
    make_simulator: MakeSimulator, status: int, written: Callable[[], str]
) -> None:
    pbx = make_simulator(clock=lambda: NOW, auth_status=status)
    async with client_of(pbx, key="K-not-the-right-one") as client:
        with pytest.raises(PbxAuthError, match="VM_MCP_API_KEY") as caught:
            await client.voicemails.list(QUERY, 5)
    assert len(pbx.requests) == 1
    assert_safe(str(caught.value) + written(), "K-not-the-right-one")
    assert_no_httpx_error_is_attached(caught.value)


async def test_a_retry_after_that_does_not_fit_fails_at_once_and_says_when(make_simulator: MakeSimulator) -> None:
    pbx = make_simulator(clock=lambda: NOW, retry_after_seconds=3600)
    pbx.faults.set("http429")
    async with client_of(pbx) as client:
        with pytest.raises(PbxRateLimitError, match="3600 seconds"):
            await client.voicemails.list(QUERY, 5)
    assert len(pbx.requests) == 1


async def test_a_short_retry_after_is_honoured(make_simulator: MakeSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    pbx = make_simulator(clock=lambda: NOW, retry_after_seconds=7)
    waits = []
    real = stamina.retry_context

    def watched(backoff: Callable[[Exception], float], **options: float) -> object:
        def noted(error: Exception) -> float:
            waits.append(backoff(error))
            return waits[-1]

        return real(noted, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("vm_mcp.net.retries.stamina.retry_context", watched)
    pbx.faults.set("http429", times=1)
    async with client_of(pbx) as client:
        assert (await client.voicemails.list(QUERY, 5)).voicemails
    assert waits == [7.0]


async def test_a_list_that_takes_too_long_as_a_whole_is_given_up(
    pbx: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voicemails, "LIST_SECONDS", 0)
    monkeypatch.setattr(voicemails, "FETCH_SECONDS", 0)
    async with client_of(pbx) as client:
        with pytest.raises(PbxUnavailableError, match="too slowly"):
            await client.voicemails.list(QUERY, 5)
        with pytest.raises(PbxUnavailableError, match="too slowly"):
            await client.voicemails.fetch_recording(pbx.scenario.messages[0].uuid)


async def test_a_dead_pbx_is_reported(unused_port: int) -> None:
    settings = Settings(_env_file=None, api_key="K1", base_url=f"http://127.0.0.1:{unused_port}")
    async with PbxClient(settings) as client:
        with pytest.raises(PbxUnavailableError, match="Check the network"):
            await client.voicemails.list(QUERY, 5)


@pytest.fixture
def unused_port(make_simulator: MakeSimulator) -> int:
    """Return a port that a server has just left."""
    gone = make_simulator("empty")
    gone.stop()
    return int(gone.base_url.rpartition(":")[2])


async def test_the_client_keeps_to_the_vendors_rate(make_simulator: MakeSimulator) -> None:
    pbx = make_simulator("empty", clock=lambda: NOW, rate_limit=True)
    settings = Settings(_env_file=None, api_key=pbx.api_key, base_url=pbx.base_url)
    async with PbxClient(settings) as client:
        for _ in range(9):
            await client.voicemails.list(QUERY, 5)
        assert isinstance(client._transport._turns, AsyncLimiter)
        assert not client._transport._turns.has_capacity()
    assert [record.status for record in pbx.requests] == [200] * 9


@pytest.mark.parametrize("retry_after_seconds", [None, 1])
async def test_two_clients_of_one_account_that_ask_too_often_together_both_get_all_their_answers(
    make_simulator: MakeSimulator, monkeypatch: pytest.MonkeyPatch, retry_after_seconds: int | None
) -> None:
    now = [NOW]
    pbx = make_simulator(clock=lambda: now[0], rate_limit=True, retry_after_seconds=retry_after_seconds)
    first_backoff = 0.5
    real = stamina.retry_context

    def passing(backoff: Callable[[Exception], bool | float], **options: float) -> object:
        """Let the time that a client would wait pass at the PBX only."""

        def wait(error: Exception) -> bool | float:
            seconds = backoff(error)
            now[0] += timedelta(seconds=first_backoff if seconds is True else seconds)
            return seconds

        return real(wait, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("vm_mcp.net.retries.stamina.retry_context", passing)
    settings = Settings(_env_file=None, api_key=pbx.api_key, base_url=pbx.base_url)
    async with PbxClient(settings) as one, PbxClient(settings) as other:
        pages = await asyncio.gather(*(client.voicemails.list(QUERY, 5) for client in (one, other) * 6))
    assert [len(page.voicemails) for page in pages] == [5] * 12
    statuses = [record.status for record in pbx.requests]
    assert statuses.count(200) == 12
    assert statuses.count(429) >= 1


@pytest.mark.parametrize(
    ("key", "base_url", "words"),
    [
        (None, "https://pbx.example", "VM_MCP_API_KEY.*Santral Ayarlarım"),
        ("   ", "https://pbx.example", "VM_MCP_API_KEY"),
        ("K1", "https://xn--pbx-x.example", "no address of an API"),
        ("K1", "http://pbx.example", "plain http"),
        ("K1", "http://127.0.0.1.evil.example", "plain http"),
        ("K1", "http://192.168.1.5", "plain http"),
        ("K1", "pbx.example", "no address"),
        ("K1", "ftp://pbx.example", "no address"),
        ("K1", "https://", "no address"),
        ("K1", "https://me:secret@pbx.example", "no address"),
        ("K1", "https://pbx.example:x", "no address"),
    ],
)
async def test_a_missing_key_or_an_unsafe_address_is_refused_at_once(
    key: str | None, base_url: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        PbxClient(Settings(_env_file=None, api_key=key, base_url=base_url))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "base_url", ["http://127.0.0.1:1", "http://127.8.9.1:1", "http://[::1]:1", "http://localhost:1"]
)
async def test_plain_http_to_this_machine_is_allowed(base_url: str) -> None:
    async with PbxClient(Settings(_env_file=None, api_key="K1", base_url=base_url)):
        pass


def assert_safe(text: str, key: str) -> None:
    assert key not in text
    assert "/recording/" not in text
    assert "Traceback" not in text


def assert_no_httpx_error_is_attached(error: BaseException | None) -> None:
    while error:
        assert not type(error).__module__.startswith("http")
        error = error.__cause__ or error.__context__
