"""Which numbers are hidden, however they are written or said, and what is left of a transcript around them."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing

import pytest
from conftest import Connect, MakeSettings
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import iban, luhn
from stdnum.tr import tckimlik
from support.scripted_transcriber import ScriptedTranscriber
from support.tool_answers import text_of

from vm_mcp.doubt import show
from vm_mcp.models import OtherReading, PressedKeys, Segment, Transcript, Word
from vm_mcp.redaction import REPLACEMENTS, REST, SensitiveKind, redact
from vm_mcp.simulator import Simulator

ALL: tuple[SensitiveKind, ...] = ("cards", "ids", "ibans")
PHONE = "0532 417 28 93"
TURKISH = ["sıfır", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz"]
TURKISH_TENS = ["-", "on", "yirmi", "otuz", "kırk", "elli", "altmış", "yetmiş", "seksen", "doksan"]
ENGLISH = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
ENGLISH_TENS = ["-", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def digits_of(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


def _card(prefix: str, length: int) -> st.SearchStrategy[str]:
    known = digits_of(length - len(prefix) - 1).map(lambda middle: prefix + middle)
    return known.map(lambda front: front + luhn.calc_check_digit(front))


cards = st.one_of(_card("4", 16), _card("5", 16).filter(lambda d: d[1] in "12345"), _card("9792", 16), _card("37", 15))
ids = digits_of(8).map(lambda rest: f"1{rest}").map(lambda nine: nine + tckimlik.calc_check_digits(nine))
ibans = digits_of(16).map(lambda rest: f"000610{rest}").map(
    lambda bban: iban.calc_check_digits(f"TR00{bban}") + bban
)  # fmt: skip
phones_in_turkey = st.from_regex(r"0(5[3-5][1-9]|212|216|312)[2-9][0-9]{6}", fullmatch=True)
numbers: st.SearchStrategy[tuple[SensitiveKind, str]] = st.one_of(
    cards.map(lambda digits: ("cards", digits)),
    ids.map(lambda digits: ("ids", digits)),
    ibans.map(lambda digits: ("ibans", digits)),
)  # fmt: skip


def transcript(*texts: str, language: str = "tr", with_words: bool = True) -> Transcript:
    """Return a transcript in which every word takes a second."""
    segments, at = [], 0
    for text in texts:
        words = tuple(
            Word(text=word, start_seconds=at + second, end_seconds=at + second + 1, probability=0.5 + second % 5 / 10)
            for second, word in enumerate(text.split())
        )
        end = at + len(words)
        segments.append(
            Segment(
                text=text,
                start_seconds=at,
                end_seconds=end,
                avg_logprob=-0.2,
                no_speech_prob=0.01,
                words=words if with_words else (),
            )
        )
        at = end
    return Transcript(
        language=language,
        segments=tuple(segments),
        duration_seconds=at,
        engine="scripted",
        model="none",
    )


def groups(digits: str, size: int) -> list[str]:
    return [digits[at : at + size] for at in range(0, len(digits), size)]


def said(group: str, ones: Sequence[str], tens: Sequence[str]) -> str:
    """Say one or two digits as a caller does: ``05`` as zero five, ``40`` as forty."""
    if len(group) == 1 or group[0] == "0":
        return " ".join(ones[int(digit)] for digit in group)
    if ones is ENGLISH and group[0] == "1":
        return " ".join(ones[int(digit)] for digit in group)
    return tens[int(group[0])] + (f" {ones[int(group[1])]}" if group[1] != "0" else "")


def in_words(digits: str, size: int, pause: str, language: str) -> str:
    ones, tens = (TURKISH, TURKISH_TENS) if language == "tr" else (ENGLISH, ENGLISH_TENS)
    return f"{pause} ".join(said(group, ones, tens) for group in groups(digits, size))


def check_words(result: Transcript) -> None:
    for segment in result.segments:
        assert " ".join(word.text for word in segment.words) == segment.text
        for before, after in zip(segment.words, segment.words[1:], strict=False):
            assert before.end_seconds <= after.start_seconds
        if segment.words:
            assert segment.words[0].start_seconds == segment.start_seconds
            assert segment.words[-1].end_seconds == segment.end_seconds


@given(numbers, st.integers(2, 6), st.sampled_from([" ", "-", ".", "", ", ", " - "]), st.booleans())
def test_a_written_number_is_hidden_in_any_grouping_and_nothing_else_is(
    number: tuple[SensitiveKind, str],
    size: int,
    separator: str,
    with_words: bool,  # noqa: FBT001 - drawn
) -> None:
    kind, digits = number
    written = separator.join(groups(digits, size))
    prefix = "TR" if kind == "ibans" else ""
    text = f"Beni {PHONE} numarasından arayın, numaram {prefix}{written}, saat 14.30'da."
    result = redact(transcript(text, with_words=with_words), ALL)
    assert result.text == text.replace(prefix + written, REPLACEMENTS[kind])
    if with_words:
        check_words(result)


def keyed(*keys: str) -> Transcript:
    pressed = tuple(PressedKeys(keys=each, start_seconds=at, end_seconds=at + 1) for at, each in enumerate(keys))
    return transcript("Numaramı tuşluyorum.").model_copy(update={"keys": pressed})


@given(numbers.filter(lambda number: number[0] != "ibans"), st.integers(1, 20))
def test_a_number_that_was_keyed_is_hidden_with_all_keys_around_it(number: tuple[SensitiveKind, str], at: int) -> None:
    kind, digits = number
    parts = [part for part in ("1*", digits[:at], digits[at:], "#") if part]
    assert {pressed.keys for pressed in redact(keyed(*parts), ALL).keys} == {REPLACEMENTS[kind]}


def test_a_telephone_number_that_was_keyed_is_not_hidden() -> None:
    assert [pressed.keys for pressed in redact(keyed("1", "05324172893#"), ALL).keys] == ["1", "05324172893#"]


@given(numbers, st.sampled_from([1, 2]), st.sampled_from(["tr", "en", ""]))
def test_a_number_that_is_said_is_hidden(number: tuple[SensitiveKind, str], size: int, language: str) -> None:
    kind, digits = number
    spoken = in_words(digits, size, ",", language or "tr")
    text = f"Numaram: {spoken}. Teşekkürler Ayşe Hanım"
    result = redact(transcript(text, language=language), ALL)
    assert result.text == f"Numaram: {REPLACEMENTS[kind]}. Teşekkürler Ayşe Hanım"
    check_words(result)


@given(cards.filter(lambda digits: len(digits) == 16), st.sampled_from([1, 2]), st.sampled_from(["tr", "en"]))
def test_a_number_that_is_said_without_a_pause_is_hidden(digits: str, size: int, language: str) -> None:
    assume(language == "tr" or not any(group[0] == "1" and group[1:] for group in groups(digits, size)))
    spoken = in_words(digits, size, "", language)
    assert redact(transcript(f"numaram {spoken} tamam", language=language), ALL).text == "numaram (card hidden) tamam"


def in_thousands(group: str) -> str:
    thousands, hundreds, tens, ones = map(int, group)
    words = [TURKISH[thousands]] * (thousands > 1) + ["bin"]
    words += [TURKISH[hundreds]] * (hundreds > 1) + ["yüz"] * (hundreds > 0)
    return " ".join([*words, *[TURKISH_TENS[tens]] * (tens > 0), *[TURKISH[ones]] * (ones > 0)])


@given(cards.filter(lambda digits: len(digits) == 16), st.sampled_from(["", ","]))
def test_a_card_that_is_said_in_thousands_is_hidden(digits: str, pause: str) -> None:
    said_groups = groups(digits, 4)
    assume(all(group[0] != "0" for group in said_groups))
    # "dört bin üç bin" may be 4003 1000 as well as 4000 3000: without a pause it is ambiguous.
    assume(pause or all(after[0] != "1" for after in said_groups[1:]))
    spoken = f"{pause} ".join(map(in_thousands, said_groups))
    assert redact(transcript(f"kartım {spoken} efendim"), ALL).text == "kartım (card hidden) efendim"


@pytest.mark.parametrize("text", ["on iki bin beş yüz lira", "iki bin yirmi altı yılında", "bin kişi", "bin bin bin"])
def test_thousands_alone_are_not_hidden(text: str) -> None:
    assert redact(transcript(text), ALL).text == text


@given(numbers, st.data())
def test_a_number_that_continues_in_the_next_segments_is_hidden_in_all_of_them(
    number: tuple[SensitiveKind, str], data: st.DataObject
) -> None:
    kind, digits = number
    words = in_words(digits, 1, "", "tr").split()
    first = data.draw(st.integers(1, len(words) - 2))
    second = data.draw(st.integers(first + 1, len(words) - 1))
    texts = [f"Numaram {' '.join(words[:first])}", " ".join(words[first:second]), f"{' '.join(words[second:])} evet 5"]
    result = redact(transcript(*texts), ALL)
    assert [segment.text for segment in result.segments] == [f"Numaram {REPLACEMENTS[kind]}", REST, f"{REST} evet 5"]
    check_words(result)


@given(numbers)
def test_only_the_requested_kinds_are_hidden_and_hiding_is_idempotent(number: tuple[SensitiveKind, str]) -> None:
    kind, digits = number
    heard = transcript(f"numaram {' '.join(groups(digits, 4))} tamam")
    assert redact(heard, ()) is heard
    if kind != "ibans":  # because 16 of its digits may be a card number
        assert redact(heard, [other for other in ALL if other != kind]) == heard
    once = redact(heard, [kind])
    assert redact(once, ALL) == once
    assert not any(char.isdigit() for word in once.segments[0].words for char in word.text)


@given(cards.filter(lambda digits: len(digits) == 16), st.integers(0, 15), st.integers(1, 9))
def test_digits_with_a_wrong_check_digit_are_not_hidden(digits: str, at: int, by: int) -> None:
    wrong = digits[:at] + str((int(digits[at]) + by) % 10) + digits[at + 1 :]
    heard = transcript(f"numaram {' '.join(groups(wrong, 4))} tamam")
    assert redact(heard, ALL) == heard


@pytest.mark.parametrize(
    "text",
    [
        f"Beni {PHONE} numarasından arayın.",
        f"{PHONE}, 0216 441 77 20",
        f"{PHONE} ve 0216 441 77 20, 0312 444 01 82 0542 731 06 48",
        "+90 532 417 28 93 ya da 0090 216 441 77 20",
        "Sıfır beş yüz otuz iki dört yüz on yedi yirmi sekiz doksan üç",
        "Randevum 23.11.2026 saat 14.30'da, 12.500 lira, 3 kişi",
        "Sipariş numaram 20261123000451",
        "",
    ],
)
def test_telephone_numbers_dates_amounts_and_orders_are_not_hidden(text: str) -> None:
    heard = transcript(*([text] if text else []))
    assert redact(heard, ALL) == heard


@given(st.lists(phones_in_turkey, min_size=2, max_size=3), st.sampled_from([1, 2]))
def test_telephone_numbers_said_one_after_another_are_not_hidden(phones: list[str], size: int) -> None:
    heard = transcript(", ".join(in_words(phone, size, "", "tr") for phone in phones))
    assert redact(heard, ALL) == heard


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IBAN'ım TR33 0006 1005 1978 6457 8413 26.", "IBAN'ım (IBAN hidden)."),
        ("iban T R 33 0006 1005 1978 6457 8413 26", "iban (IBAN hidden)"),
        ("iban te re otuz üç 0006 1005 1978 6457 8413 yirmi altı", "iban (IBAN hidden)"),
        ("TC'm 17291716060'dır", "TC'm (identity number hidden)'dır"),
        ("TC'm 172 917 160 60 ve adım Ali", "TC'm (identity number hidden) ve adım Ali"),
        ("yüz yetmiş iki dokuz yüz on yedi yüz altmış altmış", "(identity number hidden)"),
        ("4543 6012 sonra 1234 ve 5673, son kullanma 12/27", "(card hidden), son kullanma 12/27"),
        ("kırk beş kırküç altmışon iki 1234 5673", "(card hidden)"),
        ("dört beş dört üç, altmış on iki, 1234 5673", "(card hidden)"),
        ("kapı 5 4543 6012 1234 5673 12/27", "kapı 5 (card hidden) 12/27"),
        ("05324172893, 4543601212345673, 172 917 160 60", "05324172893, (card hidden), (identity number hidden)"),
        ("(4543-6012-1234-5673)", "((card hidden))"),
    ],
)
def test_examples(text: str, expected: str) -> None:
    assert redact(transcript(text), ALL).text == expected


def test_the_words_of_a_hidden_number_become_one_word_that_spans_them() -> None:
    [segment] = redact(transcript("kartım 4543 6012 1234 5673, evet"), ALL).segments
    first, hidden, last = segment.words
    assert (first.text, hidden.text, last.text) == ("kartım", "(card hidden),", "evet")
    assert (hidden.start_seconds, hidden.end_seconds, hidden.probability) == (1, 5, 0.6)


def test_words_that_are_not_in_the_text_are_dropped_because_they_may_hold_the_number() -> None:
    heard = transcript("kartım 4543 6012 1234 5673 evet")
    [segment] = heard.segments
    odd = segment.model_copy(update={"words": (*segment.words[:1], Word(text="4543601212345673", start_seconds=1, end_seconds=5, probability=1))})  # fmt: skip  # noqa: E501
    [masked] = redact(heard.model_copy(update={"segments": (odd,)}), ALL).segments
    assert (masked.text, masked.words) == ("kartım (card hidden) evet", ())


def test_an_engines_own_word_boundaries_are_followed() -> None:
    heard = transcript("kartım 4543-6012-1234-5673 evet")
    [segment] = heard.segments
    cut = [("kartım", 0), ("4543", 1), ("-6012", 2), ("-1234-", 3), ("5673", 4), ("evet", 5)]
    words = tuple(Word(text=text, start_seconds=at, end_seconds=at + 1, probability=1) for text, at in cut)
    [masked] = redact(
        heard.model_copy(update={"segments": (segment.model_copy(update={"words": words}),)}), ALL
    ).segments
    assert [(word.text, word.start_seconds, word.end_seconds) for word in masked.words] == [
        ("kartım", 0, 1),
        ("(card hidden)", 1, 5),
        ("evet", 5, 6),
    ]


@given(st.text(max_size=60) | st.text("0123456789 ,.-TR", max_size=60), st.sampled_from(["tr", "en", "de", ""]))
def test_any_transcript_can_be_redacted(text: str, language: str) -> None:
    heard = transcript(text, language=language)
    result = redact(heard, ALL)
    assert len(result.segments) == 1
    assert Transcript.model_validate(result.model_dump()) == result


@pytest.mark.anyio
async def test_no_digit_of_a_hidden_number_reaches_the_archive_or_the_model(
    simulator: Simulator, settings_for: MakeSettings, connect: Connect, transcriber: ScriptedTranscriber
) -> None:
    message = simulator.scenario.messages[0]
    transcriber.texts[message.recording.path.read_bytes()] = "Kartım 4543 6012 1234 5673, beni arayın."
    masking = settings_for(simulator, mask="cards")
    async with connect(masking) as client:
        shown = ""
        for tool, arguments in (
            ("transcribe_voicemails", {"uuids": [message.uuid]}),
            ("list_voicemails", {"uuid": message.uuid}),
            ("search_transcripts", {"query": "arayın"}),
        ):
            result = await client.call_tool(tool, arguments)
            assert not result.is_error
            shown += text_of(result) + str(result.structured_content)
        assert shown.count("(card hidden)") >= 6
        assert "6012" not in shown
        found = await client.call_tool("search_transcripts", {"query": "6012"})
        assert "6012" not in text_of(found).split("\n", 1)[1:]
    with closing(sqlite3.connect(masking.archive_path)) as connection:
        assert connection.execute("SELECT text FROM transcripts").fetchone() == ("Kartım (card hidden), beni arayın.",)
        assert "6012" not in str(connection.execute("SELECT * FROM search_content").fetchall())


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Kart numaram 4543 6012 3434 5677.", "4543 6012 3434 5693"),
        ("Kart numaram 4543 6012 3434 5693.", "4543 6012 3434 5677"),
    ],
)
def test_a_number_is_hidden_in_both_readings_whichever_heard_it_right(text: str, other: str) -> None:
    heard = transcript(text)
    readings = (OtherReading(text=other, start_seconds=2, end_seconds=6),)
    segment = heard.segments[0].model_copy(update={"other_readings": readings})
    hidden = redact(heard.model_copy(update={"segments": (segment,)}), ["cards"])
    assert hidden.segments[0].other_readings == ()
    assert "4543 6012 3434 5677" not in hidden.model_dump_json()


@pytest.mark.parametrize(
    ("texts", "other", "at"),
    [
        (["Kart numaram 4543 6012 3434 5663."], "5677.", 5),
        (["Kart numaram 4543 6012", "3434 5663, teşekkürler."], "5677,", 5),
        (["Kart numaram 4543 6102", "3434 5677, teşekkürler."], "6012", 3),
    ],
)
def test_a_number_that_the_other_reading_completes_is_in_no_verdict(texts: list[str], other: str, at: int) -> None:
    heard = transcript(*texts)
    readings = (OtherReading(text=other, start_seconds=at, end_seconds=at + 1),)
    segments = tuple(
        segment.model_copy(update={"other_readings": readings})
        if segment.start_seconds <= at < segment.end_seconds
        else segment
        for segment in heard.segments
    )
    hidden = redact(heard.model_copy(update={"segments": segments}), ["cards"])
    assert not any(segment.other_readings for segment in hidden.segments)
    assert not any("5677" in number.verdict and "6012" in number.verdict for number in show(hidden).phone_numbers)
