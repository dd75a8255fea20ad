"""What a desk's server must not import before it answers: each would cost every start, and few need it."""

import os
import subprocess
import sys
from pathlib import Path

# Engines and what they stand on; databases; the PBX's client; what only a transcript, a recording or a person needs.
NEVER_AT_START = {
    "aiolimiter",
    "av",
    "babel",
    "ctranslate2",
    "faster_whisper",
    "filelock",
    "httpx",
    "huggingface_hub",
    "keyring",
    "numpy",
    "onnxruntime",
    "phonenumbers",
    "psycopg",
    "psycopg_pool",
    "procrastinate",
    "rapidfuzz",
    "rich",
    "smtplib",
    "sqlite3",
    "stamina",
    "stdnum",
    "tokenizers",
    "torch",
    "vm_mcp.archive.postgres",
    "vm_mcp.archive.sqlite",
    "vm_mcp.audio",
    "vm_mcp.cli.demo",
    "vm_mcp.cli.digest",
    "vm_mcp.cli.doctor",
    "vm_mcp.cli.watch",
    "vm_mcp.doubt",
    "vm_mcp.inbox.page_messages",
    "vm_mcp.pbx",
    "vm_mcp.config.accounts",
    "vm_mcp.config.mail_settings",
    "vm_mcp.redaction",
    "vm_mcp.server.http",
    "vm_mcp.server.people",
    "vm_mcp.simulator",
    "vm_mcp.team",
    "vm_mcp.translation",
    "vm_mcp.views.page_view",
    "webbrowser",
    "whisper",
}

SERVE = """
import atexit, sys
atexit.register(lambda: print(*sys.modules, sep="\\n", file=sys.stderr))
from vm_mcp.cli import main
main(["serve"])
"""


def test_a_server_starts_without_what_its_first_answer_does_not_need(tmp_path: Path) -> None:
    environment = os.environ | {"VM_MCP_DATA_DIR": str(tmp_path), "VM_MCP_ENGINE": "auto"}
    started = subprocess.run(
        [sys.executable, "-c", SERVE], stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment
    )
    imported = set(started.stderr.split())
    assert "vm_mcp.server.tools" in imported
    assert NEVER_AT_START & imported == set()
