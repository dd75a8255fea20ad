"""Make text from strangers, such as caller names and speech, safe to show, fold it for comparison, and count nouns."""

import re
import unicodedata

from vm_mcp.wording import Words, plural

DOUBT_START, DOUBT_END = "[?", "]"
"""What stands around doubtful words wherever a transcript is shown: ``[?Arzlan]``."""
MAX_MARKS = 2
"""Combining marks kept on one letter. No orthography needs more once composed, and tall stacks cover other lines."""

# Terminal control sequences: strings up to their terminator (titles, links), those with parameters (colours), the rest.
_COMMAND = re.compile(
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x80-\x9f]*(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|\x1b[ -/]*[0-Z\\-~]"
)
# Square brackets are for doubt marks only: an engine that writes one must not make a word look doubtful.
_BRACKETS = str.maketrans("[]［］⟦⟧", "()()()")
# Letters by category that look like a gap: Hangul fillers and the empty Braille cell.
_BLANK = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")
# Marks by category that show nothing: joiners and variation selectors. Whole messages have been hidden in them.
_HIDDEN = re.compile("[\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# A line of Latin letters, digits and punctuation with single spaces: nothing in it is removed or composed. Nearly every
# word is one, and a transcript is cleaned word by word.
_CLEAN = re.compile("(?:[!-~\u00a1-\u00ac\u00ae-\u024f]++(?: [!-~\u00a1-\u00ac\u00ae-\u024f]++)*+)?")
_DOUBT_MARK = re.compile(re.escape(DOUBT_START) + ".*?" + re.escape(DOUBT_END))


def clean_text(text: str) -> str:
    """Return a stranger's text as one line, composed (NFC), in which every character is visible.

    Removes terminal control sequences, control, direction and zero-width characters, lone surrogates, blank letters,
    and all but `MAX_MARKS` marks of a letter. White space of any kind becomes a single space, and is removed at the
    ends. Idempotent.
    """
    if _CLEAN.fullmatch(text):
        return text
    spaced = " ".join(_BLANK.sub(" ", _COMMAND.sub("", text)).split())
    visible = "".join(char for char in _HIDDEN.sub("", spaced) if char.isprintable())
    # Removed characters may have stood between two spaces.
    return " ".join(_few_marks(unicodedata.normalize("NFC", visible)).split())


def doubt_mark_spans(text: str) -> list[tuple[int, int]]:
    """Return where the doubt marks of a shown transcript begin and end, with their brackets."""
    return [mark.span() for mark in _DOUBT_MARK.finditer(text)]


def round_brackets(text: str) -> str:
    """Return text of the same length without the brackets of doubt marks: round ones stand for them."""
    return text.translate(_BRACKETS)


def fold(text: str) -> str:
    """Return text without case, accents, or the difference between dotted and dotless i, for comparison."""
    plain = unicodedata.normalize("NFKD", text).casefold().replace("ı", "i")
    return "".join(char for char in plain if not unicodedata.combining(char))


def lower_case(text: str, language: str = "tr") -> str:
    """Return text in lower case, by the rules of its language: in Turkish, ``I`` is the capital of ``ı``."""
    return (text.replace("I", "ı").replace("İ", "i") if language == "tr" else text).lower()


def fold_words(text: str) -> str:
    """Return only the folded words, separated by spaces: ``izlediginiz icin`` for ``İZLEDİĞİNİZ için!``."""
    return " ".join(re.findall(r"[^\W_]+", fold(text)))


def counted(count: int, noun: str) -> Words:
    """Return a count with its noun, which takes an ``s`` in the plural."""
    return plural(f"{{count}} {noun}", f"{{count}} {noun}s", count)


def were(count: int) -> str:
    """Return the verb for so many."""
    return "was" if count == 1 else "were"


def _few_marks(text: str) -> str:
    kept, marks = [], MAX_MARKS  # a mark without a letter would be drawn on whatever is shown before the text
    for char in text:
        marks = marks + 1 if _is_mark(char) else MAX_MARKS if char == " " else 0
        if marks <= MAX_MARKS:
            kept.append(char)
    return "".join(kept)


def _is_mark(char: str) -> bool:
    """Whether a character covers the one before it. Vowel signs with a width of their own, as in Devanagari, don't."""
    return unicodedata.combining(char) > 0 or unicodedata.category(char) == "Me"
