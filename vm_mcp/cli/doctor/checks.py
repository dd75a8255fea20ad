"""The result of a check."""

from collections.abc import AsyncIterator
from typing import Literal

from vm_mcp.models import Model

CheckStatus = Literal["ok", "failed", "note"]
"""``failed``: vm-mcp won't work until it is fixed. ``note``: worth knowing, or it could not be checked."""


class Check(Model):
    """One line of the report."""

    name: str
    """What was checked, such as ``PBX``."""
    status: CheckStatus
    detail: str
    """What was found."""
    advice: str = ""
    """How to fix it; empty where nothing needs fixing, or ``detail`` says it."""


Checks = AsyncIterator[Check]


def passed(name: str, detail: str) -> Check:
    """Return a check that found nothing wrong."""
    return Check(name=name, status="ok", detail=detail)


def failed(name: str, detail: str, advice: str = "") -> Check:
    """Return a check that found something to fix."""
    return Check(name=name, status="failed", detail=detail, advice=advice)


def noted(name: str, detail: str, advice: str = "") -> Check:
    """Return a check that found something worth knowing, but nothing to fix."""
    return Check(name=name, status="note", detail=detail, advice=advice)
