"""What a message's state is, from what call records show and what a person said."""

from datetime import UTC, datetime, timedelta

import pytest

from vm_mcp.callbacks import Callback
from vm_mcp.handling import Mark, MarkState, MessageState, is_open, state_of

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NOT_CALLED, TRIED = Callback(state="not_called"), Callback(state="tried", at=NOON, tries=2)
CALLED, NO_RECORDS = Callback(state="called_back", at=NOON), Callback(state="unknown", reason="no_records")
WITHHELD, UNTIMED = Callback(state="unknown", reason="withheld"), Callback(state="called_back", via="return_uuid")


def mark(state: MarkState, hours_later: float = 0) -> Mark:
    return Mark(state=state, at=NOON + timedelta(hours=hours_later))


@pytest.mark.parametrize(
    ("said", "shown", "state"),
    [
        (None, NOT_CALLED, "new"),
        (None, TRIED, "tried"),
        (None, CALLED, "called_back"),
        (None, UNTIMED, "called_back"),
        (None, NO_RECORDS, "unknown"),
        (None, WITHHELD, "new"),
        (mark("told"), NOT_CALLED, "told"),
        (mark("told"), NO_RECORDS, "told"),
        (mark("told"), TRIED, "tried"),
        (mark("told", 1), CALLED, "called_back"),
        (mark("done"), NOT_CALLED, "done"),
        (mark("done"), CALLED, "done"),
        (mark("done"), NO_RECORDS, "done"),
        (mark("open"), NOT_CALLED, "new"),
        (mark("open"), NO_RECORDS, "unknown"),
        (mark("open", 1), CALLED, "new"),
        (mark("open", -1), CALLED, "called_back"),
        (mark("open"), UNTIMED, "new"),
    ],
)
def test_a_state_follows_from_what_was_said_and_what_records_show(
    said: Mark | None, shown: Callback, state: MessageState
) -> None:
    assert state_of(said, shown) == state
    assert is_open(state) is (state not in {"called_back", "done"})
