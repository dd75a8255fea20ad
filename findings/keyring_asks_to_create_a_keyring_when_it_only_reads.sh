#!/usr/bin/env bash
# keyring 25.7.0 over gnome-keyring (Debian 12's 42.1), on a machine whose user has no keyring yet: a server, or a
# desktop at its first start.
#
# Expected: `get_password` for an entry that nobody stored returns None, as it does once there is a keyring.
#
# Seen: it asks the user to choose a password for a new keyring, since the backend opens the default collection and
# creates it where there is none. Where nobody can be asked, as over ssh, it raises InitError, which is no
# NoKeyringError: `priority` calls that backend a good one. A program that only looks whether a secret is there shows a
# dialogue, or has to take the error for "none".
#
# Run by hand, with Debian's gnome-keyring and dbus installed: bash
# findings/keyring_asks_to_create_a_keyring_when_it_only_reads.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet keyring==25.7.0 SecretStorage==3.5.0 jeepney==0.9.0
cat >read.py <<'PYTHON'
from importlib.metadata import version

import keyring
from keyring.errors import InitError, KeyringError, NoKeyringError

backend = keyring.get_keyring()
try:
    outcome = repr(keyring.get_password("example", "nobody"))
except KeyringError as error:
    outcome = f"{type(error).__name__}, {error}"
print("version", version("keyring"), "-", backend.name, "priority", backend.priority, "- an entry that is not there:", outcome)
assert not issubclass(InitError, NoKeyringError)
PYTHON
export HOME="$folder/home"
unset DISPLAY WAYLAND_DISPLAY
mkdir "$HOME"
session() { dbus-run-session -- bash -c "$1" 2>"$folder/log"; }
session 'gnome-keyring-daemon --start --components=secrets >/dev/null; venv/bin/python read.py' | tee none
session 'echo -n x | gnome-keyring-daemon --unlock --components=secrets >/dev/null; venv/bin/python read.py' | tee one
grep -q "InitError, Failed to create the collection: Prompt dismissed" none
grep -q "not there: None" one
