"""The Turkish words about time, as tokens: numbers with their case endings, days, months, and the words between them."""

import re
from collections.abc import Sequence

from vm_mcp.doubt.number_words import core_of
from vm_mcp.doubt.times.time_tokens import TimeToken, ends_sentence, is_number, without_counts, written
from vm_mcp.doubt.times.turkish_endings import case_of, encoded, stem_and_case
from vm_mcp.doubt.times.turkish_numbers import ORDINAL, spoken_number
from vm_mcp.text import fold

_WEEKDAYS = ("pazartesi", "sali", "carsamba", "persembe", "cuma", "cumartesi", "pazar")
_MONTHS = ["ocak", "subat", "mart", "nisan", "mayis", "haziran", "temmuz", "agustos", "eylul", "ekim", "kasim", "aralik"]
_STEMS = {
    **{name: f"w{index}" for index, name in enumerate(_WEEKDAYS)},
    **{name: f"m{index}" for index, name in enumerate(_MONTHS, 1)},
    "ocag": "m1",
    "aralig": "m12",
    "bugun": "rel0",
    "yarin": "rel1",
    "gun": "gun",
    "hafta": "hafta",
    "ay": "ay",
    "yil": "yil",
    "sene": "yil",
    "saat": "saat",
    "dakika": "dakika",
    "son": "son",
    "bas": "bas",
    "ilk": "ilk",
    "bucug": "bucuk",
    "bucuk": "bucuk",
    "ceyreg": "ceyrek",
    "ceyrek": "ceyrek",
    "yarim": "yarim",
    "sabah": "sabah",
    "oglen": "oglen",
    "ogle": "oglen",
    "aksam": "aksam",
    "aksamustu": "aksamustu",
    "gece": "gece",
    "mesai": "mesai",
    "bitim": "bitim",
    "yilbas": "yilbas",
    "tarih": "tarih",
    "ara": "ara",
}
_FIXED = {
    "dun": "rel-1",
    "dunku": "rel-1",
    "yarinki": "rel1",
    "bugunku": "rel0",
    "obur": "obur",
    "oburku": "obur",
    "obursu": "obur",
    "evvelsi": "evvelsi",
    "evvelki": "evvelsi",
    "gunku": "gun",
    "bu": "bu",
    "gelecek": "gelecek",
    "onumuzdeki": "onumuzdeki",
    "gecen": "gecen",
    "gectigimiz": "gecen",
    "sabahleyin": "sabah",
    "ogleyin": "oglen",
    "aksamleyin": "aksam",
    "aksamki": "aksam",
    "yarisi": "yarisi",
    "dk": "dakika",
    "once": "once",
    "sonra": "sonra",
    "sonraya": "sonra",
    "sonraki": "sonraki",
    "kadar": "kadar",
    "dek": "kadar",
    "icinde": "icinde",
    "icerisinde": "icinde",
    "itibaren": "itibaren",
    "beri": "beri",
    "ile": "ile",
    "ila": "ile",
    "ve": "ve",
    "veya": "ve",
    "gibi": "gibi",
    "civari": "gibi",
    "civarinda": "gibi",
    "sularinda": "gibi",
    "suları": "gibi",
    "dogru": "gibi",
    "tam": "tam",
    "yaklasik": "tam",
    "en": "en",
    "gec": "gec",
    "kala": "kala",
    "var": "kala",
    "her": "x",
    "namazi": "x",
    "namazina": "x",
    "namazindan": "x",
    "ertesi": "x",
    "onceki": "x",
    "bayram": "x",
    "bayrami": "x",
    "bayramda": "x",
    "bayramdan": "x",
    "bayrama": "x",
    "ramazan": "x",
    "tatil": "x",
    "birkac": "x",
    "haftalik": "x",
    "aylik": "x",
    "yillik": "x",
    "gunluk": "x",
    "saatlik": "x",
    "saniye": "x",
    "ikindi": "x",
    "erken": "x",
    "degil": "x",
    "haric": "x",
    "disinda": "x",
    "ortasi": "x",
    "ortasinda": "x",
    "icin": "",
}
_PLURAL = re.compile(
    r"(?:pazartesi|sali|carsamba|persembe|cuma|cumartesi|pazar|aksam|sabah|gece|gun|hafta|ay)l[ae]r\w*"
)
# ç and g fold alike: "geçe" (past) is not "gece" (night).
_PAST_THE_HOUR = re.compile(r"geç(?:e|iyor|erken)")
_LABELS = frozenset(
    ["no", "numara", "numarasi", "numaram", "numaramiz", "kat", "oda", "daire", "masa", "kapi", "blok", "peron", "hat", "dahili", "dahilim", "plaka", "sayfa", "siparis", "fatura", "dosya", "tel", "telefon", "telefonum", "tc", "kod", "kodu", "ada", "parsel", "koltuk", "sira", "madde", "grup", "sinif", "seri", "model", "versiyon", "ucus", "sefer", "otobus", "kargo", "takip"]
)
_LABEL_NOUNS = re.compile(r"numara\w*|no'?lu|nolu|sayili|katli|katta|kisilik|yasinda|derece|beden|cilt")
_UNCASED_ONE = re.compile(r"n\d|bucuk|saat|gun|hafta|ay|yil|dakika|gibi|ile|ara|ceyrek")
_ON_FOLLOWS = re.compile(r"n\d|kala|gece_past|ceyrek")
_DAY_OR_PART = re.compile(r"saat|sabah|aksam|gece|oglen|rel|w\d|m\d+|gun")


