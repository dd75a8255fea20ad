"""Case endings of Turkish nouns and numbers, as folded text.

``a``: -i, -yi, accusative or possessive; ``p``: -si, possessive; ``d``: -e, -ye, dative; ``l``: -de, locative;
``b``: -den, ablative; ``w``: -le, with; ``g``: -in, genitive; a ``p`` before a letter is the possessive with that case.
"""

import re

_ENDINGS = {
    "": "",
    r"y?[iu]": "a",
    r"s[iu]": "p",
    r"y?[ae]": "d",
    r"s?[iu]n[ae]": "pd",
    r"[dt][ae](?:k[iu]\w*|y?[iu]m|y?[iu]z|yd[iu])?": "l",
    r"s?[iu]nd[ae](?:k[iu]\w*|y?[iu]m|y?[iu]z|yd[iu])?": "pl",
    r"[dt][ae]n": "b",
    r"s?[iu]nd[ae]n": "pb",
    r"y?l[ae]": "w",
    r"n?[iu]n": "g",
    r"s?[iu]n[iu]n": "pg",
}
_CASES = [(re.compile(pattern), case) for pattern, case in _ENDINGS.items()]


def case_of(ending: str) -> str | None:
    """Return the case of a folded ending; None if it is none."""
    return next((case for pattern, case in _CASES if pattern.fullmatch(ending)), None)


def stem_and_case(folded: str, stems: dict[str, str]) -> tuple[str, str] | None:
    """Return the canonical name of the longest stem that a word begins with, and the word's case; None if none fits.

    Args:
        folded: The word, folded, without its apostrophe.
        stems: Canonical name by folded stem.
    """
    for length in range(len(folded), 1, -1):
        name = stems.get(folded[:length])
        case = case_of(folded[length:]) if name else None
        if name and case is not None:
            return name, case
    return None


def encoded(name: str, case: str) -> str:
    """Return a token: the name, and a dot and the case if there is one."""
    return f"{name}.{case}" if case else name
