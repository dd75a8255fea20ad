"""Which times are read from words, what they mean on the day of the message, and which are told as sure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from support.time_forms import FORMS, ZONES, TimeForm

from vm_mcp.doubt import show
from vm_mcp.doubt.times import TimeSaid, find_times
from vm_mcp.models import SaidTime, Segment, Transcript, Word

ISTANBUL = ZoneInfo("Europe/Istanbul")
THURSDAY = datetime(2026, 11, 26, 16, 20, tzinfo=ISTANBUL)
SIGNS = {"": "", "by": "<=", "before": "<", "from": ">=", "after": ">"}
SENTENCES = {
    "tr": "Merhaba, ben Elif Çelik. {} olabilir mi, beni ararsanız sevinirim.",
    "en": "Hello, this is Ellen Clark. {} please call me back.",
}
MONTHS = "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık"
ENGLISH_MONTHS = "January February March April May June July August September October November December"
UNITS = ["", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz"]
TENS = ["", "on", "yirmi", "otuz", "kırk", "elli"]
ORDINAL_UNITS = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"
ORDINALS = [
    *ORDINAL_UNITS.split(),
    *(f"{stem}teenth" for stem in ("four", "fif", "six", "seven", "eigh", "nine")),
    "twentieth",
    *(f"twenty-{unit}" for unit in ORDINAL_UNITS.split()[1:10]),
    "thirtieth",
    "thirty-first",
]
_TIME_WORDS = (
    "bugün yarın dün öbür evvelsi gün günü hafta haftaya ay ayın yıl sene saat dakika pazartesi salı cuma pazar "
    "ocak mart aralık aralığın sabah akşam gece öğlen öğleden yarım çeyrek buçuk kala geçe var önce sonra kadar "
    "içinde itibaren beri arası ile ve bu gelecek geçen önümüzdeki ilk son sonu sonuna başı en geç gibi her on "
    "iki üç on dört beşte ikiye üçten otuzunda 3 14 14:30 14.30'da 3'ünde 15/12 03/12/2026 2-4 2026 0532 today "
    "tomorrow yesterday next last this week month friday monday march may december half past quarter to at on by "
    "before after until from since between and the of a first fifteenth second pm am noon midnight tonight "
    "morning evening ago in within hours days end year christmas eve two three nine thirty lira kişi bey , . !"
)
TIME_WORDS = _TIME_WORDS.split()
WEEKDAYS = ["Pazartesi", "Salı", "Çarşamba", "Perşembe", "Cuma", "Cumartesi", "Pazar"]

moments = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - the strategy wants naive bounds and adds the zone
    max_value=datetime(2060, 1, 1),  # noqa: DTZ001 - the same
    timezones=st.sampled_from([ZoneInfo(zone) for zone in ZONES.values()]),
)
days = st.dates(date(2021, 1, 1), date(2059, 12, 31))


def read(text: str, language: str = "tr", left_at: datetime = THURSDAY) -> list[tuple[str, bool]]:
    """Return each time as its bound's sign and ISO text, and whether it is told as sure."""
    return [(written(each), not each.question) for each in find_times(text.split(), language, left_at)]


def written(said: TimeSaid) -> str:
    return SIGNS[said.bound] + "/".join(iso(value) for value in (said.value, said.end) if value is not None)


def iso(value: date | datetime | time) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M}"
    return f"{value:%H:%M}" if isinstance(value, time) else value.isoformat()


def left(form: TimeForm) -> datetime:
    moment, zone = form.left_at.split()
    return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(ZONES[zone]))


@pytest.mark.parametrize("sentence", [False, True], ids=["bare", "in a sentence"])
@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.left_at} {form.text}")
def test_a_form_means_what_its_callers_mean(form: TimeForm, *, sentence: bool) -> None:
    text = SENTENCES[form.language].format(form.text) if sentence else form.text
    assert read(text, form.language, left(form)) == ([(form.value, form.is_sure)] if form.value else [])


