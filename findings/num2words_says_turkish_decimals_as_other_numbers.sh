#!/usr/bin/env bash
# num2words 0.5.14, Turkish numbers with decimals.
#
# Expected: 1.05 is "bir virgül sıfır beş" (one comma zero five) and 1.5 is "bir virgül beş". In English and German it
# is just so.
#
# Seen: the decimals are cut to two digits, and these are said as a whole number: 1.05 becomes "birvirgülbeş", one comma
# five, which is how everybody reads 1.5, while 1.5 becomes "birvirgülelli", one comma fifty. 12.345 becomes
# "onikivirgülotuzdört", twelve comma thirty-four. Whoever has amounts or measures read out, or compares heard ones with
# it, gets the wrong number ten times over.
#
# Run by hand: bash findings/num2words_says_turkish_decimals_as_other_numbers.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet num2words==0.5.14
venv/bin/python - <<'PYTHON'
from importlib.metadata import version

from num2words import num2words

print("version", version("num2words"))
expected = {1.05: "birvirgülbeş", 1.5: "birvirgülelli", 0.05: "sıfırvirgülbeş", 12.345: "onikivirgülotuzdört"}
for value, words in expected.items():
    print(f"{value}: {num2words(value, lang='tr')!r}, in German {num2words(value, lang='de')!r}")
    assert num2words(value, lang="tr") == words, value
assert num2words(1.05, lang="de") == "eins Komma null fünf"
PYTHON
