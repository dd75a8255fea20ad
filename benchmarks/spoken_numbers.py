"""Ways to say a telephone number, and things said that are none: input for `number_forms.py` and for tests."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

ONES = ["", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz"]
TENS = ["", "on", "yirmi", "otuz", "kırk", "elli", "altmış", "yetmiş", "seksen", "doksan"]
ENGLISH = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
ENGLISH_TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen"]
ENGLISH_TEENS += ["fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
ENGLISH_TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
THREE_THREE_TWO_TWO = (3, 3, 2, 2)


class Form(NamedTuple):
    """Something that a caller says."""

    kind: str
    text: str
    numbers: tuple[str, ...]
    """The telephone numbers in it: national digits without a leading zero."""
    language: str = "tr"


def cut(digits: str, sizes: Sequence[int]) -> list[str]:
    """Return digits in groups of these sizes."""
    groups = []
    for size in sizes:
        groups.append(digits[:size])
        digits = digits[size:]
    return groups


def spell(digits: str) -> str:
    """Return digits one by one in Turkish words."""
    return " ".join(ONES[int(digit)] or "sıfır" for digit in digits)


def group(digits: str) -> str:
    """Return up to four digits as one number in Turkish words, each leading zero said."""
    zeros = len(digits) - len(digits.lstrip("0"))
    thousands, hundreds, tens, ones = (int(digit) for digit in digits.rjust(4, "0"))
    words = ["sıfır"] * zeros
    words += [*([ONES[thousands]] if thousands > 1 else []), "bin"] if thousands else []
    words += [*([ONES[hundreds]] if hundreds > 1 else []), "yüz"] if hundreds else []
    return " ".join([*words, *(word for word in (TENS[tens], ONES[ones]) if word)])


def loose(digits: str) -> str:
    """Return three digits as ``beş otuz iki``: the first one alone."""
    return f"{spell(digits[0])} {group(digits[1:])}"


def english(digits: str) -> str:
    """Return digits in English words, pairs as one number where they can be."""
    if len(digits) != len("99") or digits[0] == "0":
        return " ".join(ENGLISH[int(digit)] for digit in digits)
    if digits[0] == "1":
        return ENGLISH_TEENS[int(digits[1])]
    return "-".join(word for word in (ENGLISH_TENS[int(digits[0])], ENGLISH[int(digits[1])]) if word != "zero")


def usual_ways(national: str, pause: str = ", ") -> dict[str, str]:
    """Return the usual ways to say a number of ten digits in Turkish, with a pause between groups."""
    area, first, *_ = groups = cut(national, THREE_THREE_TWO_TWO)
    pairs = [f"sıfır {spell(national[0])}", *map(group, cut(national[1:], (2, 2, 2, 2))), spell(national[9])]
    return {
        "groups": pause.join(map(group, groups)),
        "groups, zero": "sıfır " + pause.join(map(group, groups)),
        "digits": spell(national),
        "digits, zero": "sıfır " + pause.join(map(spell, groups)),
        "loose prefix": "sıfır " + pause.join([loose(area), *map(group, groups[1:])]),
        "loose both": pause.join([loose(area), loose(first), *map(group, groups[2:])]),
        "pairs": pause.join(pairs),
        "plus ninety": pause.join(["artı doksan", *map(group, groups)]),
        "double zero ninety": pause.join(["sıfır sıfır doksan", *map(group, groups)]),
    }


def forms(seed: int, rounds: int) -> Iterator[Form]:
    """Yield forms of every kind, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - no secret is made
    for _ in range(rounds):
        for maker in _MAKERS:
            yield from maker(chance)


def mobile(chance: random.Random) -> str:
    """Return a Turkish mobile number."""
    return chance.choice(["530", "532", "535", "541", "544", "551", "555", "505", "506"]) + _digits(chance, 7)


def landline(chance: random.Random) -> str:
    """Return a number of a Turkish city."""
    return chance.choice(["212", "216", "312", "232", "242", "224", "462"]) + _subscriber(chance)


def _digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choices("0123456789", k=count))


def _subscriber(chance: random.Random) -> str:
    return chance.choice("2345678") + _digits(chance, 6)


def _written(national: str) -> Iterator[tuple[str, str]]:
    area, *rest = cut(national, THREE_THREE_TWO_TWO)
    yield "written", " ".join([f"0{area}", *rest])
    yield "written run", f"0{national}"
    yield "written, hyphens", "-".join([f"0{area}", *rest])
    yield "written, commas", ", ".join([f"0{area}", *rest])
    yield "written, dots", ".".join([f"0{area}", *rest])
    yield "written, zero apart", " ".join(["0", area, *rest])
    if area[1:] != "00" and area[1] != "0":
        yield "written, hundred apart", " ".join(["0", f"{area[0]}00", area[1:], *rest])
    yield "written and said", f"0{area}, {group(rest[0])}, {rest[1]} {group(rest[2])}"


