#!/usr/bin/env bash
# psycopg_pool 3.3.3, a pool that checks each connection before it hands it out (`check=check_connection`), after
# PostgreSQL ended all of them, as a restart does.
#
# Expected: a lost connection is thrown away, and the next one is tried or a new one is opened: milliseconds, since
# PostgreSQL is back.
#
# Seen: between a connection that fails its check and the next one it sleeps, for about 1, 2 and 4 s. With three idle
# connections the first caller waits for 3 s, with four for 7 s, and with more until its timeout, though a new
# connection takes milliseconds. `pool.check()`, called once, replaces all of them and costs next to nothing.
#
# Run by hand, with Debian's postgresql installed: bash
# findings/psycopg_pool_sleeps_longer_after_each_lost_connection.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
export PATH="$PATH:$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)"
as=()
if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root
    chown nobody "$folder"
    as=(runuser -u nobody --)
fi
run() { (cd "$folder" && "${as[@]}" "$@"); }
stop() { run pg_ctl stop --silent --mode immediate -D "$folder/data" || true; rm -rf "$folder"; }
trap stop EXIT
run initdb --username=postgres --auth=trust --encoding=UTF8 --locale=C -D "$folder/data" >/dev/null
run pg_ctl start --wait --silent -D "$folder/data" -o "-c listen_addresses= -k $folder" --log "$folder/log"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet psycopg-pool==3.3.3 "psycopg[binary]==3.3.9"
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import asyncio
import logging
import sys
import time
from importlib.metadata import version

import psycopg
from psycopg_pool import AsyncConnectionPool

logging.disable(logging.CRITICAL)
ADDRESS = f"host={sys.argv[1]} user=postgres dbname=postgres"


async def end_all() -> None:
    async with await psycopg.AsyncConnection.connect(ADDRESS, autocommit=True) as other:
        await other.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")


async def seconds(lost: int, calls_check: bool) -> float:
    pool = AsyncConnectionPool(ADDRESS, min_size=lost, max_size=lost, open=False, timeout=60,
                               check=AsyncConnectionPool.check_connection)
    await pool.open(wait=True)
    await end_all()
    start = time.monotonic()
    if calls_check:
        await pool.check()
    async with pool.connection() as connection:
        await connection.execute("SELECT 1")
    taken = time.monotonic() - start
    await pool.close()
    return taken


async def main() -> None:
    print("psycopg_pool", version("psycopg_pool"))
    taken = {lost: await seconds(lost, calls_check=False) for lost in (2, 3)}
    mended = await seconds(3, calls_check=True)
    for lost, each in taken.items():
        print(f"{lost} of {lost} connections lost: {each:.1f} s until the first statement")
    print(f"3 of 3 lost, after pool.check(): {mended:.2f} s")
    assert taken[2] > 0.9 and taken[3] > 2.7, taken
    assert mended < 0.9, mended


asyncio.run(main())
PYTHON
