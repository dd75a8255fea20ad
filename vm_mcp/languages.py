"""The languages that Whisper was trained on, and how people, assistants and speech servers name them."""

import re
import unicodedata
from collections.abc import Iterable

from vm_mcp.text import fold

_NAMES = """
af afrikaans, am amharic, ar arabic, as assamese, az azerbaijani, ba bashkir, be belarusian, bg bulgarian, bn bengali,
bo tibetan, br breton, bs bosnian, ca catalan, cs czech, cy welsh, da danish, de german, el greek, en english,
es spanish, et estonian, eu basque, fa persian, fi finnish, fo faroese, fr french, gl galician, gu gujarati, ha hausa,
haw hawaiian, he hebrew, hi hindi, hr croatian, ht haitian creole, hu hungarian, hy armenian, id indonesian,
is icelandic, it italian, ja japanese, jw javanese, ka georgian, kk kazakh, km khmer, kn kannada, ko korean, la latin,
lb luxembourgish, ln lingala, lo lao, lt lithuanian, lv latvian, mg malagasy, mi maori, mk macedonian, ml malayalam,
mn mongolian, mr marathi, ms malay, mt maltese, my myanmar, ne nepali, nl dutch, nn nynorsk, no norwegian, oc occitan,
pa punjabi, pl polish, ps pashto, pt portuguese, ro romanian, ru russian, sa sanskrit, sd sindhi, si sinhala,
sk slovak, sl slovenian, sn shona, so somali, sq albanian, sr serbian, su sundanese, sv swedish, sw swahili, ta tamil,
te telugu, tg tajik, th thai, tk turkmen, tl tagalog, tr turkish, tt tatar, uk ukrainian, ur urdu, uz uzbek,
vi vietnamese, yi yiddish, yo yoruba, yue cantonese, zh chinese
"""
# As Turkish speakers call the languages that are heard in Turkey, and the three-letter codes of the most usual.
_OTHER_NAMES = """
tr türkçe, en ingilizce, de almanca, fr fransızca, ar arapça, ru rusça, fa farsça, es ispanyolca, it italyanca,
nl flemenkçe, uk ukraynaca, az azerice, bg bulgarca, el yunanca, ro rumence, ka gürcüce, hy ermenice, zh çince,
tr tur, en eng, de deu, de ger, fr fra, ar ara, ru rus, fa fas, es spa
"""


def _codes_by_name(names: str) -> dict[str, str]:
    entries = (entry.strip().partition(" ") for entry in names.split(","))
    return {fold(name): code for code, _, name in entries}


_WHISPER_CODES = _codes_by_name(_NAMES)
_CODES = _WHISPER_CODES | _codes_by_name(_OTHER_NAMES)

# Those of them that are not written in Latin letters.
_OTHER_SCRIPTS = """
am ar as ba be bg bn bo el fa gu he hi hy ja ka kk km kn ko lo mk ml mn mr my ne pa ps ru sa sd si sr ta te tg th tt uk
ur yi yue zh
"""

LANGUAGE_CODES = frozenset(_WHISPER_CODES.values())
"""ISO 639 codes of these languages: two letters each, but three for Hawaiian and Cantonese."""


PEOPLES_LANGUAGES = ("en", "tr")
"""The languages that vm-mcp itself speaks with people, the one that it is written in first."""


def peoples_language(name: str) -> str:
    """Return the code of a language that vm-mcp speaks; empty for any other.

    Args:
        name: As for `language_code`, or a POSIX locale such as ``tr_TR.UTF-8@euro``.
    """
    code = language_code(re.split("[.@]", name)[0])
    return code if code in PEOPLES_LANGUAGES else ""


def is_in_script_of(text: str, languages: Iterable[str]) -> bool:
    """Return whether a text may be in one of some languages, by its letters: Latin where all of them are written so.

    Args:
        text: Any text.
        languages: Codes, of `LANGUAGE_CODES`.
    """
    if not set(_OTHER_SCRIPTS.split()).isdisjoint(languages):
        return True
    letters = [unicodedata.name(letter, "").startswith("LATIN") for letter in text if letter.isalpha()]
    return 2 * sum(letters) >= len(letters)


def language_code(name: str) -> str:
    """Return the code of a language, named in one of many ways; empty if it is none of `LANGUAGE_CODES`.

    Args:
        name: Such as ``turkish``, ``Türkçe``, ``TR``, ``tr-TR``, ``en_US`` or ``Turkish (Turkey)``.
    """
    name = fold(name.partition("(")[0].strip())
    code = _CODES.get(name) or name.replace("_", "-").partition("-")[0]
    return code if code in LANGUAGE_CODES else ""
