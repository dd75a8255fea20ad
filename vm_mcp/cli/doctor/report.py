"""The report of all checks, for a person or as JSON."""

import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Any

from vm_mcp.cli.console import tolerate_encoding
from vm_mcp.cli.doctor.checks import Check
from vm_mcp.cli.doctor.examination import examine
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.cli.hosts import Machine
from vm_mcp.cli.spoken_language import spoken
from vm_mcp.text import counted
from vm_mcp.wording import Words, words

_SYMBOLS = {"ok": "✓", "failed": "✗", "note": "–"}
_ASCII_SYMBOLS = {"ok": "+", "failed": "x", "note": "-"}
_WIDTH = 16


def run_doctor(flags: Mapping[str, Any], *, as_json: bool = False, machine: Machine | None = None) -> int:
    """Run all checks and print the report.

    Args:
        flags: Settings from the command line.
        as_json: Print it as JSON.
        machine: Where hosts keep their files; None: on this computer.

    Returns:
        The exit status: `ExitStatus.FAILED` when something needs fixing.
    """
    tolerate_encoding(sys.stdout)
    checks = asyncio.run(_collect(flags, machine or Machine.this(), is_shown=not as_json))
    problems = sum(check.status == "failed" for check in checks)
    if as_json:
        report = {"ok": not problems, "checks": [check.model_dump() for check in checks]}
        print(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        print(f"\n{spoken(_verdict(problems))}")
    return ExitStatus.FAILED if problems else ExitStatus.DONE


async def _collect(flags: Mapping[str, Any], machine: Machine, *, is_shown: bool) -> list[Check]:
    symbols = _symbols()
    checks = []
    async for check in examine(flags, machine):
        checks.append(check)
        if is_shown:
            advice = f" → {spoken(check.advice)}" if check.advice else ""
            line = f"{spoken(check.name):{_WIDTH}} {spoken(check.detail)}{advice}"
            print(f"{symbols[check.status]} {line}", flush=True)
    return checks


def _symbols() -> Mapping[str, str]:
    try:
        "".join(_SYMBOLS.values()).encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return _ASCII_SYMBOLS
    return _SYMBOLS


def _verdict(problems: int) -> Words:
    if not problems:
        return words("No problems found.")
    return words("{problems} found; each line says how to fix it.", problems=counted(problems, "problem"))