def _plain(chance: random.Random) -> Iterator[Form]:
    for national in (mobile(chance), landline(chance)):
        pause = chance.choice([", ", ". ", " "])
        lead = chance.choice(["numaram ", "beni ", "Numaram: ", "telefonumuz "])
        tail = chance.choice([" numaradan arayın", ". Teşekkürler.", "", " bekliyorum"])
        for kind, words in usual_ways(national, pause).items():
            paused = "" if pause == " " else ", pauses"
            yield Form(f"{kind}{paused}", f"{lead}{words}{tail}", (national,))
        for kind, digits in _written(national):
            yield Form(kind, f"Numaram {digits}{tail}", (national,))


def _dictated(chance: random.Random) -> Iterator[Form]:
    national = mobile(chance)
    groups = cut(national, THREE_THREE_TWO_TWO)
    said = [f"sıfır {group(groups[0])}", *map(group, groups[1:])]
    plain = ", ".join(said)
    for word in ("eee", "ııı", "şey", "hani", "evet", "ondan sonra"):
        between = chance.choice([f", {word}, ", f" {word} "])
        at = chance.randint(1, 3)
        yield Form("hesitation", "numaram " + between.join([", ".join(said[:at]), ", ".join(said[at:])]), (national,))
    yield Form("said twice", f"numaram {plain}, tekrar ediyorum, {plain}", (national,))
    yield Form("said twice, at once", f"numaram {plain}, {plain}", (national,))
    yield Form("groups, then digits", f"numaram {plain}, yani {spell(national)}", (national,))
    joined = " ".join(words.replace(" ", "") for words in ["sıfır", *map(group, groups)])
    yield Form("joined words", f"numaram {joined}", (national,))
    yield Form("capitals", f"Numaram {plain.title()}", (national,))
    yield Form("ending", f"beni {plain}'den arayın", (national,))
    if groups[3][0] != "0" and groups[2][0] != "0":
        yield Form("3-3-4", f"numaram {', '.join([*said[:2], group(national[6:])])}", (national,))
    digit = chance.choice("0123456789")
    doubled = national[:6] + digit * 2 + national[8:]
    for kind, words in (("çift", "çift"), ("iki tane", "iki tane")):
        text = ", ".join([*said[:2], f"{words} {spell(digit)}", said[3]])
        yield Form(f"double: {kind}", f"numaram {text}", (doubled,))


def _corrected(chance: random.Random) -> Iterator[Form]:
    national, wrong = mobile(chance), _digits(chance, 2)
    said = ["sıfır " + group(national[:3]), *map(group, cut(national[3:], (3, 2, 2)))]
    for word in ("pardon", "yok", "hayır", "yanlış", "düzeltiyorum", "pardon yanlış söyledim", "özür dilerim"):
        between = chance.choice([f", {word}, ", f" {word} "])
        end = between.join([group(wrong), said[3]])
        yield Form("correction", f"numaram {', '.join([*said[:3], end])}", (national,))


def _fixed(chance: random.Random) -> Iterator[Form]:
    national, other = landline(chance), mobile(chance)
    groups = cut(national, THREE_THREE_TWO_TWO)
    said = list(map(group, groups))
    text = f"sıfır {', '.join(said)}"
    written = f"0{' '.join(groups)}"
    lead = chance.choice(["alan kodu", "alan kodumuz", "şehir kodu"])
    noun = chance.choice(["numara", "numaram", "telefon", "telefon numaramız"])
    yield Form("area code said", f"{lead} {said[0]}, {noun} {', '.join(said[1:])}", (national,))
    yield Form("extension", f"telefonumuz {text} dahili {group(_digits(chance, 3))}", (national,))
    yield Form("extension", f"{written} dahili {_digits(chance, 3)}", (national,))
    yield Form("extension", f"{written}, {_digits(chance, 3)}'ü tuşlayın", (national,))
    yield Form("local", f"numaramız {', '.join(said[1:])}", (national[3:],))
    for joint in (" veya ", ", ", " ve "):
        yield Form("two numbers", f"{written}{joint}0{' '.join(cut(other, THREE_THREE_TWO_TWO))}", (national, other))
        both = f"{text}{joint}sıfır {', '.join(map(group, cut(other, THREE_THREE_TWO_TWO)))}"
        yield Form("two numbers", both, (national, other))
    if national[-2:] not in {"98", "99"}:
        following = f"{int(national[-2:]) + 1:02}"
        yield Form("two lines", f"{written}-{following}", (national,))
    yield Form("number, then a date", f"Bizi {written}. {chance.randint(1, 28)} Kasım'a kadar arayın.", (national,))


def _short(chance: random.Random) -> Iterator[Form]:
    tail = _digits(chance, 4)
    pairs = f"{group(tail[:2])}, {group(tail[2:])}"
    yield Form("444", f"dört yüz kırk dört, {pairs}", (f"444{tail}",))
    yield Form("444", f"dört kırk dört, {pairs}", (f"444{tail}",))
    yield Form("444", f"dört yüz kırk dört, {spell(tail[0])}, {group(tail[1:])}", (f"444{tail}",))
    yield Form("444", spell(f"444{tail}"), (f"444{tail}",))
    yield Form("444", f"444 {tail[0]} {tail[1:]} numaralı hattan", (f"444{tail}",))
    middle = str(chance.randint(200, 999))
    yield Form("0850", f"sıfır sekiz yüz elli, {group(middle)}, {pairs}", (f"850{middle}{tail}",))
    yield Form("0850", f"0850 {middle} {tail[0]} {tail[1:]}", (f"850{middle}{tail}",))


