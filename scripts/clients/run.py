"""Try real clients on the real server, and write down what each makes of it.

    uv run python scripts/clients/run.py NAME…    these; each is installed into an environment of its own
    uv run python scripts/clients/run.py --all    every one; it takes an hour and some 10 GB
    uv run python scripts/clients/run.py --list   their names
    uv run python scripts/clients/run.py --table  writes the table of docs/hosts.md from results.json beside this file

It needs uv, npm and Linux.
"""

import sys

from trials import main

if __name__ == "__main__":
    main(sys.argv[1:])
