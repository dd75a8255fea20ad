"""The Turkish words about time, as tokens: days, months, units, and the words between them."""

import re
from collections.abc import Sequence

from vm_mcp.doubt.number_words import core_of
from vm_mcp.doubt.times.time_homonyms import Neighbours, lacks_neighbours, named, neighbours
from vm_mcp.doubt.times.time_tokens import TimeToken, is_number, without_counts, written
from vm_mcp.doubt.times.turkish_endings import case_of, encoded, stem_and_case
from vm_mcp.doubt.times.turkish_numbers import ORDINAL, spoken_number
from vm_mcp.text import fold

# A token, then the folded words that mean it. These take case endings:
_STEMS = named("""
w0 pazartesi
w1 sali
w2 carsamba
w3 persembe
w4 cuma
w5 cumartesi
w6 pazar
m1 ocak ocag
m2 subat
m3 mart
m4 nisan
m5 mayis
m6 haziran
m7 temmuz
m8 agustos
m9 eylul
m10 ekim
m11 kasim
m12 aralik aralig
rel0 bugun
rel1 yarin
gun gun
hafta hafta
ay ay
yil yil sene
saat saat
dakika dakika
son son
bas bas
ilk ilk
bucuk bucuk bucug
ceyrek ceyrek ceyreg
yarim yarim
sabah sabah
oglen oglen ogle
aksam aksam
aksamustu aksamustu aksamuzeri
gece gece
mesai mesai
bitim bitim
yilbas yilbas
tarih tarih
ara ara
""")
# These don't; ``x`` is what no rule reads.
_FIXED = named("""
rel-1 dun dunku
rel0 bugunku
rel1 yarinki
obur obur oburku obursu
evvelsi evvelsi evvelki
gun gunku
bu bu
gelecek gelecek
onumuzdeki onumuzdeki
gecen gecen gectigimiz
sabah sabahleyin
oglen ogleyin
aksam aksamleyin aksamki
yarisi yarisi
ustu ustu uzeri
dakika dk
once once
sonra sonra sonraya
sonraki sonraki
kadar kadar dek
icinde icinde icerisinde
itibaren itibaren
beri beri
ile ile ila
ve ve veya
gibi gibi civari civarinda sularinda sulari dogru
tam tam yaklasik
en en
gec gec
kala kala var
x ici iclerinde
x her ertesi onceki birkac degil haric disinda ortasi ortasinda erken ikindi saniye namazi namazina namazindan
x bayram bayrami bayramda bayramdan bayrama ramazan tatil haftalik aylik yillik gunluk saatlik
""")
_REPEATED = re.compile(
    r"(?:pazartesi|sali|carsamba|persembe|cuma|cumartesi|pazar|aksam|sabah|gece|gun|hafta|ay)l[ae]r\w*"
)
# ç and g fold alike: "geçe" (past) is not "gece" (night).
_PAST_THE_HOUR = re.compile(r"geç(?:e|iyor|erken)")
_LABEL_WORDS = """
no numara numarasi numaram numaramiz kat oda daire masa kapi blok peron hat dahili dahilim plaka sayfa siparis fatura
dosya tel telefon telefonum tc kod kodu ada parsel koltuk sira madde grup sinif seri model versiyon ucus sefer otobus
kargo takip cadde caddesi sokak sokagi bulvari mahallesi mah apartmani apt sitesi
"""
_LABELS = frozenset(_LABEL_WORDS.split())
_NUMBER_AFTER = r"n\d|gece_past|ceyrek"
_DAY_BEFORE = r"saat|sabah|aksam|gece|oglen|rel|w\d|m\d|gun"
_SPAN_AFTER = r"w\d|hafta|ay(\.|$)|yil|sabah|aksam|gece|oglen|gun"
_NEEDED: dict[str, Neighbours] = {
    **dict.fromkeys(("bu", "gecen", "gelecek", "onumuzdeki"), ("", _SPAN_AFTER)),
    **dict.fromkeys(("ilk", "son"), (r"gun|hafta|ay|yil|m\d|mesai", r"w\d")),
    **dict.fromkeys(("bas", "ara", "tarih", "bitim", "ustu"), (".", "")),
    # "Pazar" is a market as well, and "pazara" mostly means there.
    **dict.fromkeys(("w6.d", "w6.b", "w6.l"), ("", r"kadar|once|sonra|itibaren|beri|ara|w\d")),
    "en": ("", "gec"),
    "gec": ("en", ""),
    "kala": (r"n\d|ceyrek|dakika", ""),
}
# Numbers that are other words: a, someone, to him, on him, suddenly.
_NUMBERS_NEEDED: dict[str, Neighbours] = {
    "bir": ("saat", r"n\d|m\d|bucuk|saat|gun|hafta|ay|yil|dakika|gibi|ile|ara|ceyrek"),
    "biri": (r"m\d|ay\.", _NUMBER_AFTER),
    **dict.fromkeys(("onun", "onla"), ("", _NUMBER_AFTER)),
    **dict.fromkeys(("onda", "ondan", "birden", "birde", "bire"), (_DAY_BEFORE, _NUMBER_AFTER)),
}


