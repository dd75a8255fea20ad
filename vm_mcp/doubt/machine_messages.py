"""Recognises messages that a machine left: announcements of the network, menus, recordings that ask to wait.

Derived whenever a transcript is shown, so that better phrases help old transcripts too.
"""

import re

from vm_mcp.text import fold_words

# These are matched on text as `fold_words` returns it. Stems, because the engine often mishears an ending.
_DIGIT_TR = r"(sifir|bir|iki|uc|dort|bes|alti|yedi|sekiz|dokuz|yildiz|kare|[0-9])\w*"
_DIGIT_EN = r"(zero|one|two|three|four|five|six|seven|eight|nine|star|pound|hash|[0-9])"
_TURKISH = (
    (
        r"(aradiginiz|cevirdiginiz|tusladiginiz|bu) (numara|abone|kisi|hat)\w* (\w+ ){0,4}"
        r"(kullanil|ulasil|kapali|mesgul|hizmet|bulunma|gecersiz|yanlis|cevap ver|yanit ver)"
    ),
    r"(su anda|suan) (ulasilam|kapali|hizmet ver|cevap verem|yanit verem)",
    rf"icin (lutfen )?{_DIGIT_TR} (\w+ )?(tusla|tusun|bas(in|iniz)\b)",
    r"(lutfen )?(hatta kal(in|iniz)\b|hatti kapatmay|bekley(in|iniz)\b)",
    r"(sinyal|bip) ses\w+ sonra",
    r"(gorusme|konusma|cagri|arama)\w* (\w+ ){0,4}(kayit altina|kaydedilm|kayda alin)",
    r"(cagriniz|aramaniz) (\w+ ){0,3}(siraya|aktaril|onemli|yanitlan|cevaplan)",
    r"(musteri )?temsilci\w+ (\w+ ){0,4}(aktaril|baglan|yonlendiril|mesgul|gorusmekte)",
    r"aradiginiz icin (cok )?tesekkur",
    r"(tekrar|yeniden) (aray(in|iniz)\b|deney(in|iniz)\b)",
)
_ENGLISH = (
    (
        r"(number|person|subscriber|customer|party|extension|mobile) (\w+ ){0,3}(you|ve|have|are|re) (\w+ ){0,2}"
        r"(calling|called|dial+ed|trying to reach|reached)\b"
    ),
    (
        r"(number|person|subscriber|customer) (\w+ ){0,4}(not (available|in service|assigned|reachable|be reached)"
        r"|unavailable|switched off|disconnected|unreachable|out of service)"
    ),
    r"(is|are) (currently|temporarily|presently) (not available|unavailable|busy|switched off|out of service)",
    rf"(please )?press {_DIGIT_EN}\b",
    r"(please )?(hold|stay on|remain on) the line\b",
    r"please (hold|wait)\b",
    r"your call (is|will be|has been|may be|cannot)\b",
    r"(this|your) call (may|will) be (recorded|monitored)",
    r"leave (a|your) message after the (tone|beep)",
    r"(all )?(of )?our (agents|representatives|operators|lines) are",
    r"thank you for (calling|holding|waiting)",
    r"please (try|call|dial) (your call )?again",
    r"(check the number|dial again)",
)
_SAID_BY_MACHINES = re.compile(rf"\b(?:{'|'.join((*_TURKISH, *_ENGLISH))})")
# A caller who quotes an announcement speaks of himself as well.
_SAID_BY_PERSONS = re.compile(
    r"\b(ben|beni|bana|benim|adim|ismim|numaram|telefonum|diyor\w*|dedi\w*|\w+[iu]yorum|\w+d[iu]m|\w+[ae]cagim"
    r"|i (am|m|ve|have|had|will|ll|would|want|need|got|just|call|called|tried)|my|me|says?|said)\b"
)
_SENTENCE_END = re.compile(r"[.!?…]+")
_MOST = 0.6
"""Fraction of a message's words that stand in sentences that machines say."""


def is_machine_message(text: str) -> bool:
    """Return whether a machine left a message: it says little else than what machines say, and nothing of itself.

    Args:
        text: The whole text of its transcript.
    """
    if _SAID_BY_PERSONS.search(fold_words(text)):
        return False
    sentences = [fold_words(sentence) for sentence in _SENTENCE_END.split(text)]
    said = sum(_words(sentence) for sentence in sentences if _SAID_BY_MACHINES.search(sentence))
    return said > 0 and said >= _MOST * sum(map(_words, sentences))


def _words(sentence: str) -> int:
    return len(sentence.split())
