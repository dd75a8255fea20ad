"""What the words around a number say of it: an order, identity or bank account number is no telephone number."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from vm_mcp.doubt.digit_groups import Run, readings
from vm_mcp.doubt.grouping import is_regular
from vm_mcp.text import fold_words

_MOST_BEFORE, _MOST_AFTER = 6, 3
"""Number of words around a number that may say what it is."""
_ENDS = (".", "!", "?", "…")

_NOUN = r"(?:numara\w*|no|nosu|nolu|kod|kodu\w*|number|numbers|code)"
# What has a number of its own. Only together with `_NOUN`: "sipariş hattı" has a telephone.
_THING = (
    r"(?:kimlik|vatandaslik|siparis|takip|fatura|police|dosya|esas|karar|icra|protokol|hesap|kargo|gonderi|irsaliye|"
    r"barkod|seri|vergi|abone|abonelik|tesisat|sozlesme|rezervasyon|referans|basvuru|sicil|ogrenci|ehliyet|pasaport|"
    r"plaka|posta|sayac|kart|uyelik|evrak|kayit|urun|stok|parti|sasi|ruhsat|bilet|ucus|dekont|makbuz|dogrulama|sifre|"
    r"parsel|tapu|sgk|ssk|bagkur|islem|sertifika|"
    r"order|tracking|invoice|policy|case|file|account|reference|booking|confirmation|identity|id|passport|serial|tax|"
    r"ticket|protocol|member|membership|license|plate|zip|postal|flight|claim|insurance|reservation|shipment|parcel|"
    r"verification|registration|card|product|contract|document)"
)
# Those that also have a telephone: "müşteri numarası 0532 …".
_BEING = (
    r"(?:musteri|hasta|servis|randevu|ariza|talep|teklif|onay|oda|kapi|daire|ada|model|"
    r"customer|patient|room|part|security|post)"
)
_ENDING = r"(?:l[ae]r)?(?:u?m|i?m|u?n|i?n|imiz|umuz|iniz|unuz|si|su|i|u)?(?:in|un|nin|nun)?"
# Things whose number is meant even without the word number.
_ITSELF = r"(?:iban\w*|tckn\w*|t ?c|te ?ce|vkn|plaka\w*|barkod\w*|pnr\w*|tax id|order|invoice)"
_TELEPHONE = re.compile(
    r"\b(?:telefon\w*|tel|cep\w*|gsm|whatsapp\w*|hat\w*|beni|bizi|bana|phone|mobile|cell|call|reach)\b"
)
_LINK = r"(?:ise|su|soyle|olarak|bu|is|was|tr|te re|ti ar)"
_BEFORE = re.compile(rf"\b(?:(?:{_THING}{_ENDING} )+{_NOUN}|{_ITSELF}(?: {_NOUN})?)(?: {_LINK})*$")
# A telephone number may follow as well: "sipariş numaram için arıyorum, 0532 …".
_MAYBE_BEFORE = re.compile(rf"\b(?:(?:(?:{_THING}|{_BEING}){_ENDING} )+{_NOUN}|{_ITSELF})(?: \w+){{0,3}}$")
_AFTER = re.compile(rf"(?:{_THING}\w* {_NOUN}|{_NOUN} {_THING}\w*)\b")
_COUNTRY = re.compile(r"\b(?:tr|te re|ti ar)$")
_TIME_BEFORE = re.compile(r"\b(?:saat\w*|tarih\w*|date|between)$")
_TIME_AFTER = re.compile(r"(?:arasi\w*|tarih\w*|saatleri\w*|sular\w*)\b")


def telephone_runs(words: Sequence[str], runs: Sequence[Run]) -> Iterator[Run]:
    """Yield the runs that may hold a telephone number; of those that begin with another one, what follows it."""
    for run in runs:
        begins_as_telephone = run.parts[0].digits.startswith(("0", "+"))
        if is_other_number(words, run.parts[0].word, run.parts[-1].word, begins_as_telephone=begins_as_telephone):
            yield from _after_other_number(run)
        else:
            yield run


def _after_other_number(run: Run) -> Iterator[Run]:
    """Yield the run from the first zero or plus on that a pause sets apart from what was before it, if there is one."""
    for at, part in enumerate(run.parts[:-1], 1):
        rest = run.parts[at:]
        if part.pause and run.parts[at].digits.startswith(("0", "+")) and any(map(is_regular, readings(rest, [0]))):
            yield replace(run, parts=rest, counted=min(run.counted, len(rest)), corrects=False)
            return


def is_other_number(words: Sequence[str], first: int, last: int, *, begins_as_telephone: bool) -> bool:
    """Return whether the words around a number say that it is something else than a telephone number.

    Args:
        words: All words of the transcript.
        first: Index of the number's first word.
        last: Index of its last word.
        begins_as_telephone: Whether it begins with a zero or a plus. Then it may be a customer's telephone number, but
            not an order's.
    """
    before = _before(words, first)
    telephones = [found.end() for found in _TELEPHONE.finditer(before)]
    since = before[telephones[-1] :] if telephones else before
    is_thing = _BEFORE.search(since) or _COUNTRY.search(since) or _AFTER.match(_after(words, last))
    return bool(is_thing or (not begins_as_telephone and _MAYBE_BEFORE.search(since)))


def is_time(words: Sequence[str], first: int, last: int) -> bool:
    """Return whether the words next to a number say that it is a time or a date."""
    return bool(_TIME_BEFORE.search(_before(words, first)) or _TIME_AFTER.match(_after(words, last)))


def _before(words: Sequence[str], first: int) -> str:
    """Return the words before a number in the same sentence. The full stop of ``T.C.`` and ``no.`` ends none."""
    kept: list[str] = []
    for word in reversed(words[max(0, first - _MOST_BEFORE) : first]):
        folded = fold_words(word)
        if word.endswith(_ENDS) and not re.fullmatch(r"t ?c|no|nr|tel", folded):
            break
        kept.append(folded)
    return " ".join(reversed(kept))


def _after(words: Sequence[str], last: int) -> str:
    if words[last].endswith(_ENDS):
        return ""
    return " ".join(fold_words(word) for word in words[last + 1 : last + 1 + _MOST_AFTER])
