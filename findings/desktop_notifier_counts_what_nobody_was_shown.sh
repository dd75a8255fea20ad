#!/usr/bin/env bash
# desktop-notifier 6.2.0 on a Linux machine without a session bus (a service, ssh, a container).
#
# Expected: `send()` raises, or returns nothing, where there is nobody to show a notification.
#
# Seen: it returns the notification's id, as where it is shown. The failure is a warning in the log, and the only sign
# in code is that `on_dispatched` is never called. A program that notes the message as told by what `send()` returned
# tells nobody, and does not know it.
#
# Run by hand: bash findings/desktop_notifier_counts_what_nobody_was_shown.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet desktop-notifier==6.2.0
venv/bin/python - <<'PYTHON'
import asyncio
import logging
import os
from importlib.metadata import version

for name in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "XDG_RUNTIME_DIR"):
    os.environ.pop(name, None)
from desktop_notifier import DesktopNotifier


async def main():
    records, dispatched = [], []
    handler = logging.Handler()
    handler.emit = records.append
    logging.getLogger("desktop_notifier").addHandler(handler)
    notifier = DesktopNotifier(app_name="voicemail")
    notifier.on_dispatched = dispatched.append
    returned = await notifier.send(title="Voicemail", message="Call back before noon")
    print("version", version("desktop-notifier"), "- returned:", returned, "- dispatched:", dispatched,
          "- logged:", [record.getMessage() for record in records])
    assert returned and not dispatched and records


asyncio.run(main())
PYTHON
