"""OpenAI's Codex, without a person."""

import json
import os
from pathlib import Path

from scripted_model import played
from walk import COMMAND


def command(model: str) -> tuple[list[str], dict[str, str]]:
    """Return the host's command and environment."""
    folder = Path.home() / ".codex"
    folder.mkdir()
    (folder / "config.toml").write_text(
        f"""model = "gpt-5"
model_provider = "scripted"
approval_policy = "never"
[model_providers.scripted]
name = "scripted"
base_url = "{model}/v1"
env_key = "SCRIPTED_KEY"
wire_api = "responses"
[mcp_servers.voicemail]
command = {json.dumps(COMMAND[0])}
args = {json.dumps(COMMAND[1:])}
tool_timeout_sec = 60
startup_timeout_sec = 60
required = true
""",
        encoding="utf-8",
    )
    options = ["--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"]
    return ["codex", "exec", *options, "List the voicemails."], os.environ | {"SCRIPTED_KEY": "none"}


played(command)
