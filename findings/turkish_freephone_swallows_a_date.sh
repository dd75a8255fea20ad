#!/usr/bin/env bash
# phonenumbers 9.0.43 (Google's libphonenumber for Python), Turkish freephone numbers.
#
# Expected: a Turkish 0800 number has ten digits after the zero, as every other Turkish number that is not a short one.
# In "0800 219 00 00. 15 Kasım" (a number, a full stop, the 15th of November) the matcher finds 0800 219 00 00.
#
# Seen: the plan takes ten, twelve and thirteen digits for valid, but not eleven. The matcher reads over the full stop
# and the space, and finds one number, 0800 219 00 00 15: valid, and a date in it. The same sentence with 0212 is read
# rightly. Whoever reads telephone numbers out of Turkish text has to end an 0800 number after ten digits themselves.
#
# Run by hand: bash findings/turkish_freephone_swallows_a_date.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet phonenumbers==9.0.43
venv/bin/python - <<'PYTHON'
import phonenumbers
from phonenumbers import PhoneNumberMatcher, is_valid_number, parse

def found(text):
    return [match.raw_string for match in PhoneNumberMatcher(text, "TR")]

valid = {digits: is_valid_number(parse("0" + "800219000012345"[:digits], "TR")) for digits in range(9, 15)}
print("version", phonenumbers.__version__)
print("digits after the zero, and whether they are valid:", valid)
print("0800:", found("Bizi 0800 219 00 00. 15 Kasım'a kadar arayın."))
print("0212:", found("Bizi 0212 555 12 34. 15 Kasım'a kadar arayın."))
assert valid == {9: False, 10: True, 11: False, 12: True, 13: True, 14: False}
assert found("Bizi 0800 219 00 00. 15 Kasım'a kadar arayın.") == ["0800 219 00 00. 15"]
assert found("Bizi 0212 555 12 34. 15 Kasım'a kadar arayın.") == ["0212 555 12 34"]
PYTHON
