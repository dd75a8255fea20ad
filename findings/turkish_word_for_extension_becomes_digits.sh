#!/usr/bin/env bash
# phonenumbers 9.0.43 (Google's libphonenumber for Python), "dahili", the Turkish word for an extension.
#
# Expected: "0212 555 12 34 dahili 105" is parsed for Turkey as 0212 555 12 34, with 105 as its extension, as it is with
# "ext. 105" or the Russian "доб. 105"; or, if the word is not known, without the extension.
#
# Seen: the six letters of "dahili" are read as the keys of a telephone (324454) and join the number, which is then "too
# long to be a phone number". With a colon behind the word it "did not seem to be a phone number" at all. With "iç hat",
# the other Turkish term, likewise. So a contact's number as Turkish offices write it is refused whole, unless the
# extension is cut off before.
#
# Run by hand: bash findings/turkish_word_for_extension_becomes_digits.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet phonenumbers==9.0.43
venv/bin/python - <<'PYTHON'
import phonenumbers
from phonenumbers import NumberParseException, convert_alpha_characters_in_number, parse

def outcome(text):
    try:
        number = parse(text, "TR")
    except NumberParseException as error:
        return type(error).__name__, error.error_type
    return number.national_number, number.extension

print("version", phonenumbers.__version__)
print("dahili on the keys:", convert_alpha_characters_in_number("dahili"))
for text in ("0212 555 12 34 ext. 105", "0212 555 12 34 доб. 105", "0212 555 12 34 dahili 105",
             "0212 555 12 34 dahili: 105", "0212 555 12 34 iç hat 105"):
    print(f"{text!r}:", outcome(text))
assert outcome("0212 555 12 34 ext. 105") == (2125551234, "105")
assert outcome("0212 555 12 34 доб. 105") == (2125551234, "105")
assert outcome("0212 555 12 34 dahili 105") == ("NumberParseException", NumberParseException.TOO_LONG)
assert outcome("0212 555 12 34 dahili: 105") == ("NumberParseException", NumberParseException.NOT_A_NUMBER)
PYTHON
