"""Run a server over pipes, and note every line that passes.

    python scripts/clients/tap.py LOG COMMAND…

Each line of the log is ``>`` (from the client) or ``<`` (from the server), a tab, and the message.
"""

import subprocess
import sys
import threading
from pathlib import Path
from subprocess import PIPE
from typing import IO

_LOCK = threading.Lock()


def pump(mark: bytes, source: IO[bytes], target: IO[bytes], log: IO[bytes]) -> None:
    """Pass lines on until there are no more, and note each before it goes."""
    for line in source:
        with _LOCK:
            log.write(mark + b"\t" + line.rstrip(b"\r\n") + b"\n")
            log.flush()
        try:
            target.write(line)
            target.flush()
        except OSError:
            break
    target.close()


def main() -> None:
    """Run the server until the client or the server hangs up."""
    path, *command = sys.argv[1:]
    with Path(path).open("ab") as log, subprocess.Popen(command, stdin=PIPE, stdout=PIPE) as server:  # noqa: S603 - ours
        assert server.stdin  # noqa: S101 - for the type
        assert server.stdout  # noqa: S101 - for the type
        arguments = (b">", sys.stdin.buffer, server.stdin, log)
        threading.Thread(target=pump, args=arguments, daemon=True).start()
        pump(b"<", server.stdout, sys.stdout.buffer, log)


if __name__ == "__main__":
    main()
