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
from test_results import leaves, voicemails

from vm_mcp import views
from vm_mcp.inbox import ListedPage, ListedVoicemail, Overview
from vm_mcp.inbox.overview import overview
from vm_mcp.simulator import Simulator
from vm_mcp.views.overview_view import MOST_CALLERS

ROOT = Path(__file__).parent.parent.parent
ISTANBUL = ZoneInfo("Europe/Istanbul")
NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def message(uuid: str, number: str = "", hours_ago: float = 1, **fields: Any) -> ListedVoicemail:  # noqa: ANN401 - any field
    defaults = {"extension": "1001", "heard_by": "nobody", "received_at": NOON - timedelta(hours=hours_ago)}
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
        message("g", "905324172893", 7, is_read=True, heard_by="person"),
    )
    assert [(caller.latest_uuid, caller.calls) for caller in found.waiting] == [
        ("f", 1),
        ("a", 3),
        ("i", 1),
        ("h", 1),
        ("d", 1),
        ("c", 1),
    ]
    assert found.waiting[1].since == NOON - timedelta(hours=5)
    assert found.waiting[1].extensions == ("1001", "1002")


def test_a_caller_whose_message_only_the_assistant_retrieved_still_waits() -> None:
    found = overview_of(
        message("a", "1", 1), message("b", "2", 2, is_read=True, heard_by="assistant"),
        message("c", "3", 3, is_read=True, heard_by="person"),
    )  # fmt: skip
    assert (found.messages, found.unread, found.unheard) == (3, 1, 2)
    assert found.oldest_unread
    assert found.oldest_unread.uuid == "a"
    assert found.oldest_unheard
    assert found.oldest_unheard.uuid == "b"
    assert [caller.latest_uuid for caller in found.waiting] == ["b", "a"]


def test_without_an_archive_callers_of_unread_messages_wait_and_no_unheard_count_is_invented() -> None:
    text, structure = shown(
        overview_of(
            message("a", "1", heard_by=None), message("b", "2", is_read=True, heard_by=None),
            notice="The archive is locked. Try again.",
        )
    )  # fmt: skip
    assert [item["latest_uuid"] for item in structure["waiting"]] == ["a"]
    assert "unheard" not in structure
    assert "unheard" not in structure["mailboxes"][0]
    assert "oldest_unheard" not in structure
    assert "an unknown number unheard" in text
    assert "The archive is locked." in text
    assert "The archive is locked." in structure["notice"]


def test_a_message_without_a_time_is_never_the_oldest() -> None:
    found = overview_of(message("a", "1", 5), message("b", "2", received_at=None))
    assert found.oldest_unread
    assert found.oldest_unread.uuid == "a"
    assert [caller.since for caller in found.waiting] == [NOON - timedelta(hours=5), None]
    text, structure = shown(found)
    assert "since" not in structure["waiting"][1]
    assert "\t?\t?\t" in text


def test_both_forms_say_when_older_messages_or_further_callers_are_left_out() -> None:
    text, structure = shown(overview_of(*(message(f"u{at}", str(7000 + at), at) for at in range(40)), cursor="more"))
    assert structure["truncated"] is True
    assert structure["waiting_count"] == 40
    assert len(structure["waiting"]) == MOST_CALLERS
    assert "truncated: only the newest 40 were looked at" in text
    assert "40 callers whom no person has heard yet, the 30 who wait longest" in text
    assert structure["waiting"][0]["latest_uuid"] == "u39"


def test_an_empty_inbox_is_all_zeros() -> None:
    text, structure = shown(overview_of())
    assert (structure["messages"], structure["unread"], structure["unheard"]) == (0, 0, 0)
    assert text.startswith("0 voicemails, 0 unread, 0 unheard")


@settings(max_examples=50)
@given(st.lists(voicemails, max_size=6))
def test_text_and_structure_tell_the_same(messages: list[ListedVoicemail]) -> None:
    found = overview_of(*messages)
    text, structure = shown(found)
    lines = [line.split("\t") for line in text.split("\n")]
    boxes = [line for line in lines if len(line) == 4 and line[0] != "extension"]
    assert boxes == [
        [
            box.get("extension", "-"),
            str(box["messages"]),
            str(box["unread"]),
            str(box.get("unheard", "an unknown number")),
        ]
        for box in structure.get("mailboxes", [])
    ]
    waiting = [line for line in lines if len(line) == 8 and line[0] != "name"]
    for row, item in zip(waiting, structure.get("waiting", []), strict=True):
        assert row[0] == item.get("caller_id_name", "-")
        assert row[1] == item.get("caller_id_number", "-")
        assert row[2] == str(item["calls"])
        assert row[3].replace(" ", "T") == item.get("since", "?")[:19]
        assert row[4].replace(" ", "T") == item.get("latest_at", "?")[:19]
        assert row[5] == (", ".join(item.get("extensions", [])) or "-")
        assert row[6] == item["latest_uuid"]
        assert row[7] == ("(no speech)" if item.get("no_speech") else item.get("latest_begins", "-"))
    for name in ("unread", "unheard"):
        rows = [line for line in lines if line[0] == f"oldest {name}"]
        assert [row[5] for row in rows] == [each["uuid"] for each in [structure.get(f"oldest_{name}")] if each]
    assert None not in leaves(structure)
    assert sum(caller.calls for caller in found.waiting) == (found.unread if found.unheard is None else found.unheard)


@pytest.mark.anyio
async def test_one_call_shows_the_clinic_and_marks_nothing(client: Client, simulator: Simulator) -> None:
    before = [message.uuid for message in simulator.scenario.messages if message.read_at is None]
    answer = (await client.call_tool("show_inbox", {})).structured_content
    assert answer
    assert len(simulator.requests) == 1
    assert (answer["messages"], answer["unread"], answer["unheard"]) == (13, 9, 9)
    assert [box["extension"] for box in answer["mailboxes"]] == ["1001", "1002", "1003"]
    assert answer["waiting_count"] == 8
    assert (answer["waiting"][0]["caller_id_name"], answer["waiting"][0]["calls"]) == ("Mehmet Kaya", 2)
    await client.call_tool("transcribe_voicemails", {"uuids": before[:3]})
    answer = (await client.call_tool("show_inbox", {"extension": " 1001 "})).structured_content
    assert answer
    assert [box["extension"] for box in answer["mailboxes"]] == ["1001"]
    assert (answer["unread"], answer["unheard"]) == (2, 4)
    assert answer["waiting"][0]["latest_begins"]


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
    assert len(simulator.requests) <= 13


def test_the_tools_announce_what_was_reviewed() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "tools.py"))
    reviewed = json.loads(script["SNAPSHOT"].read_text(encoding="utf-8"))
    assert script["announced"]() == reviewed, "read the difference, then run: uv run python scripts/tools.py"
    assert len(reviewed) <= 8
