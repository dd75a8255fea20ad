"""Calls that impatient hosts cancel: what goes on, what stops, and what the next call gets."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from conftest import MakeSettings, MakeSimulator
from support.scripted_transcriber import ScriptedTranscriber

from vm_mcp.archive import Lease
from vm_mcp.archive.sqlite import SqliteArchive
from vm_mcp.inbox import Inbox, ListRequest, Transcription
from vm_mcp.inbox.transcript_maker import PREFETCHED
from vm_mcp.models import Transcript, TranscriptKey, Voicemail
from vm_mcp.simulator import Simulator

pytestmark = pytest.mark.anyio

MakeInbox = Callable[..., Inbox]
Calling = asyncio.Task[list[Transcription]]


@pytest.fixture
async def make_inbox(
    simulator: Simulator, settings_for: MakeSettings, transcriber: ScriptedTranscriber
) -> AsyncIterator[MakeInbox]:
    inboxes: list[Inbox] = []

    def make(of: Simulator = simulator, **options: Any) -> Inbox:  # noqa: ANN401 - any of Inbox's
        inboxes.append(Inbox(settings_for(of), transcriber, **options))
        return inboxes[-1]

    yield make
    for inbox in inboxes:
        await inbox.aclose()


class Held:
    """A PBX that can be held in the middle of a response: its clock blocks."""

    def __init__(self) -> None:
        self._is_free = threading.Event()
        self._is_free.set()
        self._is_waiting = threading.Event()

    def clock(self) -> datetime:
        if not self._is_free.is_set():
            self._is_waiting.set()
            self._is_free.wait(10)
        return datetime.now(UTC)

    @asynccontextmanager
    async def at_its_next_answer(self) -> AsyncIterator[Callable[[], Any]]:
        """Hold it until the block ends; yields a function to await until it was asked."""
        self._is_waiting.clear()
        self._is_free.clear()
        try:
            yield lambda: asyncio.to_thread(self._is_waiting.wait, 10)
        finally:
            self._is_free.set()


def uuids_of(simulator: Simulator, count: int) -> list[str]:
    return [message.uuid for message in simulator.scenario.messages[:count]]


def asked_for(simulator: Simulator) -> list[str]:
    """Return the uuids of the recordings the PBX was asked for, once per request."""
    return [record.form["uuid"] for record in simulator.requests if record.method == "POST"]


def call(inbox: Inbox, uuids: list[str], **options: Any) -> Calling:  # noqa: ANN401 - any of transcribe's
    return asyncio.ensure_future(inbox.transcribing.transcribe(uuids, **options))


async def cancel(calling: Calling) -> None:
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have as many messages opened as if the engine had already worked."""
    monkeypatch.setattr("vm_mcp.inbox.opening.UNPROVEN", PREFETCHED)


def statuses(entries: list[Transcription]) -> set[str]:
    return {f"{entry.status} {entry.error}".strip() for entry in entries}


