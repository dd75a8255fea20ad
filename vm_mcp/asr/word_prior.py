"""How likely a word is in its language: a term that the search adds to what the model says of a text.

On a bad line a small model writes what the syllables sound like, often no word at all: the texts that it was trained on
hold few of the words that callers say in Turkish, and each of them in many endings. A text whose words exist is more
likely than the model knows. The terms are small, so a name or a rare word that is said clearly stays as it is. Numbers
have none, in words or in digits: of two numbers, the more common one isn't more likely to be this caller's.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from vm_mcp.doubt.number_words import vocabulary
from vm_mcp.doubt.word_frequencies import zipf_frequency

if TYPE_CHECKING:
    from faster_whisper.tokenizer import Tokenizer

    from vm_mcp.asr.whisper_runtime import Features

# Fitted on the texts of `benchmarks/truth.py`: log probability that a word loses which is in no table, and for each
# step of the Zipf scale by which it is less common than the most common ones.
_UNKNOWN, _A_STEP, _MOST_COMMON = 1.0, 0.2, 6.0
_WORDS_KEPT = 20_000


class FrequencyPrior:
    """The words of one language, by how common they are; see `WordPrior`.

    Args:
        tokenizer: The model's, for the language.
        language: ISO 639-1 code of a language with a table, see `has_frequencies`.
    """

    def __init__(self, tokenizer: "Tokenizer", language: str) -> None:
        self.begins_word = _beginnings(tokenizer)
        self._tokenizer = tokenizer
        self._language = language
        self._numbers = vocabulary(language, [])
        self._of_word = lru_cache(_WORDS_KEPT)(self._of_tokens)

    def of_last_word(self, tokens: Sequence[int]) -> float:
        """Return the term of a text's last word, 0 or less."""
        start = len(tokens) - 1
        while start > 0 and not self.begins_word[tokens[start]]:
            start -= 1
        return self._of_word(tuple(tokens[max(0, start) :]))

    def _of_tokens(self, tokens: tuple[int, ...]) -> float:
        word = self._tokenizer.decode(list(tokens)).strip()
        if not any(map(str.isalpha, word)) or any(map(str.isdigit, word)) or self._numbers.read(word).parts:
            return 0.0
        frequency = zipf_frequency(word, self._language)
        return -_A_STEP * max(0.0, _MOST_COMMON - frequency) if frequency else -_UNKNOWN


def _beginnings(tokenizer: "Tokenizer") -> "Features":
    """Return, for each token, 1 if it begins a word or ends the text. ``Ġ`` is how the vocabulary writes a space."""
    import numpy as np

    tokens = tokenizer.tokenizer.get_vocab(with_added_tokens=True)
    begins = np.zeros(max(tokens.values()) + 1, np.float32)
    begins[[number for token, number in tokens.items() if token.startswith("Ġ") or number >= tokenizer.eot]] = 1
    return begins
