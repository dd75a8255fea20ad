#!/usr/bin/env bash
# whisper-normalizer 0.1.15, Whisper's own `BasicTextNormalizer`, with which word error rates are measured in all
# languages but English.
#
# Expected: it takes case and punctuation away, so that "İstanbul" and "istanbul" are one word, and equal.
#
# Seen: Python's lower() makes an i with a combining dot of "İ", and the normalizer replaces combining marks by spaces:
# "İki" becomes the two words "i ki". A transcript that writes "İki oda istiyorum" where the reference says "iki oda
# istiyorum" has, in three words, two wrong ones. Turkish sentences and names often begin so, and a model that writes
# capitals looks worse than one that doesn't.
#
# Run by hand: bash findings/whisper_normalizer_splits_words_at_the_turkish_capital_i.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet whisper-normalizer==0.1.15 jiwer==4.0.0
venv/bin/python - <<'PYTHON'
from importlib.metadata import version

import jiwer
from whisper_normalizer.basic import BasicTextNormalizer

normalized = BasicTextNormalizer()
reference, heard = "iki oda istiyorum", "İki oda istiyorum."
print("version", version("whisper-normalizer"))
print(f"{heard!r} becomes {normalized(heard)!r}, {'İSTANBUL'!r} becomes {normalized('İSTANBUL')!r}")
errors = jiwer.process_words(normalized(reference), normalized(heard))
print("against", repr(reference), "- words wrong:", errors.substitutions + errors.insertions + errors.deletions)
assert normalized(heard).split() == ["i", "ki", "oda", "istiyorum"], normalized(heard)
assert errors.substitutions + errors.insertions + errors.deletions == 2
PYTHON
