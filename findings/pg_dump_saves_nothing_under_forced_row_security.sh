#!/usr/bin/env bash
# PostgreSQL 15, `pg_dump` by the owner of a table whose row-level security is forced, so that it binds the owner as
# well.
#
# Expected: a backup of the database by the role that owns all of it has all rows. Row-level security is for the
# program's own role.
#
# Seen: without FORCE it has. With FORCE, pg_dump stops with "query would be affected by row-level security policy".
# With `--enable-row-security`, the option for that case, it succeeds and the dump has the table and not one row, since
# no policy lets a row through where the program hasn't set its account. Such a backup looks sound until it is needed. A
# role with BYPASSRLS has to make it.
#
# Run by hand, with Debian's postgresql installed: bash findings/pg_dump_saves_nothing_under_forced_row_security.sh.
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
dump() { pg_dump -h "$folder" -U "$@" --table=notes postgres; }
rows() { sed -n '/^COPY/,/^\\\.$/p' "$1" | sed '1d;$d' | wc -l; }

sql postgres <<'SQL'
SELECT 'version ' || current_setting('server_version');
CREATE ROLE owner LOGIN;
CREATE ROLE keeper LOGIN BYPASSRLS IN ROLE owner;
GRANT CREATE ON SCHEMA public TO owner;
SET ROLE owner;
CREATE TABLE notes (account text, words text);
INSERT INTO notes VALUES ('a', 'one'), ('b', 'two');
CREATE POLICY own ON notes USING (account = current_setting('my.account', true));
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
SQL
dump owner >"$folder/enabled"
echo "enabled, by the owner: $(rows "$folder/enabled") of 2 rows"
echo "ALTER TABLE notes FORCE ROW LEVEL SECURITY" | sql owner
if dump owner >"$folder/forced" 2>"$folder/error"; then exit 1; fi
echo "forced, by the owner: $(head -1 "$folder/error")"
dump owner --enable-row-security >"$folder/empty"
echo "forced, by the owner, --enable-row-security: succeeds, $(rows "$folder/empty") of 2 rows"
dump keeper >"$folder/whole"
echo "forced, by a role with BYPASSRLS: $(rows "$folder/whole") of 2 rows"
[ "$(rows "$folder/enabled")$(rows "$folder/empty")$(rows "$folder/whole")" = 202 ]
grep -q "affected by row-level security" "$folder/error"
