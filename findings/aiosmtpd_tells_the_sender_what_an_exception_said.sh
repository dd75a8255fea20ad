#!/usr/bin/env bash
# aiosmtpd 1.4.6, a handler whose `handle_DATA` raises.
#
# Expected: the sending server gets a neutral, temporary answer (451, try again), and the exception goes to the log.
#
# Seen: it gets a permanent one, 500, with the class and the text of the exception in it. A database that is away for a
# moment so bounces the mail, and whatever the text names, such as a caller's number, an address or a statement, travels
# to a stranger. A handler has to have `handle_exception`, or catch everything itself.
#
# Run by hand: bash findings/aiosmtpd_tells_the_sender_what_an_exception_said.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet aiosmtpd==1.4.6
venv/bin/python - <<'PYTHON'
import asyncio
import logging
import smtplib
from importlib.metadata import version

from aiosmtpd.smtp import SMTP

logging.disable(logging.CRITICAL)


class Handler:
    async def handle_DATA(self, server, session, envelope):
        raise ConnectionError("no connection to archive.internal for caller 0532 417 28 93")


def send(port):
    try:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.sendmail("a@example.com", ["b@example.com"], "Subject: x\r\n\r\nbody\r\n")
    except smtplib.SMTPDataError as error:
        return error.smtp_code, error.smtp_error.decode()


async def main():
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Handler()), "127.0.0.1", 0)
    async with server:
        return await asyncio.to_thread(send, server.sockets[0].getsockname()[1])


answer = asyncio.run(main())
print("version", version("aiosmtpd"), "- the sender gets:", answer)
assert answer == (500, "Error: (ConnectionError) no connection to archive.internal for caller 0532 417 28 93"), answer
PYTHON
