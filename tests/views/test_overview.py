"""show_inbox: how much is in the mailboxes, and who is waiting."""

import json
import runpy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import Connect, MakeSettings, MakeSimulator
from hypothesis import given, settings
from hypothesis import strategies as st
from mcp import Client
from support.simulator_requests import voicemail_requests
from test_results import leaves, voicemails

from vm_mcp import views
from vm_mcp.callbacks import Callback
from vm_mcp.inbox import ListedPage, ListedVoicemail, MissedCall, MissedPage, Overview
from vm_mcp.inbox.overview import overview
from vm_mcp.simulator import Simulator
from vm_mcp.telephone import grouped
from vm_mcp.views.overview_rows import WAITING_COLUMNS
from vm_mcp.views.overview_view import MOST_CALLERS
from vm_mcp.views.rows import clock_time

ROOT = Path(__file__).parent.parent.parent
ISTANBUL = ZoneInfo("Europe/Istanbul")
NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def message(uuid: str, number: str = "", hours_ago: float = 1, **fields: Any) -> ListedVoicemail:  # noqa: ANN401 - any field
    defaults = {
        "extension": "1001",
        "heard_by": "nobody",
        "state": "new",
        "received_at": NOON - timedelta(hours=hours_ago),
    }
    return ListedVoicemail(uuid=uuid, caller_id_number=number, **(defaults | fields))


def overview_of(*newest_first: ListedVoicemail, cursor: str = "", notice: str = "") -> Overview:
    return overview(
        ListedPage(
            voicemails=newest_first, since=NOON - timedelta(days=30), until=NOON, total_count=len(newest_first),
            next_cursor=cursor, notice=notice,
        )
    )  # fmt: skip


def shown(found: Overview) -> tuple[str, dict[str, Any]]:
    result = views.inbox_overview(found, ISTANBUL)
    return result.text, result.as_json()


def test_spellings_of_one_number_are_one_caller_and_hidden_numbers_are_never_joined() -> None:
    found = overview_of(
        message("a", "+90 532 417 28 93", 1, extension="1002"),
        message("b", "05324172893", 2),
        message("c", "", 3),
        message("d", "", 4),
        message("h", "anonymous", 4.5),
        message("i", "Anonymous", 4.6),
        message("e", "00905324172893", 5),
        message("f", "1002", 6),
        message("g", "905324172893", 7, state="called_back"),
        message("j", "+266696687", 7.5),
    )
    assert [(caller.latest.uuid, caller.messages) for caller in found.waiting] == [
        ("j", 1),
        ("f", 1),
        ("a", 3),
        ("i", 1),
        ("h", 1),
        ("d", 1),
        ("c", 1),
    ]
    assert found.waiting[2].since == NOON - timedelta(hours=5)
    assert found.waiting[2].extensions == ("1001", "1002")


def test_a_caller_waits_until_called_back_whoever_heard_the_message() -> None:
    found = overview_of(
        message("a", "1", 1), message("b", "2", 2, is_read=True, heard_by="assistant"),
        message("c", "3", 3, is_read=True, heard_by="person"),
    )  # fmt: skip
    assert (found.messages, found.unread, found.unheard, found.open) == (3, 1, 2, 3)
    assert [caller.latest.uuid for caller in found.waiting] == ["c", "b", "a"]


def test_without_an_archive_callers_of_unread_messages_wait_and_no_unheard_count_is_invented() -> None:
    text, structure = shown(
        overview_of(
            message("a", "1", heard_by=None, state=None), message("b", "2", is_read=True, heard_by=None, state=None),
            notice="The archive is locked. Try again.",
        )
    )  # fmt: skip
    assert [item["uuid"] for item in structure["waiting"]] == ["a"]
    for unknown in ("unheard", "open", "missed_count"):
        assert unknown not in structure
        assert unknown not in structure["mailboxes"][0]
    assert "an unknown number unheard" in text
    assert "1 caller with unread messages" in text
    assert "Missed calls without a message are not known." in text
    assert "The archive is locked." in text
    assert "The archive is locked." in structure["notice"]


def test_a_message_without_a_time_comes_last() -> None:
    found = overview_of(message("a", "1", 5), message("b", "2", received_at=None))
    assert [caller.since for caller in found.waiting] == [NOON - timedelta(hours=5), None]
    text, structure = shown(found)
    assert "received_at" not in structure["waiting"][1]
    assert "\t?\t?\t" in text


def test_both_forms_say_when_older_messages_or_further_callers_are_left_out() -> None:
    text, structure = shown(overview_of(*(message(f"u{at}", str(7000 + at), at) for at in range(40)), cursor="more"))
    assert structure["truncated"] is True
    assert structure["waiting_count"] == 40
    assert len(structure["waiting"]) == MOST_CALLERS
    assert "truncated: only the newest 40 were looked at" in text
    assert "30 of 40 callers with open messages, longest wait first." in text
    assert structure["waiting"][0]["uuid"] == "u39"


def test_an_empty_inbox_is_all_zeros() -> None:
    text, structure = shown(overview_of())
    assert [structure[name] for name in ("messages", "open", "unread", "unheard")] == [0, 0, 0, 0]
    assert "0 open, 0 unread, 0 unheard" in text


