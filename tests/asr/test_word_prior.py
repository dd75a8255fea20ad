"""How likely words are, as the search of the packed engine weighs them."""

import pytest
import tokenizers
from faster_whisper.tokenizer import Tokenizer

from vm_mcp.asr.word_prior import FrequencyPrior

WORDS = ["Merhaba", "Ġrandevu", "Ġzam", "plık", "Ġon", "Ġyirmi", "Ġ05", "32", ",", "ĠAyşe", "'ye", "Ġve", "Ġhello"]
ENDS = ["<|endoftext|>", "<|startoftranscript|>", "<|tr|>", "<|en|>", "<|transcribe|>", "<|translate|>"]
NUMBERS = {word: number for number, word in enumerate([*WORDS, *ENDS])}


class Spelling(Tokenizer):  # type: ignore[misc]  # the library has no types
    """Decodes the words above, which are written as byte-pair encoding writes letters of ASCII."""

    def decode(self, tokens: list[int]) -> str:
        return "".join(WORDS[token] for token in tokens).replace("Ġ", " ")


@pytest.fixture(scope="module")
def prior() -> FrequencyPrior:
    vocabulary = tokenizers.Tokenizer(tokenizers.models.WordLevel(NUMBERS, unk_token="<|endoftext|>"))
    vocabulary.add_special_tokens(ENDS)
    return FrequencyPrior(Spelling(vocabulary, True, task="transcribe", language="tr"), "tr")  # noqa: FBT003 - the library's


def of(prior: FrequencyPrior, *words: str) -> float:
    return prior.of_last_word([NUMBERS[word] for word in words])


def test_a_word_that_is_in_no_table_loses_most_and_a_common_one_nothing(prior: FrequencyPrior) -> None:
    assert of(prior, "Ġzam", "plık") == -1.0
    assert -1.0 < of(prior, "Ġrandevu") < 0.0
    assert of(prior, "Ġve") == 0.0


def test_only_the_last_word_counts_with_all_of_its_tokens(prior: FrequencyPrior) -> None:
    assert of(prior, "Ġzam", "plık", "Ġve") == 0.0
    assert of(prior, "Ġve", "Ġzam", "plık") == -1.0
    assert of(prior, "Ġrandevu", ",") == of(prior, "Ġrandevu")
    assert of(prior, "ĠAyşe", "'ye") == of(prior, "ĠAyşe") < 0.0
    assert prior.of_last_word([]) == 0.0


@pytest.mark.parametrize("number", [("Ġon",), ("Ġyirmi",), ("Ġ05", "32"), (",",)])
def test_numbers_and_marks_are_as_good_as_any_other(prior: FrequencyPrior, number: tuple[str, ...]) -> None:
    assert of(prior, *number) == 0.0


def test_a_text_begins_a_word_where_a_space_or_its_end_stands(prior: FrequencyPrior) -> None:
    begins = {word for word, number in NUMBERS.items() if prior.begins_word[number]}
    assert begins == {word for word in WORDS if word.startswith("Ġ")} | set(ENDS)
