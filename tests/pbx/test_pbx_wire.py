import json
import math
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.errors import PbxProtocolError
from vm_mcp.ids import is_usable_uuid
from vm_mcp.models import Voicemail
from vm_mcp.pbx.voicemail_wire import parse_recording_url, parse_voicemail, parse_voicemails
from vm_mcp.pbx.wire import read_timestamp
from vm_mcp.telephone import is_withheld

FIELDS = ["start_stamp", "read_stamp", "user_number", "uuid", "caller_id_number", "caller_id_name", "duration"]
# From the voicemail page.
EXAMPLE = {
    "start_stamp": "2017-08-03 12:30:32 +0300",
    "read_stamp": "2017-08-03 14:31:32 +0300",
    "user_number": "1002",
    "uuid": "651f8a68-782e-11g7-a6b6-5bedc26e2ab3",
    "caller_id_number": "03121234567",
    "caller_id_name": "Mehmet Yılmaz",
    "duration": "00:01:05",
}

INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)
odd_rows = st.dictionaries(st.sampled_from(FIELDS), json_values)
moments = st.datetimes(
    datetime(2000, 1, 2),  # noqa: DTZ001 - the strategy wants naive bounds and adds the zone
    datetime(2099, 1, 1),  # noqa: DTZ001 - the same
    timezones=st.integers(-11 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
).map(lambda moment: moment.replace(microsecond=0))
plain = st.text(st.characters(exclude_categories=["C", "Z", "M"], max_codepoint=0x2FF), max_size=30).map(
    lambda text: text.replace("[?", "(?")  # what begins a doubt mark is nobody's name
)
voicemails = st.builds(
    Voicemail,
    uuid=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="/\\."), min_size=1),
    extension=plain,
    caller_id_number=plain.map(lambda number: "" if is_withheld(number) else number),
    caller_id_name=plain,
    received_at=moments,
    is_read=st.booleans(),
    read_at=moments,
    duration_seconds=st.integers(0, 900 * 3600),
).map(lambda voicemail: voicemail if voicemail.is_read else voicemail.model_copy(update={"read_at": None}))


def spell(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S %z}"


def on_wire(voicemail: Voicemail) -> dict[str, Any]:
    assert voicemail.received_at
    assert voicemail.duration_seconds is not None
    minutes, seconds = divmod(voicemail.duration_seconds, 60)
    return {
        "uuid": voicemail.uuid,
        "user_number": voicemail.extension,
        "caller_id_number": voicemail.caller_id_number,
        "caller_id_name": voicemail.caller_id_name,
        "start_stamp": spell(voicemail.received_at),
        "read_stamp": spell(voicemail.read_at) if voicemail.read_at else "",
        "duration": f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}",
    }


def body(*rows: object, pagination: object = None) -> bytes:
    return json.dumps({"messages": rows, "pagination": pagination}).encode()


def one(**fields: object) -> Voicemail:
    voicemail = parse_voicemail({**EXAMPLE, **fields})
    assert voicemail
    return voicemail


def test_the_vendors_example_is_parsed() -> None:
    assert parse_voicemail(EXAMPLE) == Voicemail(
        uuid="651f8a68-782e-11g7-a6b6-5bedc26e2ab3",
        extension="1002",
        caller_id_number="03121234567",
        caller_id_name="Mehmet Yılmaz",
        received_at=datetime(2017, 8, 3, 9, 30, 32, tzinfo=UTC),
        is_read=True,
        read_at=datetime(2017, 8, 3, 11, 31, 32, tzinfo=UTC),
        duration_seconds=65,
    )


@given(voicemails)
def test_what_is_written_as_the_vendor_does_is_read_back(voicemail: Voicemail) -> None:
    assert parse_voicemail(on_wire(voicemail)) == voicemail


@given(json_values | st.fixed_dictionaries({"messages": st.lists(odd_rows), "pagination": json_values}))
def test_any_json_is_parsed_or_is_one_clear_error(value: object) -> None:
    try:
        page = parse_voicemails(json.dumps(value).encode())
    except PbxProtocolError as error:
        assert "VM_MCP_BASE_URL" in str(error)  # noqa: PT017 - only what is raised is checked
    else:
        assert page.total_pages >= 1
        for voicemail in (listed.row for listed in page.rows):
            assert is_usable_uuid(voicemail.uuid)
            assert not {unicodedata.category(char) for char in voicemail.caller_id_name} & INVISIBLE


@given(st.binary() | st.sampled_from([b"", b"[" * 100_000, b'{"messages":[],}', b"<html></html>", b"9" * 5000]))
def test_bytes_that_are_not_a_list_are_an_error_in_our_own_words(data: bytes) -> None:
    with pytest.raises(PbxProtocolError) as caught:
        parse_voicemails(data)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("unread", [{"read_stamp": None}, {"read_stamp": ""}, {"read_stamp": "  "}, {}])
