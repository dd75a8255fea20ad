"""An engine that fails on every message must not cost the whole inbox its unread marks."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from conftest import MakeSettings
from support.scripted_transcriber import ScriptedTranscriber

from vm_mcp.asr import Demand, Progress, TranscribeOptions
from vm_mcp.errors import EngineFailedError, EngineUnavailableError, TranscriptionError, VmError
from vm_mcp.inbox import Inbox, ListRequest
from vm_mcp.inbox.opening import UNPROVEN
from vm_mcp.models import Transcript
from vm_mcp.simulator import Simulator

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("no_rate_limit")]

BROKEN = EngineFailedError("The engine failed. Do that.")


class FailingTranscriber(ScriptedTranscriber):
    """Is ready, and fails on the messages, counted from 0 in the order in which they arrive, that the test names."""

    def __init__(self) -> None:
        super().__init__()
        self.failures: dict[int, VmError] = {}
        self.fails_always: VmError | None = None
        self.most_at_once = self._at_once = 0

    async def transcribe(
        self,
        audio: bytes,
        options: TranscribeOptions,
        on_progress: Progress | None = None,
        demand: Demand | None = None,
    ) -> Transcript:
        number = len(self.heard)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            transcript = await super().transcribe(audio, options, on_progress, demand)
        finally:
            self._at_once -= 1
        if failure := self.fails_always or self.failures.get(number):
            raise failure
        return transcript


@pytest.fixture
def failing() -> FailingTranscriber:
    return FailingTranscriber()


@pytest.fixture
async def inbox(simulator: Simulator, settings_for: MakeSettings, failing: FailingTranscriber) -> AsyncIterator[Inbox]:
    opened = Inbox(settings_for(simulator), failing)
    await opened.list_voicemails(ListRequest())
    yield opened
    await opened.aclose()


def unread(simulator: Simulator) -> list[str]:
    return [message.uuid for message in simulator.scenario.messages if message.read_at is None]


async def test_an_engine_that_fails_on_every_message_opens_two_and_leaves_the_rest_unread(
    inbox: Inbox, simulator: Simulator, failing: FailingTranscriber
) -> None:
    failing.fails_always = BROKEN
    uuids = unread(simulator)
    assert len(uuids) > UNPROVEN
    entries = await inbox.transcribing.transcribe(uuids)
    assert len(failing.heard) == UNPROVEN
    left = [entry for entry in entries if "not opened" in entry.error]
    assert {entry.status for entry in entries} == {"failed"}
    assert [entry.uuid for entry in left] == unread(simulator)
    assert len(left) == len(uuids) - UNPROVEN
    assert all("still is" in entry.error and "Do that" in entry.error for entry in left)
    opened = await (await inbox.account.archive()).retrievals(uuids)
    assert set(opened) == set(uuids) - set(unread(simulator))


async def test_the_next_call_tries_what_is_open_and_opens_no_more_while_that_fails(
    inbox: Inbox, simulator: Simulator, failing: FailingTranscriber
) -> None:
    failing.fails_always = BROKEN
    uuids = unread(simulator)
    await inbox.transcribing.transcribe(uuids)
    left = unread(simulator)
    await inbox.transcribing.transcribe(uuids)
    assert unread(simulator) == left
    failing.fails_always = None
    assert {entry.status for entry in await inbox.transcribing.transcribe(uuids)} <= {"done", "no_speech"}
    assert unread(simulator) == []


@pytest.mark.parametrize("number", [0, 1, 3])
async def test_a_message_that_breaks_the_engine_fails_alone(
    inbox: Inbox, simulator: Simulator, failing: FailingTranscriber, number: int
) -> None:
    failing.failures[number] = BROKEN
    entries = await inbox.transcribing.transcribe(unread(simulator))
    assert [entry.error for entry in entries if entry.status == "failed"] == [str(BROKEN)]


async def test_messages_that_can_not_be_transcribed_stop_no_other(
    inbox: Inbox, simulator: Simulator, failing: FailingTranscriber
) -> None:
    failing.fails_always = TranscriptionError("This message can't be transcribed. Listen to it.")
    uuids = unread(simulator)
    entries = await inbox.transcribing.transcribe(uuids)
    assert [entry.error for entry in entries] == [str(failing.fails_always)] * len(uuids)


async def test_an_engine_that_stops_working_later_leaves_the_rest_unread(
    inbox: Inbox, simulator: Simulator, failing: FailingTranscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vm_mcp.inbox.transcript_maker.PREFETCHED", 2)
    proof, *uuids = unread(simulator)
    other = Inbox(inbox.settings, failing)
    await other.transcribing.transcribe([proof])
    failing.fails_always = BROKEN
    entries = await other.transcribing.transcribe(uuids)
    assert len([entry for entry in entries if "not opened" in entry.error]) == len(uuids) - 2
    assert len(unread(simulator)) == len(uuids) - 2
    await other.aclose()


async def test_few_messages_are_in_hand_until_the_engine_has_worked_and_many_afterwards(
    inbox: Inbox, simulator: Simulator, failing: FailingTranscriber
) -> None:
    uuids = unread(simulator)
    failing.gate.clear()
    first = asyncio.ensure_future(inbox.transcribing.transcribe(uuids[:4]))
    await failing.arrived(UNPROVEN)
    failing.gate.set()
    await first
    assert failing.most_at_once == UNPROVEN
    failing.gate.clear()
    rest = asyncio.ensure_future(inbox.transcribing.transcribe(uuids[4:9]))
    await failing.arrived(len(uuids[4:9]) + 2)  # two more of the first call arrived after its first two
    failing.gate.set()
    await rest
    assert failing.most_at_once == len(uuids[4:9])


async def test_a_call_cancelled_while_its_messages_wait_to_be_opened_opens_none_of_them(
    inbox: Inbox, simulator: Simulator, failing: FailingTranscriber
) -> None:
    uuids = unread(simulator)
    failing.gate.clear()
    calling = asyncio.ensure_future(inbox.transcribing.transcribe(uuids))
    await failing.arrived(UNPROVEN)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    failing.gate.set()
    await inbox.transcribing.transcribe([uuid for uuid in uuids if uuid not in unread(simulator)])
    assert len(unread(simulator)) == len(uuids) - UNPROVEN


async def test_an_engine_that_is_gone_after_messages_were_opened_does_not_hide_which(
    inbox: Inbox, simulator: Simulator, failing: FailingTranscriber
) -> None:
    failing.fails_always = EngineUnavailableError("The engine is gone. Install it.")
    uuids = unread(simulator)
    entries = await inbox.transcribing.transcribe(uuids)
    assert {entry.status for entry in entries} == {"failed"}
    assert [entry.uuid for entry in entries if not entry.opened] == unread(simulator)
    assert 0 < len(unread(simulator)) < len(uuids)


async def test_a_key_that_is_refused_for_one_message_does_not_say_that_it_was_opened(
    inbox: Inbox, simulator: Simulator
) -> None:
    uuids = unread(simulator)[:2]
    simulator.faults.set("wrong_key", "url", 1)
    entries = await inbox.transcribing.transcribe(uuids)
    assert [entry.uuid for entry in entries if not entry.opened] == [
        entry.uuid for entry in entries if entry.status == "failed"
    ]
    assert len(unread(simulator)) > 0


async def test_an_engine_that_can_not_start_fails_every_message_with_its_reason_and_opens_none(
    inbox: Inbox, simulator: Simulator, failing: FailingTranscriber
) -> None:
    before = unread(simulator)
    failing.unavailable = TranscriptionError("The speech server takes too long. Try again.")
    entries = await inbox.transcribing.transcribe(before)
    assert {entry.error for entry in entries} == {str(failing.unavailable)}
    assert unread(simulator) == before
