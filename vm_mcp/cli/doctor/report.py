"""What a person, or a program, reads of an examination."""

import asyncio
import io
import json
import sys
from collections.abc import Mapping
from typing import Any

from vm_mcp.cli.doctor.checks import Check
from vm_mcp.cli.doctor.examination import examine
from vm_mcp.cli.hosts import Machine

_MARKS = {"ok": "✓", "failed": "✗", "note": "–"}
_PLAIN_MARKS = {"ok": "+", "failed": "x", "note": "-"}
_WIDTH = 16


def run_doctor(flags: Mapping[str, Any], *, as_json: bool = False, machine: Machine | None = None) -> int:
    """Examine, print the report, and return the exit status: 1 when something has to be mended."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a redirected Windows console has no Turkish letters
    checks = asyncio.run(_collect(flags, machine or Machine.this(), is_shown=not as_json))
    problems = sum(check.status == "failed" for check in checks)
    if as_json:
        report = {"ok": not problems, "checks": [check.model_dump() for check in checks]}
        print(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        print(f"\n{_verdict(problems)}")
    return 1 if problems else 0


async def _collect(flags: Mapping[str, Any], machine: Machine, *, is_shown: bool) -> list[Check]:
    marks = _marks()
    checks = []
    async for check in examine(flags, machine):
        checks.append(check)
        if is_shown:
            advice = f" → {check.advice}" if check.advice else ""
            print(f"{marks[check.status]} {check.name:{_WIDTH}} {check.detail}{advice}", flush=True)
    return checks


def _marks() -> Mapping[str, str]:
    try:
        "".join(_MARKS.values()).encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return _PLAIN_MARKS
    return _MARKS


def _verdict(problems: int) -> str:
    if not problems:
        return "All is well."
    return f"{problems} {'thing has' if problems == 1 else 'things have'} to be mended; each line says how."
