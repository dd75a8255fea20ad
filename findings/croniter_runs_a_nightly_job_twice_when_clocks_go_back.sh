#!/usr/bin/env bash
# croniter 7.0.0 with an aware start, "30 2 * * *" in Europe/Berlin: once a night, at half past two.
#
# Expected: once a day. On the night on which 2:30 is left out, at 3:30 (as cron-parser does, in npm) or not at all; on
# the night that has it twice, once, as cron does.
#
# Seen: when the clocks go back it runs twice, an hour apart, on the same date. When they go forward it runs at 3:00,
# which is neither the same time nor the same instant. A nightly purge or report has to bear being run again.
#
# Run by hand: bash findings/croniter_runs_a_nightly_job_twice_when_clocks_go_back.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet croniter==7.0.0 tzdata==2026.6
venv/bin/python - <<'PYTHON'
from datetime import datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

from croniter import croniter

BERLIN = ZoneInfo("Europe/Berlin")


def runs(*start):
    times = croniter("30 2 * * *", datetime(*start, tzinfo=BERLIN))
    return [times.get_next(datetime).isoformat() for _ in range(3)]


print("version", version("croniter"))
forward, back = runs(2026, 3, 28, 12), runs(2026, 10, 24, 12)
print("clocks forward on 29 March:", forward)
print("clocks back on 25 October:", back)
assert forward == ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00", "2026-03-31T02:30:00+02:00"]
assert back == ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-26T02:30:00+01:00"]
PYTHON
