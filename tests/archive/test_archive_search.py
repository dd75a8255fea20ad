"""Finding a message by what was said in it and who called."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.archive_samples import NOW, in_memory, key, transcript, voicemail

from vm_mcp.archive import MessageRange, query
from vm_mcp.archive.query import MOST_WORDS
from vm_mcp.archive.sqlite import message_rows
from vm_mcp.archive.sqlite import transcript_rows as kept
from vm_mcp.archive.sqlite.connection import transaction
from vm_mcp.archive.sqlite.full_text_search import search
from vm_mcp.archive.words import SaidText
from vm_mcp.doubt import show
from vm_mcp.errors import InputError
from vm_mcp.models import SearchHit, Voicemail

SAID = {
    "light": "Salondaki IŞIK yanmıyor, elektrikçi elektriği kesmiş.",
    "call": "Çağrı Bey, randevunuzu yarına aldık. Ankara'ya gelmeyin.",
    "number": "Beni 0532 417 28 93 numarasından arayın, üç yüz lira.",
    "english": "Please call me back about the invoice for March. 0555 123 45 67'den.",
    "long": " ".join(f"söz{number}" for number in range(200)) + " sonunda fatura geldi " + "devam " * 60,
    "silent": "",
}
CALLERS = {
    "light": ("Ayşe Yılmaz", "05427310648"),
    "call": ("Mehmet Kaya", "902164417720"),
    "number": ("Işık Mobilya", "0012025550134"),
    "english": ("Sarah Mitchell", "1002"),
}
SAYINGS = ["ışık", "IŞIKLAR", "kitap", "kitabı", "ara", "araba", "05", "0532 417 28'den", "x-y", "Ali'nin"]
SAYINGS += ["beş yüz otuz iki dört yüz on yedi yirmi sekiz doksan üç", "0532 417 28 93 0533 765 43 21", "444 0 332."]
ASKED = ["isik", "kitap", "ar", '"ara araba"', '"ışık"', "alinin", "417", "41728", "y", "05"]
ASKED += ["0532 417", "4172893", "93 0533"]
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=60)
# What means something to FTS5, to SQL or to us.
SYNTAX = st.lists(
    st.sampled_from(
        [*"\"“”„«»*^:(){}[]+-_'%;\\.,/", "AND", "OR", "NOT", "NEAR(", "said:", "\x00", " ", "a", "ışık", "05", "3"]
    )
).map("".join)


def put(connection: sqlite3.Connection, listed: Voicemail, said: str) -> None:
    message_rows.note(connection, [listed], NOW)
    with transaction(connection):
        kept.save(connection, key(listed.uuid), transcript(said), NOW)


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    with in_memory() as opened:
        for days, (uuid, said) in enumerate(SAID.items()):
            name, number = CALLERS.get(uuid, ("", ""))
            put(opened, voicemail(uuid, name, number, days_ago=days, extension=str(1001 + days % 2)), said)
        message_rows.note(opened, [voicemail("never heard", "Ayşe Yılmaz")], NOW)
        yield opened


def found(connection: sqlite3.Connection, asked: str, **bounds: object) -> set[str]:
    result = search(connection, asked, MessageRange(**bounds))  # type: ignore[arg-type]  # whatever a bound is
    assert result.total_count == len(result.hits)
    return {hit.voicemail.uuid for hit in result.hits}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("ışık", {"light", "number"}),
        ("IŞIK", {"light", "number"}),
        ("isik", {"light", "number"}),
        ("cagri", {"call"}),
        ("ÇAĞRI", {"call"}),
        ("randevu", {"call"}),
        ("randevunuzu yarın", {"call"}),
        ("yarın randevu", {"call"}),
        ("randevu fatura", set()),
        ("ankaraya", {"call"}),
        ("Ankara", {"call"}),
        ("elektrik", {"light"}),
        ("elektriğ", {"light"}),
        ("ndevu", set()),
        ('"call me back"', {"english"}),
        ('"call back"', set()),
        ("“call me” invoice", {"english"}),
        ('"randevu"', set()),
        ('"çağrı bey" ankara', {"call"}),
        ("ayşe", {"light"}),
        ("ayse yilmaz", {"light"}),
        ("sarah invoice", {"english"}),
        ('"sarah invoice"', set()),
        ("0532 417 28 93", {"number"}),
        ("905324172893", {"number"}),
        ("+90 532 4172893", {"number"}),
        ("2893", {"number"}),
        ("0555 123 45 67", {"english"}),
        ("0555 123 45 67'den", {"english"}),
        ("417 28", {"number"}),
        ("05427310648", {"light"}),
        ("542 731", {"light"}),
        ("0648", {"light"}),
        ("0216 441 77 20", {"call"}),
        ("1002", {"english"}),
        ("202 555 0134", {"number"}),
        ("üç yüz", {"number"}),
        ("söz199", {"long"}),
        ("söz19", {"long"}),
    ],
)  # fmt: skip
def test_a_message_is_found_by_its_words_its_caller_and_any_spelling_of_a_number(
    connection: sqlite3.Connection, asked: str, expected: set[str]
) -> None:
    assert found(connection, asked) == expected


@settings(max_examples=150)
@given(ANYTHING | SYNTAX)
@example('"')
@example('said:"x" OR *')
@example("0" * 5000)
@example("1 " * 33)
def test_whatever_is_typed_finds_something_or_nothing_or_is_explained(asked: str) -> None:
    with in_memory() as opened:
        put(opened, voicemail("u", "Ayşe", "0532"), "merhaba")
        try:
            result = search(opened, asked)
        except InputError as error:
            assert "query" in str(error)  # noqa: PT017 - most queries raise nothing
        else:
            assert result.total_count <= 1


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from(SAYINGS), max_size=6).map(" ".join),
    st.lists(st.sampled_from(ASKED), min_size=1, max_size=3).map(" ".join),
)
def test_what_is_found_is_what_can_be_marked(said: str, asked: str) -> None:
    with in_memory() as opened:
        put(opened, voicemail("u"), said)
        hits = search(opened, asked).hits
        parts = query.parse(asked)
        assert bool(hits) == all(part.spans(SaidText(said)) for part in parts)


@given(st.sampled_from(sorted(SAID)), st.data())
def test_every_word_that_was_said_finds_its_message(uuid: str, data: st.DataObject) -> None:
    said = SaidText(SAID[uuid]).terms
    if not said:
        return
    word = data.draw(st.sampled_from(said))
    with in_memory() as opened:
        put(opened, voicemail(uuid), SAID[uuid])
        [hit] = search(opened, f'"{SAID[uuid][word.start : word.end]}"').hits
        start, end = hit.snippet.marks[0]
        assert SAID[uuid][word.start : word.end] in hit.snippet.text[start:end]


IN_A_ROW = [
    "Beni 0532 123 45 67 0533 765 43 21 numaralarından arayın",
    "0532 123 45 67, 0533 765 43 21",
    "0532 123 45 67 veya 0533 765 43 21'den",
    "0532 123 45 67/0533 765 43 21",
    "05321234567 / 05337654321",
    "0532-123-45-67 - 0533-765-43-21",
    "532 123 45 67 533 765 43 21",
    "+90 532 123 45 67 +90 533 765 43 21",
    "sıfır beş yüz otuz iki, yüz yirmi üç, kırk beş, altmış yedi ve 0533 765 43 21",
    "5321234567 5337654321 444 0 332",
]


@pytest.mark.parametrize("said", IN_A_ROW)
@pytest.mark.parametrize(
    "asked", ["0532 123 45 67", "+90 533 765 43 21", "05337654321", "905321234567", "1234567", "4321", "0533 765"]
)
def test_each_of_two_numbers_in_a_row_is_found(said: str, asked: str) -> None:
    with in_memory() as opened:
        put(opened, voicemail("u"), said)
        [hit] = search(opened, asked).hits
        assert hit.snippet.marks
        assert search(opened, "0532 999 99 99").hits == ()


@pytest.mark.parametrize(
    "asked", ["0532 123 45 67 0533 765 43 21", "0533 765 43 21, 0532 123 45 67", "05321234567/5337654321"]
)
def test_two_numbers_that_are_typed_are_both_looked_for(asked: str) -> None:
    with in_memory() as opened:
        put(
            opened,
            voicemail("both"),
            "0533 765 43 21 ya da sıfır beş yüz otuz iki, yüz yirmi üç, kırk beş, altmış yedi",
        )
        put(opened, voicemail("one"), "0533 765 43 21'den arayın")
        assert found(opened, asked) == {"both"}


@pytest.mark.parametrize("asked", ["0312 435 22 18", "+903124352218", "4352218", "2218"])
def test_a_number_said_in_words_is_found_by_its_digits(asked: str) -> None:
    said = "Beni sıfır üç yüz on iki dört yüz otuz beş yirmi iki on sekiz numaralı telefondan arayın."
    with in_memory() as opened:
        put(opened, voicemail("u"), said)
        [hit] = search(opened, asked).hits
        [(start, end)] = hit.snippet.marks
        assert hit.snippet.text[start:end] == "sıfır üç yüz on iki dört yüz otuz beş yirmi iki on sekiz"


def test_the_other_line_of_a_number_is_found() -> None:
    with in_memory() as opened:
        put(opened, voicemail("u"), "Bizi 0212 555 12 34-35'ten arayın")
        assert found(opened, "0212 555 12 34") == found(opened, "0212 555 12 35") == {"u"}


SAYABLE = """
    sıfır bir iki üç dört beş altı yedi sekiz dokuz on yirmi otuz kırk elli altmış yetmiş seksen doksan yüz beşyüz
    0532 532 444 0 123 45 67 05321234567 +90 0212 555 34-35 12, 34. 15 Kasım veya / - numaram zero five
