#!/usr/bin/env bash
# SQLite 3.54.1 (apsw 3.54.1.0; Debian 12's 3.40.1 likewise), an FTS5 table with `content=` and the three triggers that
# SQLite's documentation gives to keep it in step.
#
# Expected: INSERT OR REPLACE deletes the old row and adds the new one, so the triggers for a delete and an insert run,
# and the old text is no longer found.
#
# Seen: for the row that REPLACE deletes no trigger runs, unless `PRAGMA recursive_triggers` is on. The old words stay:
# a search for them finds the row with its new text, also after the row is gone, and `PRAGMA integrity_check` answers
# "ok". What a caller said before a correction is found for ever.
#
# Run by hand: bash findings/sqlite_replace_leaves_old_words_in_the_full_text_index.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet apsw==3.54.1.0
venv/bin/python - <<'PYTHON'
import apsw

TABLES = """
CREATE TABLE notes (id INTEGER PRIMARY KEY, words TEXT);
CREATE VIRTUAL TABLE search USING fts5 (words, content = 'notes', content_rowid = 'id');
CREATE TRIGGER added AFTER INSERT ON notes BEGIN
    INSERT INTO search (rowid, words) VALUES (new.id, new.words);
END;
CREATE TRIGGER deleted AFTER DELETE ON notes BEGIN
    INSERT INTO search (search, rowid, words) VALUES ('delete', old.id, old.words);
END;
CREATE TRIGGER changed AFTER UPDATE ON notes BEGIN
    INSERT INTO search (search, rowid, words) VALUES ('delete', old.id, old.words);
    INSERT INTO search (rowid, words) VALUES (new.id, new.words);
END;
"""


def found(*pragmas, statement):
    connection = apsw.Connection(":memory:")
    for each in (*pragmas, TABLES):
        connection.execute(each)
    connection.execute("INSERT INTO notes VALUES (1, 'eski')")
    connection.execute(statement)
    [(state,)] = connection.execute("PRAGMA integrity_check")
    return list(connection.execute("SELECT rowid, words FROM search WHERE search MATCH 'eski'")), state


REPLACE = "INSERT OR REPLACE INTO notes VALUES (1, 'yeni')"
UPSERT = "INSERT INTO notes VALUES (1, 'yeni') ON CONFLICT (id) DO UPDATE SET words = excluded.words"
outcomes = {
    "INSERT OR REPLACE": found(statement=REPLACE),
    "the same, PRAGMA recursive_triggers = ON": found("PRAGMA recursive_triggers = ON", statement=REPLACE),
    "ON CONFLICT DO UPDATE": found(statement=UPSERT),
}
print("version", apsw.sqlite_lib_version())
for name, outcome in outcomes.items():
    print(f"{name}: the old word finds {outcome[0]}, integrity_check: {outcome[1]}")
assert list(outcomes.values()) == [([(1, "yeni")], "ok"), ([], "ok"), ([], "ok")]
PYTHON
