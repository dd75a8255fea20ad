#!/usr/bin/env bash
# procrastinate 3.10.0 on PostgreSQL 15, a worker for one queue while many jobs wait in another.
#
# Expected: a worker that is told to serve one queue finds its next job there by an index, however many jobs wait in other
# queues: there is an index on the queue's name. It costs the same at each call.
#
# Seen: the first five times it does. From the sixth on, each look reads all waiting jobs of all queues by their priority,
# until it meets one of its own: PostgreSQL then keeps one plan for any list of queues, since by its estimate that is
# cheaper. With `plan_cache_mode = force_custom_plan`, each look stays short.
#
# Run by hand, with Debian's postgresql installed:
# bash findings/procrastinate_looks_through_other_queues_from_the_sixth_job_on.sh.
# Fails if any of it changes.
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
"$folder/venv/bin/pip" install --quiet procrastinate==3.10.0 "psycopg[binary,pool]==3.3.9"
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import asyncio
import sys
from importlib.metadata import version

import psycopg
from procrastinate import App, PsycopgConnector

ADDRESS = f"host={sys.argv[1]} user=postgres dbname=postgres"
LOOK = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM procrastinate_fetch_job_v2(%s::varchar[], NULL)"


async def set_up() -> None:
    async with App(connector=PsycopgConnector(conninfo=ADDRESS)).open_async() as app:
        await app.schema_manager.apply_schema_async()


def pages_read(mode: str) -> list[int]:
    with psycopg.connect(ADDRESS) as connection:
        connection.execute("SELECT set_config('plan_cache_mode', %s, false)", (mode,))
        found = [connection.execute(LOOK, (["speech"],)).fetchone()[0][0]["Plan"] for _ in range(8)]
        return [each["Shared Hit Blocks"] + each["Shared Read Blocks"] for each in found]


asyncio.run(set_up())
with psycopg.connect(ADDRESS, autocommit=True) as connection:
    connection.execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args) SELECT 'fetch', 'fetch', '{}' "
        "FROM generate_series(1, 20000)"
    )
    connection.execute("VACUUM ANALYZE procrastinate_jobs")
    [(server,)] = connection.execute("SHOW server_version").fetchall()
kept, custom = pages_read("auto"), pages_read("force_custom_plan")
print("versions", version("procrastinate"), server)
print("pages read by each look into an empty queue beside one of 20,000 jobs:", kept)
print("the same with plan_cache_mode = force_custom_plan:", custom)
assert max(kept[1:5]) < 50 < 200 < min(kept[5:])
assert max(custom[1:]) < 50
PYTHON