@pytest.mark.usefixtures("trusted")
async def test_a_repeated_call_after_cancelled_ones_gets_everything_and_nothing_is_done_twice(
    make_inbox: MakeInbox, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    inbox, uuids = make_inbox(), uuids_of(simulator, 8)
    await inbox.list_voicemails(ListRequest())
    waits = asyncio.Event()

    async def on_progress(_done: float, _total: int) -> None:
        waits.set()

    transcriber.gate.clear()
    for _ in range(3):
        calling = call(inbox, uuids, on_progress=on_progress)
        await asyncio.wait_for(waits.wait(), 10)
        waits.clear()
        await transcriber.arrived(8 - len(transcriber.heard))
        await cancel(calling)
    again = call(inbox, uuids)
    transcriber.gate.set()
    assert statuses(await again) == {"done"}
    assert sorted(asked_for(simulator)) == sorted(uuids)
    assert len(transcriber.heard) == 8


async def test_a_retrieved_message_is_finished_without_a_caller_and_returned_at_once_later(
    make_inbox: MakeInbox, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    inbox, [uuid] = make_inbox(), uuids_of(simulator, 1)
    transcriber.gate.clear()
    calling = call(inbox, [uuid])
    await transcriber.arrived(1)
    await cancel(calling)
    transcriber.gate.set()
    async with asyncio.timeout(10):
        while (await inbox.history.look_up([uuid]))[0].status == "missing":
            pass
    assert statuses(await inbox.transcribing.transcribe([uuid], wait_seconds=0)) == {"done"}
    assert len(transcriber.heard) == 1


@pytest.mark.usefixtures("trusted")
async def test_a_call_cancelled_during_the_rate_limit_retrieves_no_further_recording(
    make_inbox: MakeInbox, make_simulator: MakeSimulator, transcriber: ScriptedTranscriber
) -> None:
    simulator = make_simulator()
    inbox, uuids = make_inbox(simulator), uuids_of(simulator, 13)
    await inbox.list_voicemails(ListRequest())
    transcriber.gate.clear()
    calling = call(inbox, uuids)
    await transcriber.arrived(8)  # the burst is nine requests, and the list took one
    await cancel(calling)
    transcriber.gate.set()
    await inbox.transcribing.transcribe(asked_for(simulator))
    opened = await (await inbox.account.archive()).retrievals(uuids)
    assert set(opened) < set(uuids), "queued messages count as retrieved"
    await inbox.transcribing.transcribe(opened)
    assert sorted(asked_for(simulator)) == sorted(opened)
    unread = {message.uuid for message in simulator.scenario.messages if message.read_at is None}
    assert unread.isdisjoint(opened)


async def test_queued_messages_are_dropped_and_started_again_by_the_next_call(
    make_inbox: MakeInbox, simulator: Simulator, transcriber: ScriptedTranscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vm_mcp.inbox.transcript_maker.PREFETCHED", 2)
    inbox, uuids = make_inbox(), uuids_of(simulator, 5)
    await inbox.list_voicemails(ListRequest())
    transcriber.gate.clear()
    calling = call(inbox, uuids)
    await transcriber.arrived(2)
    await cancel(calling)
    again = call(inbox, uuids[:2])
    transcriber.gate.set()
    assert statuses(await again) == {"done"}
    assert asked_for(simulator) == uuids[:2]
    assert statuses(await inbox.transcribing.transcribe(uuids)) == {"done"}
    assert asked_for(simulator) == uuids


async def test_a_call_cancelled_during_the_model_download_retrieves_nothing_and_the_next_one_works(
    make_inbox: MakeInbox, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    inbox, uuids = make_inbox(), uuids_of(simulator, 3)
    transcriber.waiting_for = "The model is being downloaded."
    transcriber.gate.clear()
    calling = call(inbox, uuids)
    await transcriber.arrived(3)
    await cancel(calling)
    again = call(inbox, uuids)
    assert asked_for(simulator) == []
    transcriber.gate.set()
    assert statuses(await again) == {"done"}
    assert sorted(asked_for(simulator)) == sorted(uuids)


async def test_a_call_cancelled_during_the_lookup_retrieves_nothing_and_the_next_one_works(
    make_inbox: MakeInbox, make_simulator: MakeSimulator
) -> None:
    pbx = Held()
    simulator = make_simulator(clock=pbx.clock)
    inbox, uuids = make_inbox(simulator), uuids_of(simulator, 1)
    async with pbx.at_its_next_answer() as asked:
        calling = call(inbox, uuids)
        await asked()
        await cancel(calling)
    assert asked_for(simulator) == []
    assert statuses(await inbox.transcribing.transcribe(uuids)) == {"done"}
    assert asked_for(simulator) == uuids


@pytest.mark.parametrize("grace_seconds", [0, 60])
async def test_a_download_that_began_is_finished_and_not_repeated(
    make_inbox: MakeInbox, make_simulator: MakeSimulator, grace_seconds: float
) -> None:
    pbx = Held()
    simulator = make_simulator(clock=pbx.clock)
    inbox, uuids = make_inbox(simulator, grace_seconds=grace_seconds), uuids_of(simulator, 1)
    await inbox.list_voicemails(ListRequest())
    async with pbx.at_its_next_answer() as asked:
        calling = call(inbox, uuids)
        await asked()
        await cancel(calling)
        again = call(inbox, uuids)
        await asyncio.wait([again], timeout=0)
    assert statuses(await again) == {"done"}
    assert asked_for(simulator) == uuids


async def test_abandoned_work_is_stopped_and_its_recording_is_kept(
    make_inbox: MakeInbox, simulator: Simulator, transcriber: ScriptedTranscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped, transcribe = asyncio.Event(), transcriber.transcribe

    async def watched(*arguments: Any) -> Transcript:  # noqa: ANN401 - the transcriber's
        try:
            return await transcribe(*arguments)
        except asyncio.CancelledError:
            stopped.set()
            raise

    monkeypatch.setattr(transcriber, "transcribe", watched)
    inbox, uuids = make_inbox(grace_seconds=0), uuids_of(simulator, 1)
    transcriber.gate.clear()
    calling = call(inbox, uuids)
    await transcriber.arrived(1)
    await cancel(calling)
    await asyncio.wait_for(stopped.wait(), 10)
    transcriber.gate.set()
    assert statuses(await inbox.transcribing.transcribe(uuids)) == {"done"}
    assert asked_for(simulator) == uuids


async def test_a_save_that_began_is_finished(
    make_inbox: MakeInbox, simulator: Simulator, transcriber: ScriptedTranscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, uuids = make_inbox(grace_seconds=0), uuids_of(simulator, 1)
    saving, gate, save = asyncio.Event(), asyncio.Event(), (await inbox.account.archive()).save

    async def slowly(lease: Lease, transcript: Transcript) -> bool:
        saving.set()
        await gate.wait()
        return await save(lease, transcript)

    monkeypatch.setattr(await inbox.account.archive(), "save", slowly)
    calling = call(inbox, uuids)
    await saving.wait()
    await cancel(calling)
    again = call(inbox, uuids)
    gate.set()
    assert statuses(await again) == {"done"}
    assert len(transcriber.heard) == 1


async def test_a_call_cancelled_while_another_server_holds_the_lease_leaves_no_lease_behind(
    make_inbox: MakeInbox, simulator: Simulator, transcriber: ScriptedTranscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, [uuid] = make_inbox(), uuids_of(simulator, 1)
    other = SqliteArchive(inbox.settings.archive_path)
    theirs = await other.acquire(TranscriptKey(uuid, transcriber.engine, transcriber.model, ""))
    assert isinstance(theirs, Lease)
    polled, sleep = asyncio.Event(), asyncio.sleep

    async def poll(_seconds: float) -> None:
        polled.set()
        await sleep(0)

    with monkeypatch.context() as patched:
        patched.setattr("vm_mcp.archive.protocol.asyncio.sleep", poll)
        calling = call(inbox, [uuid])
        await polled.wait()
        await cancel(calling)
        again = call(inbox, [uuid])
        polled.clear()
        await polled.wait()
        assert asked_for(simulator) == []
        await other.release(theirs)
        assert statuses(await again) == {"done"}
    assert asked_for(simulator) == [uuid]
    await other.aclose()


async def test_a_cancelled_caller_does_not_disturb_another_caller_of_the_same_messages(
    make_inbox: MakeInbox, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    inbox, uuids = make_inbox(grace_seconds=0), uuids_of(simulator, 2)
    transcriber.gate.clear()
    impatient, patient = call(inbox, uuids), call(inbox, uuids)
    await transcriber.arrived(2)
    await cancel(impatient)
    transcriber.gate.set()
    assert statuses(await patient) == {"done"}
    assert len(transcriber.heard) == 2


async def test_work_reported_as_pending_goes_on_when_a_later_call_is_cancelled(
    make_inbox: MakeInbox, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    inbox, uuids = make_inbox(grace_seconds=0), uuids_of(simulator, 2)
    transcriber.gate.clear()
    assert statuses(await inbox.transcribing.transcribe(uuids, wait_seconds=0)) == {"pending"}
    calling = call(inbox, uuids)
    await transcriber.arrived(2)
    await cancel(calling)
    transcriber.gate.set()
    assert statuses(await inbox.transcribing.transcribe(uuids)) == {"done"}
    assert len(transcriber.heard) == 2


async def test_a_message_in_two_languages_at_once_is_retrieved_once(
    make_inbox: MakeInbox, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    inbox, uuids = make_inbox(), uuids_of(simulator, 1)
    transcriber.gate.clear()
    calls = call(inbox, uuids), call(inbox, uuids, language="en")
    await transcriber.arrived(2)
    transcriber.gate.set()
    assert [statuses(await each) for each in calls] == [{"done"}, {"done"}]
    assert asked_for(simulator) == uuids


async def test_a_message_is_looked_up_once_for_its_transcription(
    make_inbox: MakeInbox, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, uuids = make_inbox(), uuids_of(simulator, 1)
    await inbox.list_voicemails(ListRequest())
    looked_up, look_up = list[str](), (await inbox.account.archive()).voicemail

    async def counted(uuid: str) -> Voicemail | None:
        looked_up.append(uuid)
        return await look_up(uuid)

    monkeypatch.setattr(await inbox.account.archive(), "voicemail", counted)
    [entry] = await inbox.transcribing.transcribe(uuids)
    assert entry.voicemail
    assert entry.voicemail.caller_id_name == "Mehmet Kaya"
    assert looked_up == uuids


async def test_closing_does_not_wait_for_running_work(
    make_inbox: MakeInbox, make_simulator: MakeSimulator, transcriber: ScriptedTranscriber
) -> None:
    pbx = Held()
    simulator = make_simulator(clock=pbx.clock)
    inbox, uuids = make_inbox(simulator), uuids_of(simulator, 2)
    await inbox.list_voicemails(ListRequest())
    transcriber.gate.clear()
    decoded = call(inbox, uuids[:1])
    await transcriber.arrived(1)
    async with pbx.at_its_next_answer() as asked:
        downloaded = call(inbox, uuids[1:])
        await asked()
        for calling in (decoded, downloaded):
            await cancel(calling)
        async with asyncio.timeout(5):
            await inbox.aclose()
