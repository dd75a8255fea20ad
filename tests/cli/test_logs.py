"""Whatever is logged, and however the program ends, no secret and no address gets into the log."""

import logging
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.cli.logs import SafeFormatter

KEY = "K99999999-1234-5678-4321-123456789012"
LINK = "https://pbx.example/recording/R1a2b3c"


def logged(message: str, *arguments: object, error: BaseException | None = None) -> str:
    exc_info = (type(error), error, None) if error else None
    record = logging.LogRecord("library", logging.ERROR, __file__, 1, message, arguments, exc_info)
    return SafeFormatter([KEY]).format(record)


@given(st.text(max_size=20), st.text(max_size=20), st.sampled_from([KEY, f"{LINK}?key={KEY}", f"https://u:{KEY}@h/p"]))
def test_a_secret_is_taken_out_wherever_it_stands(before: str, after: str, secret: str) -> None:
    for text in (
        logged("%s%s%s", before, secret, f" {after}"),
        logged("failed", error=RuntimeError(f"{before}{secret} {after}")),
    ):
        assert KEY not in text
        assert "R1a2b3c" not in text


@pytest.mark.parametrize("text", [f"key {KEY}", f"'{KEY}'", f"key={KEY}&uuid=1", KEY.lower(), f"{KEY}{KEY}"])
def test_a_key_that_no_setting_holds_is_taken_out_by_its_form(text: str) -> None:
    record = logging.LogRecord("library", logging.ERROR, __file__, 1, "%s", (text,), None)
    assert KEY[1:] not in SafeFormatter([]).format(record)


def test_the_uuid_of_a_message_stays_in_the_log() -> None:
    assert logged(f"voicemail {KEY[1:]} failed").endswith(f"voicemail {KEY[1:]} failed")


def test_of_an_address_the_host_stays() -> None:
    assert logged("GET %s 200", LINK).endswith("GET https://pbx.example/… 200")
    assert logged("at http://127.0.0.1:8008 now").endswith("at http://127.0.0.1:8008 now")


CRASH = f"""
from vm_mcp.cli.logs import configure_logging
from vm_mcp.config import load_settings
configure_logging(load_settings({{"api_key": "{KEY}"}}))
raise RuntimeError("{LINK}?key={KEY}")
"""


def test_a_crash_is_reported_without_the_secrets_that_hang_on_it() -> None:
    done = subprocess.run([sys.executable, "-c", CRASH], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 1
    assert "ends unexpectedly" in done.stderr
    assert "RuntimeError" in done.stderr
    assert KEY not in done.stderr
    assert "R1a2b3c" not in done.stderr
