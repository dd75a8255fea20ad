"""``python -m vm_mcp`` is ``vm-mcp``."""

import sys

from vm_mcp.cli import main

if __name__ == "__main__":
    sys.exit(main())
