"""Messages are found by what was said in them and who called."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.archive_samples import NOW, Clock, MakeRoom, is_tried, keep, keep_apart, key, leased, transcript, voicemail

from vm_mcp.archive import Archive, MessageRange, query
from vm_mcp.archive.documents import document, said_text
from vm_mcp.archive.query import MOST_WORDS
from vm_mcp.archive.words import SaidText
from vm_mcp.doubt import show
from vm_mcp.errors import InputError
from vm_mcp.models import OtherReading, Snippet, Word

pytest_plugins = ["support.archive_fixtures"]
pytestmark = pytest.mark.anyio

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
# Whatever has a meaning in FTS5, in SQL or in our queries.
SYNTAX = st.lists(
    st.sampled_from(
        [*"\"“”„«»*^:(){}[]+-_'%;\\.,/", "AND", "OR", "NOT", "NEAR(", "said:", "\x00", " ", "a", "ışık", "05", "3"]
    )
).map("".join)


@pytest.fixture(scope="module")
async def clinic(make_room: MakeRoom, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Archive]:
    archive = make_room(tmp_path_factory.mktemp("clinic"))(Clock())
    for days, (uuid, said) in enumerate(SAID.items()):
        name, number = CALLERS.get(uuid, ("", ""))
        listed = voicemail(uuid, name, number, days_ago=days, extension=str(1001 + days % 2))
        await keep(archive, uuid, said, listed)
    await archive.note_listed([voicemail("never transcribed", "Ayşe Yılmaz")])
    yield archive
    await archive.aclose()


def as_shown(text: str) -> SaidText:
    made = document(transcript(text))
    return said_text(made.shown, made.digits)


async def found(archive: Archive, asked: str, **bounds: Any) -> set[str]:  # noqa: ANN401 - whatever a bound is
    result = await archive.search(asked, MessageRange(**bounds))
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
        ("ayşe", {"light", "never transcribed"}),
        ("ayse yilmaz", {"light", "never transcribed"}),
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
async def test_a_message_is_found_by_its_words_its_caller_and_any_spelling_of_a_number(
    clinic: Archive, asked: str, expected: set[str]
) -> None:
    assert await found(clinic, asked) == expected


@settings(max_examples=150)
@given(asked=ANYTHING | SYNTAX)
@example(asked='"')
@example(asked='said:"x" OR *')
@example(asked="0" * 5000)
@example(asked="1 " * 33)
async def test_any_query_finds_something_or_nothing_or_is_explained(clinic: Archive, asked: str) -> None:
    try:
        result = await clinic.search(asked)
    except InputError as error:
        assert "query" in str(error)  # noqa: PT017 - most queries raise nothing
    else:
        assert len(result.hits) == result.total_count <= len(SAID)


@settings(max_examples=200)
@given(
    said=st.lists(st.sampled_from(SAYINGS), max_size=6).map(" ".join),
    asked=st.lists(st.sampled_from(ASKED), min_size=1, max_size=3).map(" ".join),
)
async def test_what_is_found_is_what_can_be_highlighted(shared_archive: Archive, said: str, asked: str) -> None:
    if not is_tried(shared_archive, said, asked):
        return
    where = await keep_apart(shared_archive, said)
    hits = (await shared_archive.search(asked, where)).hits
    assert bool(hits) == all(part.spans(as_shown(said)) for part in query.parse(asked))


@given(uuid=st.sampled_from([uuid for uuid, said in SAID.items() if said]), data=st.data())
async def test_every_word_that_was_said_finds_its_message(clinic: Archive, uuid: str, data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(SaidText(SAID[uuid]).terms))
    said = SAID[uuid][word.start : word.end]
    [hit] = [hit for hit in (await clinic.search(f'"{said}"')).hits if hit.voicemail.uuid == uuid]
    start, end = hit.snippet.marks[0]
    assert said in hit.snippet.text[start:end]


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
async def test_each_of_two_numbers_in_a_row_is_found(shared_archive: Archive, said: str, asked: str) -> None:
    where = await keep_apart(shared_archive, said)
    [hit] = (await shared_archive.search(asked, where)).hits
    assert hit.snippet.marks
    assert (await shared_archive.search("0532 999 99 99", where)).hits == ()


@pytest.mark.parametrize(
    "asked", ["0532 123 45 67 0533 765 43 21", "0533 765 43 21, 0532 123 45 67", "05321234567/5337654321"]
)
async def test_a_query_of_two_numbers_must_match_both(archive: Archive, asked: str) -> None:
    in_words = "0533 765 43 21 ya da sıfır beş yüz otuz iki, yüz yirmi üç, kırk beş, altmış yedi"
    await keep(archive, "both", in_words, voicemail("both"))
    await keep(archive, "one", "0533 765 43 21'den arayın", voicemail("one"))
    assert await found(archive, asked) == {"both"}


@pytest.mark.parametrize("asked", ["0312 435 22 18", "+903124352218", "4352218", "2218"])
async def test_a_number_said_in_words_is_found_by_its_digits(shared_archive: Archive, asked: str) -> None:
    number = "sıfır üç yüz on iki dört yüz otuz beş yirmi iki on sekiz"
    where = await keep_apart(shared_archive, f"Beni {number} numaralı telefondan arayın.")
    [hit] = (await shared_archive.search(asked, where)).hits
    [(start, end)] = hit.snippet.marks
    assert hit.snippet.text[start:end] == number


async def test_a_number_is_found_as_each_of_its_readings(archive: Archive) -> None:
    made = transcript("Numaram 0532 417 28 93.")
    readings = (OtherReading(text="0532 417 29 93.", start_seconds=0, end_seconds=2),)
    [segment] = made.segments
    words = tuple(
        Word(text=word, start_seconds=at / 2, end_seconds=at / 2 + 0.4, probability=0.9, is_confirmed=at == 0)
        for at, word in enumerate(segment.text.split())
    )
    readings = (OtherReading(text="0532 417 29 93.", start_seconds=0.5, end_seconds=9),)
    segment = segment.model_copy(update={"words": words, "other_readings": readings})
    made = made.model_copy(update={"segments": (segment,)})
    assert "0532 417 29 93" in show(made).phone_numbers[0].verdict
    wanted = key("a")
    assert await archive.save(await leased(archive, wanted), made)
    for asked in ("0532 417 28 93", "0532 417 29 93", "2993"):
        assert [hit.voicemail.uuid for hit in (await archive.search(asked)).hits] == ["a"]
    assert not (await archive.search("0532 417 30 93")).hits


async def test_the_other_line_of_a_number_is_found(archive: Archive) -> None:
    await keep(archive, "u", "Bizi 0212 555 12 34-35'ten arayın", voicemail("u"))
    assert await found(archive, "0212 555 12 34") == await found(archive, "0212 555 12 35") == {"u"}


SAYABLE = """
    sıfır bir iki üç dört beş altı yedi sekiz dokuz on yirmi otuz kırk elli altmış yetmiş seksen doksan yüz beşyüz
    0532 532 444 0 123 45 67 05321234567 +90 0212 555 34-35 12, 34. 15 Kasım veya / - numaram zero five