"""
SPOKEN = st.lists(st.sampled_from(SAYABLE.split()), min_size=5, max_size=30).map(" ".join)


@settings(max_examples=200)
@given(SPOKEN, st.sampled_from(["tr", "en", ""]), st.sampled_from(["", "05321234567", "+4930901820"]))
def test_whatever_is_listed_as_said_is_found(said: str, language: str, caller: str) -> None:
    listed = show(transcript(said, language), caller_number=caller).phone_numbers
    with in_memory() as opened:
        message_rows.note(opened, [voicemail("u", number=caller)], NOW)
        with transaction(opened):
            kept.save(opened, key("u"), transcript(said, language), NOW)
        for number in listed:
            for asked in (number.number, number.e164 or number.number):
                [hit] = search(opened, asked).hits
                assert hit.snippet.marks


@pytest.mark.parametrize("asked", ["", " ", '""', "-", "'’", "???", "“”", "\u200b"])
def test_a_query_without_a_word_is_explained(connection: sqlite3.Connection, asked: str) -> None:
    with pytest.raises(InputError, match="holds no word"):
        search(connection, asked)


def test_a_query_of_too_many_words_is_explained(connection: sqlite3.Connection) -> None:
    assert found(connection, "ışık " * MOST_WORDS) == {"light", "number"}
    with pytest.raises(InputError, match="32"):
        search(connection, "ışık " * (MOST_WORDS + 1))


def hit_of(connection: sqlite3.Connection, asked: str) -> SearchHit:
    [hit] = search(connection, asked).hits
    return hit


def test_a_snippet_shows_where_it_was_said(connection: sqlite3.Connection) -> None:
    hit = hit_of(connection, "fatura geldi")
    assert hit.snippet.text.startswith("…söz")
    assert hit.snippet.text.endswith("…")
    marked = [hit.snippet.text[start:end] for start, end in hit.snippet.marks]
    assert marked == ["fatura", "geldi"]


def test_a_phrase_and_a_number_are_marked_whole(connection: sqlite3.Connection) -> None:
    for asked, expected in (
        ('"call me back"', "call me back"),
        ("5324172893", "0532 417 28 93"),
        ("2893", "0532 417 28 93"),
    ):
        snippet = hit_of(connection, asked).snippet
        assert [snippet.text[start:end] for start, end in snippet.marks] == [expected]


def test_one_found_by_its_caller_alone_shows_how_it_begins(connection: sqlite3.Connection) -> None:
    assert hit_of(connection, "mitchell").snippet.text.startswith("Please call")
    assert hit_of(connection, "mitchell").snippet.marks == ()


def test_time_and_mailbox_leave_what_they_say(connection: sqlite3.Connection) -> None:
    day = timedelta(days=1)
    assert found(connection, "ışık", since=NOW - day) == {"light"}
    assert found(connection, "ışık", until=NOW - day) == {"number"}
    assert found(connection, "ışık", since=NOW - 2 * day, until=NOW) == {"light", "number"}
    assert found(connection, "ışık", since=NOW + day) == set()
    assert found(connection, "ışık", extension="1001") == {"light", "number"}
    assert found(connection, "ışık", extension="1002") == set()
    assert found(connection, "ışık", extension="1'; DROP TABLE search; --") == set()


def test_the_total_counts_what_the_limit_leaves_out(connection: sqlite3.Connection) -> None:
    result = search(connection, "ışık", limit=1)
    assert (len(result.hits), result.total_count) == (1, 2)
    assert len(search(connection, "ışık", limit=0).hits) == 1


def test_a_caller_of_that_name_comes_before_who_only_said_it_and_of_equals_the_newest() -> None:
    with in_memory() as opened:
        put(opened, voicemail("said", "Veli"), "ışık yanmıyor lütfen gelin")
        put(opened, voicemail("named", "Işık"), "lütfen hemen beni arayın")
        for uuid, days in (("older", 3), ("newest", 1), ("oldest", 9)):
            put(opened, voicemail(uuid, "Can", days_ago=days), "bir randevu istiyorum")
        assert [hit.voicemail.uuid for hit in search(opened, "ışık").hits] == ["named", "said"]
        assert [hit.voicemail.uuid for hit in search(opened, "randevu").hits] == ["newest", "older", "oldest"]


def test_only_the_latest_transcript_counts_and_a_caller_as_listed_last() -> None:
    with in_memory() as opened:
        put(opened, voicemail("u", "Ayşe", "05321112233"), "yanlış duyulan")
        put(opened, voicemail("u", "Fatma", "05321112244"), "doğru duyulan")
        for gone in ("yanlış", "ayşe", "2233"):
            assert found(opened, gone) == set()
        for there in ("doğru", "fatma", "2244"):
            assert found(opened, there) == {"u"}


def test_a_message_transcribed_before_it_was_listed_is_found_by_its_caller_once_it_is() -> None:
    with in_memory() as opened:
        with transaction(opened):
            kept.save(opened, key("u"), transcript("merhaba"), NOW)
        assert found(opened, "merhaba") == {"u"}
        assert message_rows.get(opened, "u") is None
        message_rows.note(opened, [voicemail("u", "Ayşe")], NOW)
        assert found(opened, "ayşe merhaba") == {"u"}
