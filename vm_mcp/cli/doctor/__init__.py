"""``vm-mcp doctor``: whether everything that vm-mcp needs is there, one line a check, and what to do where it isn't."""

from vm_mcp.cli.doctor.checks import Check, CheckStatus
from vm_mcp.cli.doctor.examination import examine
from vm_mcp.cli.doctor.report import run_doctor

__all__ = ["Check", "CheckStatus", "examine", "run_doctor"]