def test_every_spelling_of_an_unread_message_is_unread(unread: dict[str, object]) -> None:
    voicemail = parse_voicemail({name: EXAMPLE[name] for name in EXAMPLE if name != "read_stamp"} | unread)
    assert voicemail
    assert (voicemail.is_read, voicemail.read_at) == (False, None)


@pytest.mark.parametrize("timestamp", ["dün", "017-08-03 12:30:32 +0300", 1501752632, True, {"at": 1}])
def test_a_read_timestamp_that_cannot_be_parsed_still_means_that_someone_listened(timestamp: object) -> None:
    voicemail = one(read_stamp=timestamp)
    assert (voicemail.is_read, voicemail.read_at) == (True, None)


@pytest.mark.parametrize(
    "timestamp",
    [
        "",
        "017-08-03 12:30:32 +0300",
        "2017-08-03 12:30:32 +030",
        "2017-02-30 12:30:32 +0300",
        "2017-08-03",
        "٢٠١٧",
        "0001-01-01 00:00:00 +0300",
        "9999-12-31 23:59:59 -0300",
        "2017-08-03 12:30:32",
        "2017-08-03 12:30:32 +9999",
        "0001-01-01 00:00:00 +0000",
        "9999-12-31 23:59:59 +0000",
        "1970-01-01 00:00:00 +0000",
    ],
)
def test_a_timestamp_with_a_typo_is_unknown_and_not_guessed(timestamp: str) -> None:
    assert one(start_stamp=timestamp).received_at is None


def test_a_timestamp_in_utc_is_parsed() -> None:
    assert read_timestamp("2017-08-03 12:30:32 UTC") == datetime(2017, 8, 3, 12, 30, 32, tzinfo=UTC)


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        ("00:0:35", 35),
        ("1:05", 65),
        ("65", 65),
        (65, 65),
        ("00:61:00", None),
        ("-1", None),
        ("uzun", None),
        (None, None),
        (-5, None),
        (math.inf, None),
        ([], None),
        ("100:00:00", 360_000),
    ],
)
def test_durations_are_parsed_where_they_make_sense(duration: object, seconds: int | None) -> None:
    assert one(duration=duration).duration_seconds == seconds


def test_names_and_numbers_lose_what_controls_a_display_and_nothing_else() -> None:
    name = "Servis\u202e \x1b[31mSYS\u200bTEM\x1b[0m\r\nA\tB\u2066\ud800\u3164 Gu\u0308l" + 9 * "\u0335"
    assert one(caller_id_name=name).caller_id_name == "Servis SYSTEM A B Gül\u0335\u0335"
    assert one(caller_id_name="ş" * 1000).caller_id_name == "ş" * 256
    assert one(caller_id_name=None, caller_id_number=5321112233, user_number=True) == one(
        caller_id_name="", caller_id_number="5321112233", user_number=""
    )


def test_a_message_without_a_usable_uuid_is_left_out_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    unusable: list[object] = [None, "", "..", "a/b", "a\\b", "a b", "a\x00", "x" * 129, []]
    bad = [{**EXAMPLE, "uuid": uuid} for uuid in unusable]
    page = parse_voicemails(body(EXAMPLE, "no row", *bad))
    assert [listed.row.uuid for listed in page.rows] == [EXAMPLE["uuid"]]
    assert [record.getMessage() for record in caplog.records] == [
        "10 listed messages have no usable id and were left out"
    ]


@pytest.mark.parametrize(
    ("pagination", "count", "pages"),
    [
        ({"total_count": 25, "total_pages": 3}, 25, 3),
        ({"total_count": "25", "total_pages": "3"}, 25, 3),
        ({"total_count": 3}, 3, 3),
        ({"total_count": 0, "total_pages": 0}, 0, 1),
        ({"total_count": -1, "total_pages": 2.5}, None, 1),
        ({"total_count": [], "total_pages": True}, None, 1),
        ([], None, 1),
        (None, None, 1),
    ],
)
def test_a_malformed_pagination_is_tolerated(pagination: object, count: int | None, pages: int) -> None:
    page = parse_voicemails(body(EXAMPLE, pagination=pagination))
    assert (page.total_count, page.total_pages) == (count, pages)


@pytest.mark.parametrize(
    "answer",
    [
        b"https://pbx.example/recording/R1",
        b"https://pbx.example/recording/R1\n",
        b'{"url": "https://pbx.example/recording/R1"}',
        b'"https://pbx.example/recording/R1"',
    ],
)
def test_a_recordings_url_comes_bare_or_in_json(answer: bytes) -> None:
    assert parse_recording_url(answer) == "https://pbx.example/recording/R1"


@given(
    st.binary()
    | st.sampled_from(
        [
            b"",
            b"<html>",
            b"{}",
            b"https://pbx.example/" + b"R" * 9000,
            b'{"url":3}',
            b'{"url":',
            b"ftp://x/y",
            b"https://a b",
            b"\xff",
        ]
    )
)
def test_anything_else_than_a_url_is_one_clear_error(answer: bytes) -> None:
    with pytest.raises(PbxProtocolError) as caught:
        parse_recording_url(answer)
    assert caught.value.__context__ is None
