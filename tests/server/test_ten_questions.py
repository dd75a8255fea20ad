"""The ten questions of a desk: what each needs to know is in both forms of the answers, through a real client."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import ten_questions
from mcp import Client
from mcp_types import CallToolResult
from ten_questions import NOW, QUESTIONS, Question

from vm_mcp.server import build_server
from vm_mcp.simulator import Simulator, clinic

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("no_rate_limit")]

BEFORE = {"calls": 15, "text": 35_097, "JSON": 56_845}
"""What the ten took before messages could be chosen by filters: see the benchmark of that name."""


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Client]:
    """A client of the clinic's inbox in which everything was transcribed once."""
    with Simulator(clinic(NOW), clock=lambda: NOW) as simulator:
        async with Client(build_server(ten_questions.inbox_over(simulator, tmp_path))) as client:
            await client.call_tool("transcribe_voicemails", {"status": "all"})
            yield client


def forms(results: list[CallToolResult]) -> tuple[str, str]:
    structured = [json.dumps(result.structured_content, ensure_ascii=False) for result in results]
    return "\n".join(map(ten_questions.text_of, results)), "\n".join(structured)


async def facts(client: Client, question: Question) -> tuple[str, str]:
    results = await ten_questions.ask(client, question)
    assert not any(result.is_error for result in results)
    return forms(results)


@pytest.mark.parametrize(
    ("number", "needed", "never"),
    [
        (
            1,
            ["Emre Şahin", "çok acil", "Kombimiz", "tried 2 times, last Mon 23 Nov 14:00 by 1003 Deniz Koç"],
            ["Turner"],
        ),
        (2, ["[?dört]", "dört 9.9 s", "[?Şahan]", "Şahan 22.8 s", "9{4}"], []),
        (3, ["on iki bin beş yüz lira", "Zeynep Arslan", "David Turner", "called back Mon 23 Nov 12:30"], []),
        (4, ["Fatma Öztürk", "3", "Mon 23 Nov 11:30", "Tue 24 Nov 08:06"], []),
        (5, ["bu akşam", "18:00", "Tue 24 Nov 06:48", "Yarın akşam altıya kadar"], ["Northwind"]),
        (6, ["Sarah Mitchell", "Please call me back", "0012025550134", "en"], ["Mehmet"]),
        (7, ["assistant", "Tue 24 Nov 09:00", "person", "Mon 23 Nov 12:00"], []),
        (8, ["room", "third to the sixth of December", "John Dashwood", "called back"], []),
        (9, ["Duruşma", "on beş Aralık salı günü saat on buçukta", "Kadıköy Adliyesinde"], []),
        (10, ["4c84a9", "e8a45f", "speech"], []),
    ],
)
async def test_the_answer_to_a_question_is_in_both_forms(
    desk: Client, number: int, needed: list[str], never: list[str]
) -> None:
    for shown in await facts(desk, QUESTIONS[number - 1]):
        plain = shown.replace("**", "")
        assert [fact for fact in needed if fact not in plain] == []
        assert [fact for fact in never if fact in plain] == []


async def test_who_called_three_times_without_a_call_back_is_one_row(desk: Client) -> None:
    [result] = await ten_questions.ask(desk, QUESTIONS[3])
    assert result.structured_content
    often = [row for row in result.structured_content["missed"] if row["calls"] == 3]
    assert [(row["caller_id_name"], row["state"]) for row in often] == [("Fatma Öztürk", "not_called")]


async def test_the_ten_questions_take_fewer_calls_and_bytes_than_before(desk: Client) -> None:
    results = [result for question in QUESTIONS for result in await ten_questions.ask(desk, question)]
    sizes = [len(form.encode()) for form in forms(results)]
    assert len(results) < BEFORE["calls"]
    assert sizes[0] < 0.75 * BEFORE["text"]
    assert sizes[1] < 0.75 * BEFORE["JSON"]