def turkish_tokens(words: Sequence[str]) -> list[TimeToken]:
    """Return a token for every word of a Turkish transcript, or for the several words of a number."""
    tokens: list[TimeToken] = []
    at = 0
    while at < len(words):
        token = spoken_number(words, at) or TimeToken(_word(words[at]), at, at)
        tokens.append(token)
        at = token.last + 1
    marked = [_fraction(tokens, at, words) for at in range(len(tokens))]
    known = without_counts(marked, words, _LABELS)
    return [token._replace(text="") if _is_homonym(known, at, words) else token for at, token in enumerate(known)]


def _word(word: str) -> str:
    if word in {"-", "–"}:
        return "-"
    core = core_of(word).text.replace("’", "'")
    head, _, ending = core.partition("'")
    if _PAST_THE_HOUR.fullmatch(core.lower()):
        return "gece_past"
    if token := written(head):
        return _with_ending(token, fold(ending))
    folded = fold(core.replace("'", ""))
    if _REPEATED.fullmatch(folded):
        return "x"
    if folded in _FIXED:
        return _FIXED[folded]
    found = stem_and_case(folded, _STEMS)
    return encoded(*found) if found else ""


def _with_ending(token: str, ending: str) -> str:
    ordinal = ORDINAL.fullmatch(ending)
    case = case_of(ordinal["ending"] if ordinal else ending)
    name = f"o{token[1:]}" if ordinal and is_number(token) else token
    return encoded(name, case) if case is not None else ""


def _fraction(tokens: Sequence[TimeToken], at: int, words: Sequence[str]) -> TimeToken:
    """Return ``x`` for the first number of a fraction: "üçte biri" is a third of it. "Saat üçte birini" is not one."""
    token = tokens[at]
    after = words[token.last + 1] if token.last + 1 < len(words) else ""
    is_fraction = token.text.endswith(".l") and fold(core_of(after).text) in {"bir", "biri", "birini", "ikisi"}
    is_clock = any(each.text == "saat" for each in tokens[max(0, at - 2) : at])
    return token._replace(text="x") if is_fraction and is_number(token.text) and not is_clock else token


def _is_pronoun(tokens: Sequence[TimeToken], at: int, beside: tuple[str, str]) -> bool:
    """Return whether "ona" and "onu" are the pronoun.

    They are not in "saat ona", "yarın ona kadar", "ayın onu", "biri ile onu arası" and "onu on geçe".
    """
    before, after = beside
    is_named = before == "saat" or re.match(r"(?:ay|m\d+)\.p?g", before)
    is_end = (after == "kadar" and re.match(_DAY_BEFORE, before)) or (before == "ile" and after.startswith("ara."))
    is_relative = after and any(token.text in {"gece_past", "kala"} for token in tokens[at + 2 : at + 4])
    return not (is_named or is_end or is_relative)


def _is_homonym(tokens: Sequence[TimeToken], at: int, words: Sequence[str]) -> bool:
    token, beside = tokens[at], neighbours(tokens, at, words)
    if is_number(token.text) and token.first == token.last:
        word = fold(core_of(words[token.first]).text)
        return (
            _is_pronoun(tokens, at, beside)
            if word in {"ona", "onu"}
            else lacks_neighbours(word, beside, _NUMBERS_NEEDED)
        )
    is_market = token.text.startswith("w6.")
    return lacks_neighbours(token.text if is_market else token.text.partition(".")[0], beside, _NEEDED)
