#!/usr/bin/env bash
# PostgreSQL 15, COPY beside row-level security.
#
# Expected: COPY obeys a table's policies as SELECT and INSERT do. A role that may see and add all rows, by a policy of
# `true`, copies them out and in again.
#
# Seen: COPY out works, and leaves out what the policy hides. COPY in is refused, "not supported with row-level
# security", whatever the policies say, also by the owner where it is forced. The fast path of a driver (psycopg's
# `cursor.copy`) has to become INSERTs as soon as the policy is there, and only for the roles that it binds: tests by a
# superuser never see it.
#
# Run by hand, with Debian's postgresql installed: bash
# findings/postgres_refuses_copy_into_a_table_with_row_security.sh. Fails if any of it changes.
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
sql() { psql --no-psqlrc --quiet --tuples-only -v ON_ERROR_STOP=1 -h "$folder" -U "$1" postgres -c "$2"; }

sql postgres "SELECT 'version ' || current_setting('server_version')"
sql postgres "CREATE ROLE program LOGIN; CREATE TABLE notes (account text); GRANT ALL ON notes TO program"
sql program "COPY notes FROM STDIN" <<<"a"
sql postgres "CREATE POLICY everything ON notes USING (true) WITH CHECK (true);
    ALTER TABLE notes ENABLE ROW LEVEL SECURITY"
sql program "INSERT INTO notes VALUES ('b')"
echo "copied out: $(sql program "COPY notes TO STDOUT" | paste -sd ' ')"
if sql program "COPY notes FROM STDIN" <<<"c" 2>"$folder/error"; then exit 1; fi
echo "copied in: $(head -1 "$folder/error")"
sql postgres "COPY notes FROM STDIN" <<<"d"
[ "$(sql postgres "COPY notes TO STDOUT" | paste -sd ' ')" = "a b d" ]
grep -q "COPY FROM not supported with row-level security" "$folder/error"
