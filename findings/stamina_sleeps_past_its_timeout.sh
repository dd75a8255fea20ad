#!/usr/bin/env bash
# stamina 26.1.0, `retry_context(timeout=0.2)`, "the maximum total time for all retries", with waits that are longer
# than what is left.
#
# Expected: once the next wait would end after the timeout, the last error is raised, or the wait is cut there. No
# attempt begins later.
#
# Seen: the timeout is compared with the time that has passed, after an attempt and before the wait. The wait is then
# slept in full, and one more attempt made. Where a hook returns the seconds of a Retry-After, neither the timeout nor
# `wait_max` limits it: a server that says 3600 makes a call with a timeout of 45 s last for an hour.
#
# Run by hand: bash findings/stamina_sleeps_past_its_timeout.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet stamina==26.1.0
venv/bin/python - <<'PYTHON'
import logging
import time
from importlib.metadata import version

import stamina

logging.disable(logging.CRITICAL)


class Busy(Exception):
    pass


def began(on, **limits):
    start, times = time.monotonic(), []
    try:
        for attempt in stamina.retry_context(on=on, attempts=3, wait_jitter=0, **limits):
            with attempt:
                times.append(round(time.monotonic() - start, 1))
                raise Busy
    except Busy:
        return times


print("version", version("stamina"))
backoff = began(Busy, timeout=0.2, wait_initial=1.0)
hook = began(lambda error: 1.0, timeout=0.2, wait_initial=0.01, wait_max=0.1)
print("timeout 0.2, waits from 1 s: attempts begin at", backoff)
print("timeout 0.2, wait_max 0.1, a hook that says 1 s: attempts begin at", hook)
assert len(backoff) == len(hook) == 2 and backoff[1] >= 1 and hook[1] >= 1, (backoff, hook)
PYTHON
