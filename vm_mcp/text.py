"""Text that strangers choose, such as caller names and what was said: made safe to show, and fit to compare."""

import re
import unicodedata

MAX_MARKS = 2
"""Combining marks kept on one letter; no spelling in use needs more once composed, and stacks cover other lines."""

# A terminal's commands: strings up to their end (titles, links), then those with parameters (colours), then the rest.
_COMMAND = re.compile(
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x80-\x9f]*(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|\x1b[ -/]*[0-Z\\-~]"
)
# Letters by category, yet nothing but a gap to the eye: Hangul fillers and the empty Braille cell.
_BLANK = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")
# Marks by category that show nothing: joiners and variation selectors, in which whole messages have been hidden.
_HIDDEN = re.compile("[\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def clean_text(text: str) -> str:
    """Make a stranger's text safe to show: one composed line in which all that is there can be seen.

    Out go terminal commands, control, direction and zero-width characters, lone surrogates, blank letters, and all but
    `MAX_MARKS` marks of a letter. White space of any kind becomes single spaces, and none is left at the ends.
    Cleaning twice changes nothing more.
    """
    spaced = " ".join(_BLANK.sub(" ", _COMMAND.sub("", text)).split())
    visible = "".join(char for char in _HIDDEN.sub("", spaced) if char.isprintable())
    # What went may have stood between two spaces.
    return " ".join(_few_marks(unicodedata.normalize("NFC", visible)).split())


def fold(text: str) -> str:
    """Reduce text to what is compared: no case, no accents, and no difference between dotted and dotless i."""
    plain = unicodedata.normalize("NFKD", text).casefold().replace("ı", "i")
    return "".join(char for char in plain if not unicodedata.combining(char))


def fold_words(text: str) -> str:
    """Give the folded words alone, a space between them: ``İZLEDİĞİNİZ için!`` gives ``izlediginiz icin``."""
    return " ".join(re.findall(r"[^\W_]+", fold(text)))


def _few_marks(text: str) -> str:
    kept, marks = [], MAX_MARKS  # a mark without a letter would land on whatever is shown in front
    for char in text:
        marks = marks + 1 if _is_mark(char) else MAX_MARKS if char == " " else 0
        if marks <= MAX_MARKS:
            kept.append(char)
    return "".join(kept)


def _is_mark(char: str) -> bool:
    """Vowel signs that have their own place in a syllable, as in Devanagari, are none; enclosing marks are."""
    return unicodedata.combining(char) > 0 or unicodedata.category(char) == "Me"
