"""What a host needs to be told to start vm-mcp."""

import json
import shutil
import sys


def host_configuration(api_key: str = "K…your API key…") -> str:
    """Return the lines for Claude Desktop's configuration, which Cursor and others read as well.

    The command is the full path of the installed program: hosts start with a bare PATH.
    """
    program = shutil.which("vm-mcp")
    command = {"command": program} if program else {"command": sys.executable, "args": ["-m", "vm_mcp"]}
    server = command | {"env": {"VM_MCP_API_KEY": api_key}}
    return json.dumps({"mcpServers": {"voicemail": server}}, indent=2, ensure_ascii=False)
