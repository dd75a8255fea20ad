"""Qwen Code, without a person."""

import json
import os
from pathlib import Path

from scripted_model import played
from walk import COMMAND


def command(model: str) -> tuple[list[str], dict[str, str]]:
    """Return the host's command and environment."""
    folder = Path.home() / ".qwen"
    folder.mkdir()
    server = {"command": COMMAND[0], "args": COMMAND[1:], "trust": True, "timeout": 60000}
    settings = {
        "mcpServers": {"voicemail": server},
        "security": {"auth": {"selectedType": "openai"}},
        "telemetry": {"enabled": False},
        "privacy": {"usageStatisticsEnabled": False},
        "general": {"disableAutoUpdate": True},
    }
    (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    given = {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": f"{model}/v1", "OPENAI_MODEL": "scripted"}
    return ["qwen", "--yolo", "-p", "List the voicemails."], os.environ | given


played(command)
