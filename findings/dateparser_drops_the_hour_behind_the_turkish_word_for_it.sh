#!/usr/bin/env bash
# dateparser 1.5.0, Turkish days with a time of day.
#
# Expected: "yarın saat 15:00", tomorrow at 15:00 as everybody writes and says it, is read like "yarın 15:00" ("saat"
# means hour, or o'clock), and like "tomorrow at 15:00"; or it is not read at all.
#
# Seen: the hour is dropped without a sign: the result is tomorrow at the present time of day. So it is with "dün saat",
# "bugün saat" and "3 gün sonra saat", but not with a date or a weekday before it. With "saat" the parser takes 15:00
# for a part of a time span. An appointment is entered at a wrong time that looks sure.
#
# Run by hand: bash findings/dateparser_drops_the_hour_behind_the_turkish_word_for_it.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet dateparser==1.5.0
venv/bin/python - <<'PYTHON'
from datetime import datetime
from importlib.metadata import version

import dateparser

NOW = datetime(2026, 11, 27, 10, 7)


def read(text):
    return dateparser.parse(text, languages=["tr"], settings={"RELATIVE_BASE": NOW})


print("version", version("dateparser"), "- now:", NOW)
right = {"yarın 15:00": datetime(2026, 11, 28, 15), "15 Kasım saat 15:00": datetime(2026, 11, 15, 15),
         "pazartesi saat 15:00": datetime(2026, 11, 23, 15)}
wrong = {"yarın saat 15:00": datetime(2026, 11, 28, 10, 7), "dün saat 15:00": datetime(2026, 11, 26, 10, 7),
         "bugün saat 15:00": NOW, "3 gün sonra saat 15:00": datetime(2026, 11, 30, 10, 7)}
for text, value in {**right, **wrong}.items():
    print(f"{text!r}: {read(text)}")
    assert read(text) == value, text
PYTHON
