"""Gemini CLI, without a person."""

import json
import os
from pathlib import Path

from scripted_model import played
from walk import COMMAND


def command(model: str) -> tuple[list[str], dict[str, str]]:
    """Return the host's command and environment."""
    folder = Path.home() / ".gemini"
    folder.mkdir()
    server = {"command": COMMAND[0], "args": COMMAND[1:], "trust": True, "timeout": 60000}
    settings = {
        "mcpServers": {"voicemail": server},
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "privacy": {"usageStatisticsEnabled": False},
        "general": {"disableAutoUpdate": True},
    }
    (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    given = {"GEMINI_API_KEY": "none", "GOOGLE_GEMINI_BASE_URL": model, "GEMINI_CLI_TRUST_WORKSPACE": "true"}
    return ["gemini", "--yolo", "-p", "List the voicemails."], os.environ | given


played(command)