@pytest.mark.parametrize(
    ("filters", "took", "left"),
    [
        ({}, 8, "Took the 8 messages that match status open."),
        ({"caller": "Mehmet"}, 1, "Took the 1 messages that match status open, caller Mehmet."),
        ({"status": "all", "extension": "1002", "since": "2d"}, 3, "match status all, since 2d, extension 1002."),
        ({"caller": "nobody"}, 0, "No message matches status open, caller nobody."),
    ],
)
async def test_messages_chosen_by_filters_are_named_in_the_answer(
    desk: Client, filters: dict[str, str], took: int, left: str
) -> None:
    result = await desk.call_tool("transcribe_voicemails", filters)
    text, structured = forms([result])
    assert len((result.structured_content or {})["transcriptions"]) == took
    assert left in text
    assert left in structured


async def test_filters_beside_uuids_are_said_to_be_ignored(desk: Client) -> None:
    for filters in ({"caller": "Sarah"}, {"status": "all"}, {"cursor": "x"}):
        for shown in forms([await desk.call_tool("transcribe_voicemails", {"uuids": ["6e04e3"], **filters})]):
            assert "Emre Şahin" in shown
            assert "Filters are ignored where uuids are given." in shown
    for shown in forms([await desk.call_tool("transcribe_voicemails", {"uuids": ["6e04e3"]})]):
        assert "Filters" not in shown


async def test_more_messages_than_one_call_takes_are_left_to_the_next(tmp_path: Path) -> None:
    scenario = clinic(NOW)
    first = scenario.messages[0]
    number: Callable[[int], str] = "0555{:07}".format
    scenario.messages[:] = [
        type(first)(f"u{at:03}x{at:03}", "1001", number(at), f"Caller {at}", first.received_at, first.voice)
        for at in range(25)
    ]
    with Simulator(scenario, clock=lambda: NOW) as simulator:
        async with Client(build_server(ten_questions.inbox_over(simulator, tmp_path))) as client:
            part = (await client.call_tool("transcribe_voicemails", {"wait_seconds": 0})).structured_content or {}
            assert len(part["transcriptions"]) == 20
            assert "others are left: pass `next_cursor`" in part["notice"]
            rest = await client.call_tool("transcribe_voicemails", {"cursor": part["next_cursor"], "wait_seconds": 0})
    entries = [*part["transcriptions"], *(rest.structured_content or {})["transcriptions"]]
    assert len({entry["uuid"] for entry in entries}) == 25


async def test_closing_by_the_end_of_a_uuid_is_local_and_says_so(desk: Client) -> None:
    result = await desk.call_tool("update_voicemails", {"uuids": ["6e04e3"], "state": "done", "note": "usta gitti"})
    for shown in forms([result]):
        for fact in ("Kept on this computer only", "Emre Şahin", "closed Tue 24 Nov 09:00", "usta gitti"):
            assert fact in shown
    listed = (await desk.call_tool("list_voicemails", {"status": "open"})).structured_content or {}
    assert "Emre Şahin" not in json.dumps(listed, ensure_ascii=False)
    refused = await desk.call_tool("update_voicemails", {"uuids": ["ffffff"], "state": "done"})
    assert refused.is_error
    found = await desk.call_tool("search_transcripts", {"query": "usta"})
    assert "usta gitti" in ten_questions.text_of(found)


async def test_transcribing_again_says_that_nothing_changed(desk: Client) -> None:
    asked = {"caller": "Emre", "refresh": True}
    for shown in forms([await desk.call_tool("transcribe_voicemails", asked)]):
        assert "Transcribed again, 1 of 1 say the very same" in shown


async def test_times_said_have_their_weekday_in_both_forms(desk: Client) -> None:
    for shown in forms([await desk.call_tool("transcribe_voicemails", {"caller": "Ayşe"})]):
        assert "Wed 25 Nov 14:00" in shown


async def test_a_recording_says_whether_its_message_was_read_before(desk: Client) -> None:
    for shown in forms([await desk.call_tool("get_recording", {"uuid": "1dc229"})]):
        assert "yes" in shown or "marked as read before" in shown


async def test_a_recording_begins_at_the_second_of_a_doubtful_word(desk: Client) -> None:
    for shown in forms([await desk.call_tool("get_recording", {"uuid": "1dc229", "start_seconds": 9.9})]):
        assert "#t=9.9" in shown
