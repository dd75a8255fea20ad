#!/usr/bin/env bash
# PostgreSQL 15, full text search beside row-level security.
#
# Expected: a table with a GIN index on its tsvector and a policy of one equality on an indexed column is searched as
# without the policy: through the index, then the policy's condition on the few rows that were found.
#
# Seen: for a role that the policy binds, the planner can't use the GIN index, even with sequential scans switched off.
# The operator @@ is not marked as leakproof, so it must not run on a row before the policy has let that row through: every
# visible row is read and matched. The same statement, by the same role, uses the index once the policy is gone. An answer
# is right either way; at a million rows it is the difference between milliseconds and seconds.
#
# Run by hand, with Debian's postgresql-15 installed: bash findings/postgres_row_security_hides_the_full_text_index.sh.
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
sql() { psql --no-psqlrc --quiet --tuples-only -v ON_ERROR_STOP=1 -h "$folder" -U "$1" postgres; }

sql postgres <<'SQL'
SELECT 'version ' || current_setting('server_version');
CREATE ROLE reader LOGIN;
CREATE TABLE notes (account text NOT NULL, words tsvector NOT NULL);
INSERT INTO notes SELECT 'a' || n % 10, to_tsvector('simple', 'word' || n) FROM generate_series(1, 50000) AS n;
CREATE INDEX ON notes USING gin (words);
CREATE INDEX ON notes (account);
GRANT SELECT ON notes TO reader;
CREATE POLICY own ON notes USING (account = current_setting('my.account', true));
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
VACUUM ANALYZE notes;
SQL
ask() {
    sql reader <<'SQL'
SET my.account = 'a7';
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT * FROM notes WHERE words @@ to_tsquery('simple', 'word7') AND account = 'a7';
SQL
}
echo "with the policy:"
ask | tee "$folder/with"
echo "ALTER TABLE notes DISABLE ROW LEVEL SECURITY" | sql postgres
echo "without it:"
ask | tee "$folder/without"
grep -q notes_words_idx "$folder/without"
! grep -q notes_words_idx "$folder/with"
