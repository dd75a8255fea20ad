#!/usr/bin/env bash
# procrastinate 3.10.0, jobs with the same lock.
#
# Expected: a lock keeps two jobs from running at the same time. A job that nobody runs, because it is to start in an
# hour or because it failed and is tried again in an hour, holds none: others with its lock run meanwhile.
#
# Seen: jobs of one lock and priority run in the order in which they were added, and one that waits for its time counts.
# All later jobs with the lock wait for it: for the hour of a reminder, or of a retry's pause. No worker says so, they
# are idle. A job that failed for good lets the others go.
#
# Run by hand, with Debian's postgresql installed: bash findings/procrastinate_lock_is_held_by_a_job_that_only_waits.sh.
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
import logging
import sys
from importlib.metadata import version

from procrastinate import App, PsycopgConnector, RetryStrategy

logging.disable(logging.CRITICAL)
app = App(connector=PsycopgConnector(conninfo=f"host={sys.argv[1]} user=postgres dbname=postgres"))
ran = []


@app.task(name="call")
async def call(what: str) -> None:
    ran.append(what)


@app.task(name="fail", retry=RetryStrategy(max_attempts=2, wait=3600))
async def fail(what: str) -> None:
    ran.append(what)
    raise ValueError


@app.task(name="fail_for_good")
async def fail_for_good(what: str) -> None:
    ran.append(what)
    raise ValueError


async def main() -> None:
    print("procrastinate", version("procrastinate"))
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await call.configure(lock="a", schedule_in={"hours": 1}).defer_async(what="a, in an hour")
        await call.configure(lock="a").defer_async(what="a, behind it")
        await fail.configure(lock="b").defer_async(what="b, fails, again in an hour")
        await call.configure(lock="b").defer_async(what="b, behind it")
        await fail_for_good.configure(lock="c").defer_async(what="c, fails for good")
        await call.configure(lock="c").defer_async(what="c, behind it")
        await app.run_worker_async(wait=False, install_signal_handlers=False)
        waiting = [job.task_kwargs["what"] for job in await app.job_manager.list_jobs_async(status="todo")]
    print("ran:", ran)
    print("wait:", waiting)
    assert sorted(ran) == ["b, fails, again in an hour", "c, behind it", "c, fails for good"], ran
    assert sorted(waiting) == ["a, behind it", "a, in an hour", "b, behind it", "b, fails, again in an hour"], waiting


asyncio.run(main())
PYTHON
