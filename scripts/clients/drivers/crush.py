"""Crush, without a person."""

import json
import os
from pathlib import Path

from scripted_model import played
from walk import COMMAND


def command(model: str) -> tuple[list[str], dict[str, str]]:
    """Return the host's command and environment."""
    shape = {"id": "scripted", "name": "scripted", "context_window": 200000, "default_max_tokens": 4000}
    provider = {"type": "openai-compat", "base_url": f"{model}/v1", "api_key": "none", "models": [shape]}
    chosen = {"model": "scripted", "provider": "scripted"}
    settings = {
        "providers": {"scripted": provider},
        "models": {"large": chosen, "small": chosen},
        "mcp": {"voicemail": {"type": "stdio", "command": COMMAND[0], "args": COMMAND[1:], "timeout": 60}},
        "options": {"disable_provider_auto_update": True, "disable_metrics": True},
    }
    Path("crush.json").write_text(json.dumps(settings), encoding="utf-8")
    return ["crush", "run", "--quiet", "List the voicemails."], os.environ | {"CRUSH_DISABLE_METRICS": "1"}


played(command)
