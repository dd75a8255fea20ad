#!/usr/bin/env bash
# Babel 2.18.0, a new Turkish catalogue.
#
# Expected: a catalogue's plural forms are those of the language in CLDR, which Babel ships: two for Turkish, `one` and
# `other`, as for English. That is also what GNU gettext's own table gives Turkish.
#
# Seen: Babel has a table of its own for catalogues, in which Turkish has one form, `nplurals=1; plural=0;`, while
# `Locale("tr").plural_form(1)` of the same Babel is `one`. A message read from another tool's Turkish catalogue, with
# two forms, has one too many after `update`, and Babel's own checker says so. Where a Turkish verb or pronoun differs
# between one and many, a catalogue that Babel made has no place for it.
#
# Run by hand: bash findings/babel_counts_one_plural_form_for_turkish.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet babel==2.18.0
venv/bin/python - <<'PYTHON'
import io

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

locale = Locale("tr")
forms = {locale.plural_form(count) for count in range(200)}
catalog = Catalog(locale="tr")
print("CLDR in Babel:", sorted(forms))
print("a catalogue of Babel's:", catalog.plural_forms, "English:", Catalog(locale="en").plural_forms)
assert forms == {"one", "other"}
assert catalog.num_plurals == 1
assert Catalog(locale="en").num_plurals == 2

made_by_msginit = """
msgid ""
msgstr ""
"Language: tr\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "%d message was read"
msgid_plural "%d messages were read"
msgstr[0] "%d mesaj okundu"
msgstr[1] "%d mesaj okundular"
"""
read = read_po(io.BytesIO(made_by_msginit.encode()), locale="tr")
catalog.add(("%d message was read", "%d messages were read"), next(m for m in read if m.id).string)
[problem] = [str(error) for message, errors in catalog.check() for error in errors]
print("a new catalogue with the same message:", problem)
assert "plural" in problem
PYTHON
