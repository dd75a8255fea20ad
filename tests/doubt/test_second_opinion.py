"""A telephone number is told as valid only if both readings of its words agree on it."""

from vm_mcp.doubt import show
from vm_mcp.models import OtherReading, PhoneNumber, Segment, Transcript, Word

NUMBER = "sıfır beş yüz otuz iki dört yüz on yedi yirmi sekiz doksan üç"


def read_twice(text: str, *, other: str = "", place: tuple[int, int] | None = None) -> Transcript:
    """Return a transcript in which a second reading heard other words from one word to before another."""
    words = text.split()
    first, last = place or (0, 0)
    made = tuple(
        Word(
            text=word,
            start_seconds=at,
            end_seconds=at + 1,
            probability=0.99,
            least_probability=0.99,
            logprob=-0.01,
            tokens=1,
            is_confirmed=not first <= at < last,
        )
        for at, word in enumerate(words)
    )
    readings = (OtherReading(text=other, start_seconds=first, end_seconds=last),) if place else ()
    segment = Segment(
        text=text,
        start_seconds=0,
        end_seconds=len(words),
        avg_logprob=-0.1,
        no_speech_prob=0.0,
        words=made,
        other_readings=readings,
    )
    return Transcript(language="tr", segments=(segment,), duration_seconds=len(words), engine="x", model="base")


def numbers_of(transcript: Transcript) -> tuple[PhoneNumber, ...]:
    return show(transcript).phone_numbers


def test_a_number_that_both_readings_heard_is_valid_and_says_where_it_is() -> None:
    [number] = numbers_of(read_twice(f"Beni {NUMBER} numaradan arayın."))
    assert (number.number, number.is_valid) == ("0532 417 28 93", True)
    assert (number.start_seconds, number.end_seconds) == (1, 14)


def test_a_number_that_the_readings_differ_on_is_in_doubt_and_names_the_other_one() -> None:
    at = NUMBER.split().index("sekiz") + 1
    transcript = read_twice(f"Beni {NUMBER} numaradan arayın.", other="üç", place=(at, at + 1))
    [number] = numbers_of(transcript)
    assert (number.number, number.is_valid, number.e164) == ("0532 417 28 93", False, "")
    assert "may also be 0532 417 23 93" in number.verdict


def test_readings_that_differ_in_other_words_leave_a_number_valid() -> None:
    transcript = read_twice(f"Beni {NUMBER} numaradan arayın saat beşte.", other="altıda", place=(16, 17))
    assert [(number.number, number.is_valid) for number in numbers_of(transcript)] == [("0532 417 28 93", True)]


def test_the_same_digits_in_other_words_are_no_difference() -> None:
    at = NUMBER.split().index("dört") + 1
    transcript = read_twice(f"Beni {NUMBER} numaradan arayın.", other="417", place=(at, at + 4))
    assert [(number.number, number.is_valid) for number in numbers_of(transcript)] == [("0532 417 28 93", True)]


def test_a_number_that_only_the_other_reading_heard_is_listed_in_doubt() -> None:
    transcript = read_twice("Beni arar mısınız lütfen bugün.", other=f"{NUMBER} numaradan", place=(1, 2))
    [number] = numbers_of(transcript)
    assert (number.number, number.is_valid) == ("0532 417 28 93", False)
    assert "only a second reading heard it" in number.verdict


def test_a_number_that_the_other_reading_lost_is_in_doubt() -> None:
    transcript = read_twice(f"Beni {NUMBER} numaradan arayın.", other="", place=(1, 14))
    [number] = numbers_of(transcript)
    assert (number.number, number.is_valid) == ("0532 417 28 93", False)
    assert "second reading" in number.verdict


def test_amounts_that_the_readings_differ_on_are_told_with_their_place() -> None:
    text = "Tutar dört yüz bin lira, randevu saat üçte."
    shown = show(read_twice(text, other="dört, yüz lira,", place=(1, 5)))
    [differing] = shown.heard_otherwise
    assert (differing.heard, differing.other) == ("dört yüz bin lira", "dört, yüz lira")
    assert (differing.start_seconds, differing.end_seconds) == (1, 5)


def test_a_word_that_only_one_reading_took_for_a_number_is_not_told() -> None:
    assert show(read_twice("İade için arıyorum.", other="yedi, iki", place=(0, 2))).heard_otherwise == ()


def test_a_telephone_number_in_doubt_is_told_once() -> None:
    at = NUMBER.split().index("sekiz") + 1
    shown = show(read_twice(f"Beni {NUMBER} numaradan arayın.", other="üç", place=(at, at + 1)))
    assert (len(shown.phone_numbers), shown.heard_otherwise) == (1, ())
