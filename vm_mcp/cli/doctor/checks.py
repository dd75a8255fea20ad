"""The result of a check."""

from collections.abc import AsyncIterator
from typing import Literal

from vm_mcp.models import Model
from vm_mcp.wording import Words

CheckStatus = Literal["ok", "failed", "note"]
"""``failed``: vm-mcp won't work until it is fixed. ``note``: worth knowing, or it could not be checked."""


class Check(Model):
    """One line of the report."""

    name: Words
    """What was checked, such as ``PBX``."""
    status: CheckStatus
    detail: Words
    """What was found."""
    advice: Words = Words("")
    """How to fix it; empty where nothing needs fixing, or ``detail`` says it."""


Checks = AsyncIterator[Check]


def passed(name: str, detail: str) -> Check:
    """Return a check that found nothing wrong."""
    return Check(name=Words.of(name), status="ok", detail=Words.of(detail))


def failed(name: str, detail: str, advice: str = "") -> Check:
    """Return a check that found something to fix."""
    return Check(name=Words.of(name), status="failed", detail=Words.of(detail), advice=Words.of(advice))


def noted(name: str, detail: str, advice: str = "") -> Check:
    """Return a check that found something worth knowing, but nothing to fix."""
    return Check(name=Words.of(name), status="note", detail=Words.of(detail), advice=Words.of(advice))
