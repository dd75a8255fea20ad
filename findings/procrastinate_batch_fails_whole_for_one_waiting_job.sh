#!/usr/bin/env bash
# procrastinate 3.10.0, a batch of jobs with queueing locks.
#
# Expected: a queueing lock means that a job is added only if none with that lock waits. Deferred one by one, such a job
# raises AlreadyEnqueued, which a caller may ignore. So of a batch of which one is waiting already, the others are added.
#
# Seen: the whole batch is refused with one AlreadyEnqueued, and none of its jobs is added: it is one INSERT, and the lock
# is a unique index. A periodic task that adds a job for each of a thousand
# accounts adds none as soon as one account is slow.
#
# Run by hand, with Debian's postgresql installed: bash findings/procrastinate_batch_fails_whole_for_one_waiting_job.sh.
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

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued

app = App(connector=PsycopgConnector(conninfo=f"host={sys.argv[1]} user=postgres dbname=postgres"))


@app.task(name="look")
async def look(account: str) -> None: ...


async def main() -> None:
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await look.configure(queueing_lock="b").defer_async(account="b")
        try:
            jobs = [look.configure(queueing_lock=name).make_new_job(account=name) for name in "abc"]
            await app.job_manager.batch_defer_jobs_async(jobs)
            outcome = "added"
        except AlreadyEnqueued:
            outcome = "refused"
        waiting = [job.queueing_lock for job in await app.job_manager.list_jobs_async()]
    print("version", version("procrastinate"), "- a batch of a, b, c while b waits:", outcome, "- waiting:", waiting)
    assert (outcome, waiting) == ("refused", ["b"])


asyncio.run(main())
PYTHON