"""
SPOKEN = st.lists(st.sampled_from(SAYABLE.split()), min_size=5, max_size=30).map(" ".join)


@settings(max_examples=200)
@given(
    said=SPOKEN,
    language=st.sampled_from(["tr", "en", ""]),
    caller=st.sampled_from(["", "05321234567", "+4930901820"]),
)
async def test_whatever_is_listed_as_said_is_found(
    shared_archive: Archive, said: str, language: str, caller: str
) -> None:
    if not is_tried(shared_archive, said, caller):
        return
    where = await keep_apart(shared_archive, said, number=caller, language=language)
    for number in show(transcript(said, language), caller_number=caller).phone_numbers:
        for asked in filter(None, (number.number, number.e164 or number.number)):
            [hit] = (await shared_archive.search(asked, where)).hits
            assert hit.snippet.marks


@pytest.mark.parametrize("asked", ["", " ", '""', "-", "'’", "???", "“”", "\u200b"])
async def test_a_query_without_a_word_is_explained(clinic: Archive, asked: str) -> None:
    with pytest.raises(InputError, match="contains no words"):
        await clinic.search(asked)


async def test_a_query_of_too_many_words_is_explained(clinic: Archive) -> None:
    assert await found(clinic, "ışık " * MOST_WORDS) == {"light", "number"}
    with pytest.raises(InputError, match="32"):
        await clinic.search("ışık " * (MOST_WORDS + 1))


async def snippet_of(archive: Archive, asked: str) -> Snippet:
    [hit] = (await archive.search(asked)).hits
    return hit.snippet


async def test_a_snippet_shows_where_it_was_said(clinic: Archive) -> None:
    snippet = await snippet_of(clinic, "fatura geldi")
    assert snippet.text.startswith("…söz")
    assert snippet.text.endswith("…")
    assert [snippet.text[start:end] for start, end in snippet.marks] == ["fatura", "geldi"]


async def test_a_phrase_and_a_number_are_highlighted_whole(clinic: Archive) -> None:
    for asked, expected in (
        ('"call me back"', "call me back"),
        ("5324172893", "0532 417 28 93"),
        ("2893", "0532 417 28 93"),
    ):
        snippet = await snippet_of(clinic, asked)
        assert [snippet.text[start:end] for start, end in snippet.marks] == [expected]


async def test_one_found_by_its_caller_alone_shows_how_it_begins(clinic: Archive) -> None:
    snippet = await snippet_of(clinic, "mitchell")
    assert snippet.text.startswith("Please call")
    assert snippet.marks == ()


async def test_a_search_can_be_limited_to_a_time_and_a_mailbox(clinic: Archive) -> None:
    day = timedelta(days=1)
    assert await found(clinic, "ışık", since=NOW - day) == {"light"}
    assert await found(clinic, "ışık", until=NOW - day) == {"number"}
    assert await found(clinic, "ışık", since=NOW - 2 * day, until=NOW) == {"light", "number"}
    assert await found(clinic, "ışık", since=NOW + day) == set()
    assert await found(clinic, "ışık", extension="1001") == {"light", "number"}
    assert await found(clinic, "ışık", extension="1002") == set()
    assert await found(clinic, "ışık", extension="1'; DROP TABLE search; --") == set()


async def test_the_total_includes_hits_beyond_the_limit(clinic: Archive) -> None:
    result = await clinic.search("ışık", limit=1)
    assert (len(result.hits), result.total_count) == (1, 2)
    assert len((await clinic.search("ışık", limit=0)).hits) == 1


async def test_a_caller_of_that_name_ranks_above_one_who_said_it_and_newer_above_older(archive: Archive) -> None:
    await keep(archive, "said", "ışık yanmıyor lütfen gelin", voicemail("said", "Veli"))
    await keep(archive, "named", "lütfen hemen beni arayın", voicemail("named", "Işık"))
    for uuid, days in (("older", 3), ("newest", 1), ("oldest", 9)):
        await keep(archive, uuid, "bir randevu istiyorum", voicemail(uuid, "Can", days_ago=days))
    for asked, expected in (("ışık", ["named", "said"]), ("randevu", ["newest", "older", "oldest"])):
        assert [hit.voicemail.uuid for hit in (await archive.search(asked)).hits] == expected


async def test_only_the_latest_transcript_and_the_latest_caller_are_searched(archive: Archive) -> None:
    await keep(archive, "u", "yanlış duyulan", voicemail("u", "Ayşe", "05321112233"))
    await keep(archive, "u", "doğru duyulan", voicemail("u", "Fatma", "05321112244"))
    for gone in ("yanlış", "ayşe", "2233"):
        assert await found(archive, gone) == set()
    for there in ("doğru", "fatma", "2244"):
        assert await found(archive, there) == {"u"}


async def test_a_message_transcribed_before_it_was_listed_is_found_by_its_caller_once_it_is(archive: Archive) -> None:
    await keep(archive, "u", "merhaba")
    assert await found(archive, "merhaba") == {"u"}
    assert await archive.voicemail("u") is None
    await archive.note_listed([voicemail("u", "Ayşe")])
    assert await found(archive, "ayşe merhaba") == {"u"}
