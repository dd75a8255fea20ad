"""``vm-mcp doctor``: check everything that vm-mcp needs; each line is one check, with a fix where it failed."""

from vm_mcp.cli.doctor.checks import Check, CheckStatus
from vm_mcp.cli.doctor.examination import examine
from vm_mcp.cli.doctor.report import run_doctor

__all__ = ["Check", "CheckStatus", "examine", "run_doctor"]
