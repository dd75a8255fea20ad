"""Fuzz text from strangers: cleaned, it is one visible line that cleaning leaves alone, and it can be folded."""

import atheris

with atheris.instrument_imports(include=["vm_mcp"]):
    from vm_mcp.telephone import number_spellings
    from vm_mcp.text import clean_text, fold, fold_words

from harness import fuzz, text_of


def read(data: bytes) -> None:
    """Clean and fold an input."""
    text = text_of(data)
    clean = clean_text(text)
    assert clean.isprintable()
    assert clean == " ".join(clean.split())
    assert clean_text(clean) == clean
    clean.encode()
    fold(text)
    assert fold_words(text) == " ".join(fold_words(text).split())
    for spelling in number_spellings(text):
        assert spelling.isascii()
        assert spelling.isdigit()


if __name__ == "__main__":
    fuzz(read, "fold")
