#!/usr/bin/env bash
# aiolimiter 1.3.0, `AsyncLimiter(100, 1)`: "100 requests in 1 second".
#
# Expected: in no second do more than 100 pass.
#
# Seen: 200 pass in the first one: it is a leaky bucket, which holds 100 at once and lets 100 more leak meanwhile. So it
# is after each pause as long as the period. An API that counts requests by the minute refuses half of them, and the
# client that was to keep its limit is locked out.
#
# Run by hand: bash findings/aiolimiter_lets_twice_as_many_through_at_first.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet aiolimiter==1.3.0
venv/bin/python - <<'PYTHON'
import asyncio
import time
from importlib.metadata import version

from aiolimiter import AsyncLimiter


async def passed(limiter, seconds):
    end, count = time.monotonic() + seconds, 0
    while True:
        await limiter.acquire()
        if time.monotonic() > end:
            return count
        count += 1


async def main():
    limiter = AsyncLimiter(100, 1)
    counts = [await passed(limiter, 1) for _ in range(2)]
    print("version", version("aiolimiter"), "- in the first second and in the next:", counts)
    assert counts[0] > 180 and counts[1] < 120, counts


asyncio.run(main())
PYTHON
