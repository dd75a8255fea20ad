"""opencode, without a person."""

import json
import os
from pathlib import Path

from scripted_model import played
from walk import COMMAND


def command(model: str) -> tuple[list[str], dict[str, str]]:
    """Return the host's command and environment."""
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": "scripted",
        "options": {"baseURL": f"{model}/v1", "apiKey": "none"},
        "models": {"scripted": {"name": "scripted"}},
    }
    settings = {
        "$schema": "https://opencode.ai/config.json",
        "provider": {"scripted": provider},
        "model": "scripted/scripted",
        "autoupdate": False,
        "share": "disabled",
        "mcp": {"voicemail": {"type": "local", "command": COMMAND, "enabled": True}},
    }
    Path("opencode.json").write_text(json.dumps(settings), encoding="utf-8")
    given = {
        "OPENCODE_CONFIG": str(Path("opencode.json").resolve()),
        "OPENCODE_DISABLE_MODELS_FETCH": "1",
        "OPENCODE_DISABLE_AUTOUPDATE": "1",
    }
    return ["opencode", "run", "--model", "scripted/scripted", "List the voicemails."], os.environ | given


played(command)
