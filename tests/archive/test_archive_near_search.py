"""A search forgives what the engine misheard, and says so."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.archive_samples import NOW, fresh, keep, key, leased, transcript, voicemail

from vm_mcp.archive import Archive, MessageRange
from vm_mcp.archive.near_words import allowed_edits, nearest, pieces
from vm_mcp.doubt import show
from vm_mcp.models import SearchResult, Segment, Transcript, Word
from vm_mcp.text import DOUBT_END, DOUBT_START

pytest_plugins = ["support.archive_fixtures"]
pytestmark = pytest.mark.anyio

ADVISED = "İyi günler, ben babukat Şule Aydın."


async def uuids(archive: Archive, asked: str, limit: int = 20) -> list[str]:
    return [hit.voicemail.uuid for hit in (await archive.search(asked, limit=limit)).hits]


async def close(archive: Archive, asked: str) -> list[tuple[str, ...]]:
    return [hit.close for hit in (await archive.search(asked)).hits]


def unsure(text: str, doubted: str) -> Transcript:
    """Return a transcript of which the engine was unsure in one word."""
    words = tuple(
        Word(
            text=word,
            start_seconds=at,
            end_seconds=at + 0.5,
            probability=0.05 if word == doubted else 0.99,
            least_probability=0.02 if word == doubted else 0.99,
            logprob=-6.0 if word == doubted else -0.01,
            tokens=2,
        )
        for at, word in enumerate(text.split())
    )
    made = transcript(text)
    [segment] = made.segments
    return made.model_copy(update={"segments": (segment.model_copy(update={"words": words}),)})


@pytest.mark.parametrize(
    ("asked", "said", "expected"),
    [
        ("rezervasyon", "İki kişilik redervasyonu yaptırmıştık.", ("redervasyonu",)),
        ("rezervasyonumuz", "Redervasyonumuz vardı.", ("Redervasyonumuz",)),
        ("avukat", ADVISED, ("babukat",)),
        ("kargo", "Mavi Kırgoya verdim.", ("Kırgoya",)),
        ("kombi", "Konbini yine bozulmuş.", ("Konbini",)),
        ("kargo sipariş", "Kırgoya verdiğim siparişim gelmedi.", ("Kırgoya",)),
        ("avukat kargo", "Babukat Kırgoya verdi.", ("Babukat", "Kırgoya")),
    ],
)
async def test_a_misheard_word_is_found_and_shown_as_close(
    archive: Archive, asked: str, said: str, expected: tuple[str, ...]
) -> None:
    await keep(archive, "u", said, voicemail("u"))
    await keep(archive, "other", "Beni geri arayabilir misiniz, teşekkürler.", voicemail("other"))
    result = await archive.search(asked)
    [hit] = result.hits
    assert (hit.voicemail.uuid, hit.close) == ("u", expected)
    assert (result.total_count, result.near_count) == (1, 1)
    assert {hit.snippet.text[start:end] for start, end in hit.snippet.marks} >= set(expected)


async def test_a_far_word_is_found_only_where_no_message_has_a_nearer_one(archive: Archive) -> None:
    await keep(archive, "far", ADVISED, voicemail("far"))
    assert await uuids(archive, "avukat") == ["far"]
    await keep(archive, "near", "Ben avukut Derya Kaya.", voicemail("near"))
    assert await uuids(archive, "avukat") == ["near"]
    await keep(archive, "exact", "Ben avukat Can.", voicemail("exact"))
    assert await uuids(archive, "avukat") == ["exact", "near"]
    assert await close(archive, "avukat") == [(), ("avukut",)]
    assert await uuids(archive, "avukat", limit=1) == ["exact"]


async def test_nothing_near_is_looked_for_when_enough_matches(archive: Archive) -> None:
    for number in range(3):
        await keep(archive, f"exact{number}", "Ben avukat Can.", voicemail(f"exact{number}"))
    await keep(archive, "near", "Ben avukut Derya Kaya.", voicemail("near"))
    assert sorted(await uuids(archive, "avukat")) == ["exact0", "exact1", "exact2"]


@pytest.mark.parametrize("asked", ["oda", "uca", '"avukat"', "5321"])
async def test_short_words_quotations_and_digits_are_never_forgiven(archive: Archive, asked: str) -> None:
    await keep(archive, "u", "Ben babukat, ode için 5322 numaradan uc kez arayın.", voicemail("u"))
    assert await uuids(archive, asked) == []


async def test_a_word_that_the_language_has_and_the_engine_was_sure_of_stands_for_no_other(archive: Archive) -> None:
    await keep(archive, "sure", "Bu taklit olmasın.", voicemail("sure"))
    assert await uuids(archive, "tahlil") == []
    await archive.note_listed([voicemail("unsure")])
    assert await archive.save(await leased(archive, key("unsure")), unsure("Bu taklit sonucu çıktı.", "taklit"))
    result = await archive.search("tahlil")
    [hit] = result.hits
    assert (hit.voicemail.uuid, hit.close) == ("unsure", ("taklit",))
    assert DOUBT_START in hit.snippet.text
    assert hit.snippet.text.endswith(f"taklit{DOUBT_END} sonucu çıktı.")


async def test_a_name_that_is_written_otherwise_is_found(archive: Archive) -> None:
    await keep(archive, "u", "Beni arayın.", voicemail("u", "Mehmet Aslan"))
    assert await close(archive, "arslan") == [("Aslan",)]


async def test_near_words_are_those_of_the_latest_transcript_and_caller(archive: Archive) -> None:
    await keep(archive, "u", "Ben babukat.", voicemail("u", "Mehmet Aslan"))
    await keep(archive, "u", "Ben arkadaşı.", voicemail("u", "Fatma Demir"))
    assert await uuids(archive, "avukat") == await uuids(archive, "arslan") == []


async def test_a_search_that_finds_nothing_counts_what_it_searched_within_its_filters(archive: Archive) -> None:
    for number in range(5):
        listed = voicemail(f"u{number}", extension=str(1000 + number % 2), days_ago=number)
        if number < 3:
            await keep(archive, listed.uuid, "merhaba", listed)
        else:
            await archive.note_listed([listed])
    await keep(archive, "silent", "", voicemail("silent", extension="2000"))

    def counts(result: SearchResult) -> tuple[int, int]:
        assert (result.hits, result.total_count) == ((), 0)
        return result.searched_count, result.missing_count

    assert counts(await archive.search("fatura")) == (4, 2)
    assert counts(await archive.search("fatura", MessageRange(extension="1000"))) == (2, 1)
    assert counts(await archive.search("fatura", MessageRange(since=NOW - timedelta(days=1), extension="1001"))) == (
        1,
        0,
    )
    assert counts(await archive.search("fatura", MessageRange(extension="2000"))) == (1, 0)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("5549", "Sipariş numaram beş beş dört dokuz."),
        ("5549", "Dahili elli beş kırk dokuz."),
        ("beş beş dört dokuz", "Sipariş numaram 5549."),
        ("elli beş kırk dokuz", "Sipariş numaram 55 49."),
        ("five five four nine", "My order is 5549."),
        ("532", "Kodu beş yüz otuz iki."),
        ("beş yüz otuz iki", "Kodu 532."),
        ("12500", "Tutar on iki bin beş yüz lira."),
        ("12.500", "Tutar on iki bin beş yüz lira."),
        ("12500", "Tutar 12.500 lira."),
        ("on iki bin beş yüz", "Tutar 12500 lira."),
        ("2026", "On beş eylül iki bin yirmi altı tarihinde."),
        ("1500", "Bin beş yüz lira."),
        ("142134", "Bir dört iki bir üç dört esas numaralı dosya."),
        ("41 72", "Numaram beş yüz otuz iki, dört yüz on yedi, yirmi sekiz, doksan üç."),
    ],
)
async def test_digits_find_words_and_words_digits(archive: Archive, asked: str, said: str) -> None:
    language = "en" if "My" in said else "tr"
    await archive.note_listed([voicemail("u")])
    assert await archive.save(await leased(archive, key("u")), transcript(said, language))
    await keep(archive, "other", "Beş kişiyiz, dört gün, dokuz numara, 5 549.", voicemail("other", extension="2"))
    [hit] = (await archive.search(asked, MessageRange(extension="1001"))).hits
    assert hit.close == ()
    assert hit.snippet.marks


async def test_number_words_far_from_each_other_are_no_number(archive: Archive) -> None:
    await keep(archive, "u", "Beş kişiyiz, dört gün kalacağız, dokuz numaralı oda.", voicemail("u"))
    assert await uuids(archive, "beş beş dört dokuz") == []


@settings(max_examples=60)
@given(
    parts=st.lists(
        st.tuples(
            st.sampled_from(["sıfır beş yüz otuz iki dört yüz on yedi yirmi sekiz doksan üç", "numaram 0532 417 28 93"])
            | st.sampled_from(["double five three two four one seven two eight nine three", "sekiz yüz elli", "hello"]),
            st.sampled_from(["tr", "en"]),
        ),
        min_size=1,
        max_size=4,
    ),
    probability=st.sampled_from([0.99, 0.6]),
)
async def test_a_number_listed_of_a_message_in_two_languages_is_found(
    shared_archive: Archive, parts: list[tuple[str, str]], probability: float
) -> None:
    segments = tuple(
        Segment(
            text=text,
            start_seconds=at * 10,
            end_seconds=at * 10 + 9,
            avg_logprob=-0.2,
            no_speech_prob=0.0,
            language=language,
            words=tuple(
                Word(
                    text=word, start_seconds=at * 10 + n / 4, end_seconds=at * 10 + n / 4 + 0.2, probability=probability
                )
                for n, word in enumerate(text.split())
            ),
        )
        for at, (text, language) in enumerate(parts)
    )
    made = transcript("x").model_copy(update={"segments": segments, "language": parts[0][1]})
    wanted = fresh()
    await shared_archive.note_listed([voicemail(wanted, extension=wanted)])
    await shared_archive.save(await leased(shared_archive, key(wanted)), made)
    for number in show(made).phone_numbers:
        for asked in filter(None, (number.number, number.e164)):
            [hit] = (await shared_archive.search(asked, MessageRange(extension=wanted))).hits
            assert hit.snippet.marks


@given(
    word=st.text("abcde", min_size=4, max_size=12),
    heard=st.text("abcde", min_size=1, max_size=14),
    most=st.integers(1, 3),
)
def test_a_word_that_is_near_contains_a_piece_of_the_other(word: str, heard: str, most: int) -> None:
    assert "".join(pieces(word, most)) == word
    if nearest(word, [heard], most):
        assert any(piece in heard for piece in pieces(word, most))


@pytest.mark.parametrize(
    ("word", "expected"), [("oda", 0), ("otel", 1), ("kargo", 1), ("avukat", 2), ("rezervasyon", 3), ("abc4", 0)]
)
def test_longer_words_may_have_more_wrong_letters(word: str, expected: int) -> None:
    assert allowed_edits(word) == expected


@pytest.mark.parametrize(
    ("word", "heard", "expected"),
    [
        ("kargo", "kargonuz", 0),
        ("kargo", "kirgoya", 1),
        ("otel", "telefon", 2),
        ("kargo", "Ankara", None),
        ("odeme", "deme", 1),
        ("rezervasyon", "fredervasyonu", 2),
    ],
)
def test_the_distance_is_that_of_the_beginning(word: str, heard: str, expected: int | None) -> None:
    assert nearest(word, [heard], 3).get(heard) == expected