def turkish_tokens(words: Sequence[str]) -> list[TimeToken]:
    """Return a token for every word of a Turkish transcript, or for the several words of a number."""
    tokens: list[TimeToken] = []
    at = 0
    while at < len(words):
        token = spoken_number(words, at) or TimeToken(_word(words[at]), at, at)
        tokens.append(token)
        at = token.last + 1
    return _without_homonyms(without_counts([_fraction(token, words) for token in tokens], words, _LABELS), words)


def _fraction(token: TimeToken, words: Sequence[str]) -> TimeToken:
    """Return ``x`` for the first number of a fraction: "üçte biri" is a third of it."""
    after = words[token.last + 1] if token.last + 1 < len(words) else ""
    is_fraction = token.text.endswith(".l") and fold(core_of(after).text) in {"bir", "biri", "birini", "ikisi"}
    return token._replace(text="x") if is_fraction and token.text[0] == "n" else token


def _word(word: str) -> str:
    core = core_of(word).text.replace("’", "'")
    head, _, ending = core.partition("'")
    if _PAST_THE_HOUR.fullmatch(core.lower()):
        return "gece_past"
    if token := written(head):
        return _with_ending(token, fold(ending))
    folded = fold(core.replace("'", ""))
    if _PLURAL.fullmatch(folded):
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


def _without_homonyms(tokens: list[TimeToken], words: Sequence[str]) -> list[TimeToken]:
    """Return the tokens without words that mean something else here: "bir" (a), "ona" (to him), "bu" (this)."""
    return [token._replace(text="") if _is_homonym(tokens, at, words) else token for at, token in enumerate(tokens)]


def _is_homonym(tokens: Sequence[TimeToken], at: int, words: Sequence[str]) -> bool:
    token = tokens[at]
    before = tokens[at - 1].text if at else ""
    stops = ends_sentence(words[token.last]) or at + 1 == len(tokens)
    after = "" if stops else tokens[at + 1].text
    if token.first == token.last and token.text[:1] == "n":
        folded = fold(core_of(words[token.first]).text)
        if folded == "bir":
            return not (_UNCASED_ONE.match(after) or before == "saat")
        if folded in {"biri", "ona", "onu", "onun", "onla"}:
            return not _ON_FOLLOWS.match(after)
        if folded in {"onda", "ondan", "birden", "birde", "bire"}:
            return not (_DAY_OR_PART.match(before) or _ON_FOLLOWS.match(after))
    if token.text in {"bu", "gecen", "gelecek", "onumuzdeki"}:
        return re.match(r"w\d|hafta|ay(\.|$)|yil|sabah|aksam|gece|oglen|gun", after) is None
    if token.text in {"ilk", "son"}:
        return re.match(r"w\d", after) is None and not re.match(r"gun|hafta|ay|yil|m\d", before)
    if token.text == "en":
        return after != "gec"
    if token.text == "gec":
        return before != "en"
    if token.text == "kala":
        return not (is_number(before) or before == "ceyrek")
    if token.text.startswith(("bas", "ara", "tarih", "bitim")):
        return not before
    return False
