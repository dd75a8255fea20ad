"""Claude Code, without a person: one prompt, every tool allowed."""

import json
import os
from pathlib import Path

from scripted_model import played
from walk import COMMAND


def command(model: str) -> tuple[list[str], dict[str, str]]:
    """Return the host's command and environment."""
    servers = {"mcpServers": {"voicemail": {"type": "stdio", "command": COMMAND[0], "args": COMMAND[1:]}}}
    Path("mcp.json").write_text(json.dumps(servers), encoding="utf-8")
    given = {
        "ANTHROPIC_BASE_URL": model,
        "ANTHROPIC_API_KEY": "sk-ant-none",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
    }
    options = [
        "--mcp-config",
        "mcp.json",
        "--strict-mcp-config",
        "--allowedTools",
        "mcp__voicemail",
        "--output-format",
        "json",
    ]
    return ["claude", "-p", "List the voicemails.", *options], os.environ | given


played(command)
