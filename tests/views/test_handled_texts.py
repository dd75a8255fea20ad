"""What became of a message, as one line."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from vm_mcp.callbacks import Callback
from vm_mcp.handling import Mark
from vm_mcp.models import Retrieval
from vm_mcp.views.handled_texts import handled_text

ISTANBUL = ZoneInfo("Europe/Istanbul")
NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
AT, WHO = "Mon 23 Nov 12:00", "1001 Elif Aksoy"
TRIED = Callback(state="tried", tries=1, at=NOON)
BY = {"at": NOON, "extension": "1001", "extension_name": "Elif Aksoy"}


@pytest.mark.parametrize(
    ("shown", "said", "text"),
    [
        (None, None, ""),
        (Callback(state="not_called"), None, ""),
        (Callback(state="unknown", reason="no_records"), None, ""),
        (Callback(state="unknown", reason="withheld"), None, "number hidden, so nobody can call back"),
        (Callback(state="called_back", talk_seconds=90, **BY), None, f"called back {AT} by {WHO} for 90 s"),
        (Callback(state="called_back", tries=2, **BY), None, f"called back {AT} by {WHO}, at try 3"),
        (Callback(state="called_back", via="return_uuid"), None, "called back"),
        (TRIED, None, f"tried {AT} (no answer)"),
        (Callback(state="tried", tries=3, **BY), None, f"tried 3 times, last {AT} by {WHO} (no answer)"),
        (Callback(state="not_called", rang_again_at=NOON), None, f"rang again {AT} and was answered"),
        (Callback(state="not_called"), Mark(state="told", at=NOON), f"told {AT}"),
        (TRIED, Mark(state="done", at=NOON), f"tried {AT} (no answer); closed {AT}"),
        (None, Mark(state="open", at=NOON - timedelta(days=365)), "reopened Sun 23 Nov 2025 12:00"),
    ],
)  # fmt: skip
def test_records_and_what_a_person_said_are_told_apart(shown: Callback | None, said: Mark | None, text: str) -> None:
    assert handled_text(shown, said, ISTANBUL, NOON) == text


def test_a_colleague_reads_who_opened_a_message_and_who_closed_it() -> None:
    opening = Retrieval(uuid="a", opened_at=NOON - timedelta(hours=2), clock_offset_seconds=600, by="Ayşe Kaya")
    opened = "opened by Ayşe Kaya through this assistant, Mon 23 Nov 10:10"
    assert handled_text(Callback(state="not_called"), None, ISTANBUL, NOON, opening) == opened
    closed = Mark(state="done", at=NOON, by="Mehmet Er")
    text = handled_text(TRIED, closed, ISTANBUL, NOON, opening)
    assert text == f"tried {AT} (no answer); {opened}; closed by Mehmet Er, {AT}"