def in_turkish(number: int) -> str:
    return " ".join(filter(None, (TENS[number // 10], UNITS[number % 10])))


@given(days, moments)
def test_a_date_with_its_year_is_read_back_however_it_is_written(day: date, left_at: datetime) -> None:
    turkish, english = MONTHS.split()[day.month - 1], ENGLISH_MONTHS.split()[day.month - 1]
    thousands = f"iki bin {in_turkish(day.year - 2000)}"
    forms = {
        "tr": [
            f"{day.day} {turkish} {day.year}",
            f"{day:%d.%m.%Y}",
            f"{day:%d/%m/%Y}",
            day.isoformat(),
            f"{in_turkish(day.day)} {turkish.lower()} {thousands}",
            f"{day.day} {turkish} 2 bin {day.year - 2000}" if day.year > 2000 else day.isoformat(),
        ],
        "en": [
            f"{english} {day.day}, {day.year}",
            f"the {ORDINALS[day.day]} of {english} {day.year}",
            f"{day.day} {english} {day.year}",
            day.isoformat(),
        ],
    }
    for language, texts in forms.items():
        for text in texts:
            assert read(text, language, left_at) == [(day.isoformat(), day >= left_at.date())], text


@given(days, st.integers(0, 23), st.integers(0, 59))
@example(date(2027, 3, 28), 3, 30)
def test_a_day_and_an_hour_of_24_are_read_back(day: date, hour: int, minute: int) -> None:
    assume(day > THURSDAY.date())
    may_be_evening, may_be_the_night_after = 10 <= hour <= 12, hour < 5
    expected = [(f"{day}T{hour:02}:{minute:02}", not may_be_evening and not may_be_the_night_after)]
    assert read(f"{day:%d.%m.%Y} saat {hour:02}:{minute:02}'da") == expected
    if hour > 12 and (minute > 9 or minute == 0):
        words = " ".join(filter(None, (in_turkish(hour), in_turkish(minute))))
        assert read(f"{day:%d.%m.%Y} saat {words}") == expected


@given(st.integers(1, 12), st.booleans())
def test_an_hour_that_may_be_in_the_morning_or_the_evening_is_asked(hour: int, digits: bool) -> None:  # noqa: FBT001 - a strategy's value
    said = str(hour) if digits else in_turkish(hour)
    [(value, is_sure)] = read(f"yarın saat {said}")
    assert value in {f"2026-11-27T{hour % 12:02}:00", f"2026-11-27T{hour % 12 + 12:02}:00"}
    assert not is_sure


@given(moments, st.integers(-5, 5))
def test_a_weekday_is_the_coming_one(left_at: datetime, hours: int) -> None:
    moment = left_at + timedelta(hours=hours)
    for index, name in enumerate(WEEKDAYS):
        [(value, is_sure)] = read(f"{name} günü", "tr", moment)
        ahead = (date.fromisoformat(value) - moment.date()).days
        assert 1 <= ahead <= 7
        assert date.fromisoformat(value).weekday() == index
        assert is_sure == (ahead != 7)


@given(moments, st.integers(1, 72))
def test_hours_are_counted_through_a_change_of_clocks(left_at: datetime, hours: int) -> None:
    [said] = find_times(f"{hours} saat sonra".split(), "tr", left_at)
    assert isinstance(said.value, datetime)
    assert said.value.astimezone(UTC) - left_at.astimezone(UTC) == timedelta(hours=hours)


@given(st.lists(st.sampled_from(TIME_WORDS), max_size=12), st.sampled_from(["tr", "en", "", "de"]), moments)
def test_any_words_about_time_are_read_or_left(words: list[str], language: str, left_at: datetime) -> None:
    for said in find_times(words, language, left_at):
        assert 0 <= said.words[0] <= said.words[-1] < len(words)
        assert said.end is None or type(said.end) is type(said.value)
        if isinstance(said.value, datetime):
            assert said.value.tzinfo is left_at.tzinfo


@given(st.text(max_size=60), st.sampled_from(["tr", "en", ""]))
@example("١٢:٣٠ ٣", "tr")
@example("İ'da 0'", "tr")
def test_any_text_is_read_without_an_error(text: str, language: str) -> None:
    find_times(text.split(), language, THURSDAY)


@given(
    st.lists(
        st.one_of(
            st.integers(0, 99_999_999).map(str),
            st.sampled_from([*UNITS[1:], *TENS[1:], "yüz", "bin", "sıfır", "two", "nine", "thirty", "oh"]),
            st.sampled_from(["numaram", "lira", "kişi", "oda", "kat", "beni", "ara", "is", "for", "call", "room"]),
        ),
        max_size=10,
    ),
    st.sampled_from(["tr", "en"]),
)
def test_numbers_without_a_word_about_time_are_never_a_sure_time(words: list[str], language: str) -> None:
    assert [said for said in find_times(words, language, THURSDAY) if not said.question] == []


def test_the_words_of_a_time_are_those_that_it_was_read_from() -> None:
    sentence = "Merhaba, beni yarın saat on dörtte, lütfen arayın."
    words = sentence.split()
    [said] = find_times(words, "tr", THURSDAY)
    assert words[said.words[0] : said.words[-1] + 1] == ["yarın", "saat", "on", "dörtte,"]


def test_of_two_times_both_are_read_and_of_a_slip_only_the_correction() -> None:
    assert read("pazartesi veya salı") == [("2026-11-30", True), ("2026-12-01", True)]
    assert read("Yarın, pardon, öbür gün.") == [("2026-11-28", False)]
    assert read("Yarın gelirim, yok yok, gelemem.") == [("2026-11-27", False)]


def test_the_question_names_what_else_may_be_meant() -> None:
    def question(text: str) -> str:
        [said] = find_times(text.split(), "tr", THURSDAY)
        return said.question

    assert question("yarın saat üçte") == "or 03:00?"
    assert question("on beş kasım") == "or Sun 15 Nov?"
    assert question("önümüzdeki cuma") == "or Fri 4 Dec?"
    assert question("17.11.2026") == "before the message: misheard?"
    assert question("üç aralık cuma") == "that day is a Thursday: misheard?"


def transcript(text: str, probability: float) -> Transcript:
    words = tuple(
        Word(text=word, start_seconds=at, end_seconds=at + 1, probability=probability)
        for at, word in enumerate(text.split())
    )
    segment = Segment(text=text, start_seconds=0, end_seconds=9, avg_logprob=-0.3, no_speech_prob=0.1, words=words)
    return Transcript(language="tr", segments=(segment,), duration_seconds=9, engine="scripted", model="none")


def test_a_time_that_the_engine_was_unsure_of_is_never_told_as_sure() -> None:
    [sure] = show(transcript("Yarın saat on dörtte gelirim.", 0.95), received_at=THURSDAY).times
    [unsure] = show(transcript("Yarın saat on dörtte gelirim.", 0.4), received_at=THURSDAY).times
    assert sure == SaidTime(
        heard="Yarın saat on dörtte", value=datetime(2026, 11, 27, 14, tzinfo=ISTANBUL), is_sure=True
    )
    assert unsure == sure.model_copy(update={"is_sure": False, "question": "doubtful words: check by listening"})


def test_without_the_time_of_the_message_none_is_read() -> None:
    assert show(transcript("Yarın saat on dörtte gelirim.", 0.95)).times == ()


def test_a_day_and_a_time_of_day_keep_their_types() -> None:
    values = [said.value for said in show(transcript("Cuma. Saat 14:30'da.", 0.95), received_at=THURSDAY).times]
    assert values == [date(2026, 11, 27), time(14, 30)]
    assert [type(value) for value in values] == [date, time]


@pytest.mark.parametrize("form", [form for form in FORMS if form.is_sure], ids=lambda form: form.text)
def test_beside_a_word_about_time_that_is_not_understood_nothing_is_told(form: TimeForm) -> None:
    before, after = {"tr": ("her", "ertesi"), "en": ("every", "later")}[form.language]
    words = form.text.split()
    [said] = find_times(words, form.language, left(form))
    first, end = said.words[0], said.words[-1] + 1
    for at, word in ((first, before), (end, after)):
        assert read(" ".join([*words[:at], word, *words[at:]]), form.language, left(form)) == []