def _english(chance: random.Random) -> Iterator[Form]:
    national, fixed, zero = mobile(chance), landline(chance), chance.choice(["zero", "oh"])
    groups, area = cut(national, THREE_THREE_TWO_TWO), cut(fixed, THREE_THREE_TWO_TWO)
    singles = ", ".join(" ".join(ENGLISH[int(digit)] for digit in part) for part in groups)
    yield Form("English, digits", f"my number is {zero} {singles}", (national,), "en")
    yield Form("English, oh", f"my number is {zero} {singles}".replace("zero", "oh"), (national,), "en")
    yield Form("English, pairs", f"call {zero} {', '.join(map(english, groups))} please", (national,), "en")
    text = f"area code {english(area[0])}, {chance.choice(['', 'number '])}{', '.join(map(english, area[1:]))}"
    yield Form("English, area code", text, (fixed,), "en")
    digit = chance.choice("0123456789")
    doubled = national[:6] + digit * 2 + national[8:]
    start = " ".join(ENGLISH[int(each)] for each in national[:6])
    text = f"it's {zero} {start} double {ENGLISH[int(digit)]} {english(national[8:])}"
    yield Form("English, double", text, (doubled,), "en")
    text = f"my number is {zero} {singles}, um, sorry, {english(national[8:])}"
    yield Form("English, correction", text, (national,), "en")


def _missing(chance: random.Random) -> Iterator[Form]:
    for national in (mobile(chance), landline(chance)):
        groups = list(map(group, cut(national, THREE_THREE_TWO_TWO)))
        for pause in (", ", " ", ". "):
            yield Form("missing: end", f"numaram sıfır {pause.join(groups[:3])}", ())
            at = chance.randint(1, 3)
            yield Form("missing: group", f"numaram {pause.join(groups[:at] + groups[at + 1 :])} numaradan arayın", ())
            yield Form("missing: begins late", f"{pause.join([groups[0].split()[-1], *groups[1:]])} numara", ())
        at = chance.randint(0, 9)
        yield Form("missing: digit", f"numaram {spell(national[:at] + national[at + 1 :])}. Teşekkürler", ())
        yield Form("missing: digit", f"numaram 0{national[:at]}{national[at + 1 :]}, üç gün bekleyin", ())
        text = f"numaram sıfır {', '.join(groups[:3])}, saat on beşte arayın"
        yield Form("missing: then a time", text, ())


def _none(chance: random.Random) -> Iterator[Form]:
    national = mobile(chance)
    said, digits = ", ".join(map(group, cut(national, THREE_THREE_TWO_TWO))), _digits(chance, 10)
    for name in ("sipariş numaram", "takip numarası", "fatura no", "poliçe no", "dosya numarası", "protokol numaram"):
        number = chance.choice([said, national, digits, f"{digits[:4]} {digits[4:8]} {digits[8:]}", spell(digits[:8])])
        yield Form("no telephone: order", f"{name} {number}", ())
    identity = chance.choice("123456789") + _digits(chance, 10)
    words = " ".join(map(group, cut(identity, (3, 3, 3, 2))))
    yield Form("no telephone: identity", f"kimlik numaram {words}", ())
    yield Form("no telephone: identity", f"T.C. numaram {' '.join(cut(identity, (3, 3, 3, 2)))}", ())
    yield Form("no telephone: identity", f"{words} kimlik numaralı hasta", ())
    yield Form("no telephone: identity", f"bilgilerim {words}", ())
    yield Form("no telephone: tax", f"vergi numaram {said}", ())
    account = _digits(chance, 24)
    yield Form("no telephone: IBAN", f"IBAN numaram TR {' '.join(cut(account, (2, 4, 4, 4, 4, 4, 2)))}", ())
    yield Form("no telephone: IBAN", f"te re {' '.join(map(group, cut(account, (2,) * 12)))}", ())
    amount = chance.randint(1000, 99999)
    yield Form("no telephone: amount", f"toplam {group(str(amount)[:-3])} bin {chance.randint(101, 999)} lira", ())
    yield Form("no telephone: plate", f"plakam {chance.randint(1, 81):02} ABC {_digits(chance, 3)}", ())
    hours = [f"{chance.randint(8, 19):02} {chance.choice(['00', '15', '30', '45'])}" for _ in range(2)]
    yield Form("no telephone: time", f"{' '.join(hours)} arası", ())
    times = " ile ".join(" ".join(map(group, hour.split())) for hour in hours)
    yield Form("no telephone: time", f"saat {times} arasında", ())
    day = f"{chance.randint(1, 28)} {chance.randint(1, 12)} 2026"
    yield Form("no telephone: date", day, ())


_MAKERS: tuple[Callable[[random.Random], Iterator[Form]], ...] = (
    _plain,
    _dictated,
    _corrected,
    _fixed,
    _short,
    _english,
    _missing,
    _none,
)
