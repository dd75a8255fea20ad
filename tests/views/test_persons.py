"""Who opened and who closed a message is said wherever that is shown, and at a desk nothing is."""

import csv
import io
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from vm_mcp import views
from vm_mcp.callbacks import Callback
from vm_mcp.cli import message_text
from vm_mcp.handling import Mark
from vm_mcp.inbox import ListedPage, ListedVoicemail, Transcription
from vm_mcp.models import Retrieval, SearchHit, SearchResult, Snippet, Transcript
from vm_mcp.views.csv_table import COLUMNS

ISTANBUL = ZoneInfo("Europe/Istanbul")
NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OPENED = "opened by Ayşe Kaya through this assistant, Mon 23 Nov 12:00"
TOLD = "told by Mehmet Er, Mon 23 Nov 12:00"


def message(opened_by: str = "Ayşe Kaya", marked_by: str = "Mehmet Er", state: str = "told") -> ListedVoicemail:
    opening = Retrieval(uuid="a", opened_at=NOON, by=opened_by) if opened_by else None
    mark = Mark(state="told", at=NOON, by=marked_by) if state == "told" else None
    return ListedVoicemail(
        uuid="a", is_read=True, heard_by="assistant", opening=opening, mark=mark, state=state,
        callback=Callback(state="not_called"),
    )  # fmt: skip


def transcription(voicemail: ListedVoicemail) -> Transcription:
    transcript = Transcript(language="", duration_seconds=2, engine="scripted", model="none")
    return Transcription(uuid="a", status="no_speech", voicemail=voicemail, transcript=transcript)


def page(voicemail: ListedVoicemail) -> ListedPage:
    return ListedPage(voicemails=(voicemail,), since=NOON, until=NOON, total_count=1)


def shown(voicemail: ListedVoicemail) -> list[tuple[str, dict[str, object]]]:
    """Return each view's text, and the JSON of its message."""
    hit = SearchHit(voicemail=voicemail, snippet=Snippet(text=""))
    found = SearchResult(hits=(hit,), total_count=1)
    each = (
        (views.voicemail_list(page(voicemail), ISTANBUL), "voicemails"),
        (views.one_voicemail(voicemail, ISTANBUL, NOON), "voicemails"),
        (views.marked_voicemails([voicemail], ISTANBUL, NOON), "voicemails"),
        (views.search_hits(found, ISTANBUL, NOON), "hits"),
        (views.transcriptions([transcription(voicemail)], ISTANBUL, full=False, now=NOON), "transcriptions"),
    )
    return [(view.text, view.as_json()[rows][0]) for view, rows in each]


def test_every_view_says_who_opened_and_who_told_of_a_message() -> None:
    for text, row in shown(message()):
        assert f"{OPENED}; {TOLD}" in text
        assert (row["opened_by"], row["marked_by"]) == ("Ayşe Kaya", "Mehmet Er")
        assert row["handled"] == f"{OPENED}; {TOLD}"
    assert f"State: {OPENED}; {TOLD}" in views.transcript_document(transcription(message()), ISTANBUL, NOON)
    [item] = json.loads(views.message_document(message(), ISTANBUL, NOON))["voicemails"]
    assert (item["opened_by"], item["marked_by"]) == ("Ayşe Kaya", "Mehmet Er")


def test_a_message_that_a_colleague_opened_and_nobody_closed_is_still_new() -> None:
    for text, row in shown(message(marked_by="", state="new")):
        assert f"new; {OPENED}" in text
        assert row["state"] == "new"
        assert "marked_by" not in row


def test_what_is_noted_in_a_team_is_not_said_to_be_on_this_computer_only() -> None:
    assert "Kept for the whole team" in views.marked_voicemails([message()], ISTANBUL, NOON).text
    assert "Kept on this computer only" in views.marked_voicemails([message("", "")], ISTANBUL, NOON).text


def test_at_a_desk_no_answer_names_anybody() -> None:
    for text, row in shown(message("", "")):
        assert "told Mon 23 Nov 12:00" in text
        assert " by " not in f"{row['handled']}"
        assert not {"opened_by", "marked_by"} & set(row)


@pytest.mark.parametrize(("opened_by", "marked_by"), [("Ayşe Kaya", "Mehmet Er"), ("", "Mehmet Er"), ("=cmd()", "")])
def test_an_export_of_a_team_has_columns_for_names(opened_by: str, marked_by: str) -> None:
    item, _ = views.transcription_item(transcription(message(opened_by, marked_by)), ISTANBUL, NOON)
    [row] = csv.DictReader(io.StringIO(views.to_csv([item], ",")))
    assert (row["opened_by"].lstrip("'"), row["marked_by"]) == (opened_by, marked_by)
    assert not row["opened_by"].startswith("=")


def test_an_export_of_a_desk_is_as_it_was() -> None:
    item, _ = views.transcription_item(transcription(message("", "")), ISTANBUL, NOON)
    assert views.to_csv([item], ",").splitlines()[0] == ",".join(COLUMNS)


def test_the_command_line_says_who_opened_a_message() -> None:
    assert message_text.heard(message()) == "assistant only (opened by Ayşe Kaya)"
    assert message_text.heard(message("")) == "assistant only"
    assert message_text.state(message(), ISTANBUL, NOON) == f"{OPENED}; {TOLD}"
