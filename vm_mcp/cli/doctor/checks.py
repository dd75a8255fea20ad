"""What a check comes to."""

from collections.abc import AsyncIterator
from typing import Literal

from vm_mcp.models import Model

CheckStatus = Literal["ok", "failed", "note"]
"""``failed``: vm-mcp won't do its work before that is mended. ``note``: worth knowing, or not to be told."""


class Check(Model):
    """One line of the report."""

    name: str
    """What was looked at, such as ``PBX``."""
    status: CheckStatus
    detail: str
    """What was found."""
    advice: str = ""
    """What to do about it."""


Checks = AsyncIterator[Check]


def passed(name: str, detail: str) -> Check:
    """Build a check that found all well."""
    return Check(name=name, status="ok", detail=detail)


def failed(name: str, detail: str, advice: str = "") -> Check:
    """Build a check that found what has to be mended."""
    return Check(name=name, status="failed", detail=detail, advice=advice)


def noted(name: str, detail: str, advice: str = "") -> Check:
    """Build a check that found nothing wrong, and something to know."""
    return Check(name=name, status="note", detail=detail, advice=advice)
