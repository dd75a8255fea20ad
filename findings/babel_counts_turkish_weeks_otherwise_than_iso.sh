#!/usr/bin/env bash
# Babel 2.19.0 (CLDR's data), weeks of the year in Turkey.
#
# Expected: Turkish weeks begin on Monday, so a week has the number that ISO 8601 gives it, as in Germany: 1 January
# 2027, a Friday, is in week 53 of 2026.
#
# Seen: CLDR has Monday as the first day, but one day as the least of a first week. So that Friday is in week 1 of 2027,
# and all of 2027 is one ahead of `isocalendar()` and of PostgreSQL's `week`. In 2026, which begins on a Thursday, both
# agree, and every test passes.
#
# Run by hand: bash findings/babel_counts_turkish_weeks_otherwise_than_iso.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet babel==2.19.0
venv/bin/python - <<'PYTHON'
from datetime import date
from importlib.metadata import version

from babel.dates import format_date

print("version", version("babel"))
found = {}
for day in (date(2026, 11, 27), date(2027, 1, 1), date(2027, 6, 1)):
    found[day] = [format_date(day, "YYYY-ww", locale=locale) for locale in ("tr_TR", "de_DE")]
    print(day, "in Turkey", found[day][0], "- in Germany", found[day][1], "- ISO", day.isocalendar()[:2])
assert list(found.values()) == [["2026-48"] * 2, ["2027-01", "2026-53"], ["2027-23", "2027-22"]], found
PYTHON
