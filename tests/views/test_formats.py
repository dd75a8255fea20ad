"""CSV in which a spreadsheet finds no formula, and WebVTT in which a caller can forge no cue."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.text import clean_text
from vm_mcp.views import TranscriptionItem, to_csv, to_vtt
from vm_mcp.views.csv_table import COLUMNS, inert
from vm_mcp.views.said_rows import PhoneNumberItem, SaidTimeItem, SegmentItem

spoken = st.text(max_size=60).map(clean_text)
seconds = st.floats(min_value=-10, max_value=1e6, allow_nan=False)
segments = st.builds(SegmentItem, start_seconds=seconds, end_seconds=seconds, text=spoken, avg_logprob=st.just(-0.3))
items = st.builds(
    TranscriptionItem,
    uuid=st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=20),
    status=st.just("done"),
    received_at=st.sampled_from(["", "2026-11-24T00:09:00+03:00"]),
    caller_id_name=spoken,
    caller_id_number=spoken,
    extension=spoken,
    text=spoken,
    language=st.sampled_from(["", "tr"]),
    phone_numbers=st.just([]),
    segments=st.lists(segments, max_size=4),
)

CUE = re.compile(r"(\d\d+):([0-5]\d):([0-5]\d)\.(\d{3}) --> (\d\d+):([0-5]\d):([0-5]\d)\.(\d{3})")


@pytest.mark.parametrize(
    "cell",
    [
        '=HYPERLINK("http://x","y")', "+905324172893", "-1+1", "@SUM(A1)", "\t=1", " =1", "\u00a0=1", "＝1", "|calc",
        "%0a=1",
    ],
)  # fmt: skip
def test_a_cell_that_a_spreadsheet_would_compute_begins_with_an_apostrophe(cell: str) -> None:
    assert inert(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "05324172893", "Ayşe Yılmaz", "a=1", "1+1", "[?Arslan]"])
def test_any_other_cell_is_unchanged(cell: str) -> None:
    assert inert(cell) == cell


@given(st.lists(items, max_size=4), st.sampled_from([",", ";", "\t"]))
def test_csv_reads_back_unchanged_except_for_the_apostrophes(
    given_items: list[TranscriptionItem], delimiter: str
) -> None:
    header, *rows = csv.reader(io.StringIO(to_csv(given_items, delimiter), newline=""), delimiter=delimiter)
    assert tuple(header) == COLUMNS
    assert len(rows) == len(given_items)
    for row, item in zip(rows, given_items, strict=True):
        cells = dict(zip(COLUMNS, row, strict=True))
        for name in ("uuid", "caller_id_name", "caller_id_number", "text", "extension"):
            assert cells[name] in {getattr(item, name), f"'{getattr(item, name)}"}
        assert not [cell for cell in row if cell.lstrip()[:1] in {"=", "+", "-", "@"}]


def test_a_table_tells_numbers_that_are_not_sure_with_a_question_mark() -> None:
    numbers = [
        PhoneNumberItem(number="0532 417 28 93", heard="", e164="+905324172893", is_valid=True),
        PhoneNumberItem(number="0532 417 28 93", heard="", in_doubt="0532 4{1}7 28 93", is_valid=True),
        PhoneNumberItem(number="417 28 93", heard="", is_valid=False, verdict="may also be 417 29 93"),
        PhoneNumberItem(heard="beş yüz", is_valid=False),
        PhoneNumberItem(number="+44 20 7946 0018", heard="", is_valid=False),
    ]
    item = TranscriptionItem(uuid="a", status="done", phone_numbers=numbers)
    [row] = csv.DictReader(io.StringIO(to_csv([item], ","), newline=""))
    assert row["numbers_said"] == "0532 417 28 93; 0532 4{1}7 28 93?; 417 28 93?; +44 20 7946 0018?"
    item.phone_numbers = numbers[-1:]
    [row] = csv.DictReader(io.StringIO(to_csv([item], ","), newline=""))
    assert row["numbers_said"] == "'+44 20 7946 0018?"


def test_a_table_tells_who_the_caller_is_and_what_became_of_the_message() -> None:
    known = {"contact": "=Ayşe, Yılmaz İnşaat", "state": "tried", "handled": "tried Fri 27 Nov 09:16", "note": "@yarın"}
    item = TranscriptionItem.model_validate({"uuid": "a", "status": "done", **known})
    [row] = csv.DictReader(io.StringIO(to_csv([item], ","), newline=""))
    assert {name: row[name] for name in known} == known | {"contact": "'=Ayşe, Yılmaz İnşaat", "note": "'@yarın"}


def test_a_table_tells_times_with_their_bounds_and_those_to_ask_with_a_question_mark() -> None:
    times = [
        SaidTimeItem(heard="en geç cuma", value="2026-11-27", bound="by", is_sure=True),
        SaidTimeItem(heard="üçle beş arası", value="15:00", until="17:00", is_sure=False, question="or 03:00?"),
    ]
    item = TranscriptionItem(uuid="a", status="done", times=times)
    [row] = csv.DictReader(io.StringIO(to_csv([item], ","), newline=""))
    assert row["times_said"] == "by 2026-11-27; 15:00/17:00?"


@given(items)
def test_webvtt_has_one_cue_per_segment_whatever_was_said(item: TranscriptionItem) -> None:
    head, note, *cues = to_vtt(item).removesuffix("\n").split("\n\n")
    assert head.startswith("WEBVTT")
    assert note.startswith("NOTE ")
    assert "-->" not in head + note
    said = [segment for segment in item.segments if segment.text]
    assert len(cues) == len(said)
    for number, (cue, segment) in enumerate(zip(cues, said, strict=True), start=1):
        name, times, text = cue.split("\n")
        assert name == str(number)
        match = CUE.fullmatch(times)
        assert match
        start, end = ((int(h) * 60 + int(m)) * 60 + int(s) + int(ms) / 1000 for h, m, s, ms in
                      (match.groups()[:4], match.groups()[4:]))  # fmt: skip
        assert start < end
        assert not set(text) & set("<>")
        assert text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == segment.text