@settings(max_examples=50)
@given(st.lists(voicemails, max_size=6))
def test_text_and_structure_tell_the_same(messages: list[ListedVoicemail]) -> None:
    found = overview_of(*messages)
    text, structure = shown(found)
    lines = [line.split("\t") for line in text.split("\n")]
    boxes = [line for line in lines if len(line) == 6 and line[0] != "extension"]
    unknown = "an unknown number"
    assert boxes == [
        [
            box.get("extension", "-"),
            box.get("owner", "-"),
            str(box["messages"]),
            str(box.get("open", unknown)),
            str(box["unread"]),
            str(box.get("unheard", unknown)),
        ]
        for box in structure.get("mailboxes", [])
    ]
    waiting = [line for line in lines if len(line) == len(WAITING_COLUMNS) and line[0] != "name"]
    for row, item in zip(waiting, structure.get("waiting", []), strict=True):
        assert row[0] == item.get("caller_id_name", "-")
        assert row[2] == grouped(item.get("caller_id_number", "-"))
        assert row[3:5] == [str(item.get("messages", 1)), str(item.get("missed_calls", 0))]
        assert row[5] == (clock_time(item.get("since") or item.get("received_at", ""), 2026) or "?")
        assert row[6] == (clock_time(item.get("received_at", ""), 2026) or "?")
        assert row[7] == (", ".join(item.get("extensions", [])) or item.get("extension", "-"))
        assert row[10] == item["uuid"]
        assert row[11] == ("(no speech)" if item.get("no_speech") else item.get("first_line", "-"))
    assert None not in leaves(structure)
    assert sum(caller.messages for caller in found.waiting) == (found.unread if found.open is None else found.open)


@pytest.mark.anyio
async def test_one_call_shows_the_clinic_and_marks_nothing(client: Client, simulator: Simulator) -> None:
    before = [message.uuid for message in simulator.scenario.messages if message.read_at is None]
    answer = (await client.call_tool("show_inbox", {})).structured_content
    assert answer
    assert len(voicemail_requests(simulator)) == 1
    assert [answer[name] for name in ("messages", "open", "unread", "unheard")] == [13, 8, 9, 9]
    assert [(box["extension"], box["owner"]) for box in answer["mailboxes"]] == [
        ("1001", "Elif Aksoy"),
        ("1002", "Burak Şen"),
        ("1003", "Deniz Koç"),
    ]
    waiting = {row.get("caller_id_name"): row for row in answer["waiting"]}
    assert "Hasan Demir" in waiting
    assert waiting["Hasan Demir"]["state"] == "tried"
    await client.call_tool("transcribe_voicemails", {"uuids": before[:3]})
    answer = (await client.call_tool("show_inbox", {"extension": " 1001 "})).structured_content
    assert answer
    assert [box["extension"] for box in answer["mailboxes"]] == ["1001"]
    assert (answer["unread"], answer["unheard"]) == (2, 4)
    assert {row.get("caller_id_name"): bool(row.get("first_line")) for row in answer["waiting"]}["Mehmet Kaya"]


@pytest.mark.anyio
@pytest.mark.usefixtures("no_rate_limit")
@pytest.mark.parametrize("order", ["newest", "oldest"])
async def test_a_busy_account_costs_a_bounded_number_of_requests(
    connect: Connect, settings_for: MakeSettings, make_simulator: MakeSimulator, order: str
) -> None:
    simulator = make_simulator("busy", order=order)
    async with connect(settings_for(simulator)) as client:
        answer = (await client.call_tool("show_inbox", {})).structured_content
    assert answer
    assert answer["truncated"] is True
    assert 990 < answer["messages"] <= 1000
    assert len(voicemail_requests(simulator)) <= 13


def test_the_tools_announce_what_was_reviewed() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "tools.py"))
    reviewed = json.loads(script["SNAPSHOT"].read_text(encoding="utf-8"))
    assert script["announced"]() == reviewed, "read the difference, then run: uv run python scripts/tools.py"
    for_page = [tool for tool in reviewed if tool.get("_meta") == {"ui": {"visibility": ["app"]}}]
    assert len(reviewed) - len(for_page) <= 8
    assert len(for_page) == 3
    assert all(len(json.dumps(tool)) < 1_600 for tool in for_page), "some hosts show them to a model all the same"


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [(["1"], "1 caller who was missed and left no message,"), (["1", "2"], "2 callers who were missed and left no")],
)
def test_one_caller_is_not_written_as_several(numbers: list[str], expected: str) -> None:
    missed = tuple(
        MissedCall(
            caller_id_number=number, caller_id_name="", calls=1, first_at=NOON, last_at=NOON, extensions=("1001",),
            extension_names=(), queues=(), callback=Callback(state="not_called"), call_uuids=(number,),
        )
        for number in numbers
    )  # fmt: skip
    page = MissedPage(callers=missed, since=NOON - timedelta(days=1), until=NOON)
    assert views.missed_calls(page, ISTANBUL).text.startswith(expected)
