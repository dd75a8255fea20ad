import runpy
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "licences.py"


def test_whatever_a_user_gets_may_be_used_and_passed_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["licences.py", "--needed"])
    status = runpy.run_path(str(SCRIPT))["main"]()
    listed = capsys.readouterr().out
    assert status == 0, listed
    assert "httpx 0" in listed
    assert "faster-whisper 1" in listed
