#!/usr/bin/env bash
# SQLite 3.54.1 (apsw 3.54.1.0; Debian 12's 3.40.1 likewise), FTS5's NOT and bm25().
#
# Expected: `(…) NOT word` leaves out the rows with the word. The rows that stay keep their scores and their order; all
# of them do where no row has the word.
#
# Seen: with `(b : oda OR b : fatura) AND servis` over rows of two columns, a row loses two thirds of its score as soon
# as `NOT iptal` stands behind, though no row has that word: of the words that matched, only some are still counted. The
# best hit becomes the second. To leave out rows by their ids, in SQL, keeps the scores.
#
# Run by hand: bash findings/sqlite_not_changes_the_rank_of_what_it_keeps.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet apsw==3.54.1.0
venv/bin/python - <<'PYTHON'
import apsw

connection = apsw.Connection(":memory:")
connection.execute("CREATE VIRTUAL TABLE notes USING fts5 (a, b)")
rows = [("fatura", "servis"), ("servis", "oda"), ("fatura servis", "fatura"), *[("bir", "iki")] * 10]
connection.executemany("INSERT INTO notes VALUES (?, ?)", rows)


def scores(expression):
    query = "SELECT rowid, round(bm25(notes), 2) FROM notes WHERE notes MATCH ? ORDER BY rank"
    return dict(connection.execute(query, (expression,)))


asked = "(b : oda OR b : fatura) AND servis"
plain, without = scores(asked), scores(f"({asked}) NOT iptal")
print("version", apsw.sqlite_lib_version())
print("row and score, best first:", plain)
print("with a NOT that no row meets:", without)
assert (list(plain), list(without)) == ([2, 3], [3, 2])
assert plain[3] == without[3] and without[2] > plain[2] / 2
PYTHON
