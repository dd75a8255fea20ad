"""Write the tables of word frequencies in vm_mcp/doubt/frequencies/ from the data of the package wordfreq.

    uv run --no-project --with wordfreq==3.1.1 python scripts/word_frequencies.py

wordfreq itself would bring 57 MB of other languages to a desk. The tables keep its words of letters with their Zipf
frequencies, to one decimal: one line for each frequency, then its words.
"""

import lzma
from collections import defaultdict
from pathlib import Path

import wordfreq  # type: ignore[import-not-found]  # brought by the command above

FOLDER = Path(__file__).parent.parent / "vm_mcp" / "doubt" / "frequencies"
LANGUAGES = ("tr", "en")


def main() -> None:
    """Write both tables."""
    for language in LANGUAGES:
        by_frequency: dict[float, list[str]] = defaultdict(list)
        for word in wordfreq.get_frequency_dict(language, wordlist="small"):
            if word.isalpha():
                by_frequency[round(wordfreq.zipf_frequency(word, language, wordlist="small"), 1)].append(word)
        lines = [f"{zipf} {' '.join(sorted(words))}" for zipf, words in sorted(by_frequency.items(), reverse=True)]
        (FOLDER / f"{language}.xz").write_bytes(lzma.compress("\n".join(lines).encode(), preset=9))


if __name__ == "__main__":
    main()
