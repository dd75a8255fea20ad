"""What the vendor decides is spelled in one package; the simulator, which shares no code with it, has its own."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from vm_mcp.config import Settings
from vm_mcp.pbx import vendor

CODE = Path(__file__).parents[2] / "vm_mcp"
ELSEWHERE = [path for path in CODE.rglob("*.py") if path.relative_to(CODE).parts[0] not in {"pbx", "simulator"}]


@pytest.mark.parametrize(
    "spelling",
    [
        *("Online İşlem Merkezi", "Santral Ayarlarım", "Gecersiz anahtar", "cannot find voicemail"),
        *("voicemail_messages", "voicemail_recording_url", "start_stamp", "read_stamp", "user_number", "total_pages"),
        *("%Y-%m-%d %H:%M:%S UTC", "verimor", r"(?<!https://)api\.bulutsantralim"),
    ],
)
def test_nothing_of_the_vendor_is_spelled_outside_of_its_package(spelling: str) -> None:
    assert len(ELSEWHERE) > 100
    assert [path.name for path in ELSEWHERE if re.search(spelling, path.read_text(encoding="utf-8"))] == []


def test_the_address_is_spelled_once_more_as_the_settings_default_which_lies_below_the_package() -> None:
    assert Settings.model_fields["base_url"].default == vendor.API_URL
    assert [path.name for path in ELSEWHERE if vendor.API_URL in path.read_text(encoding="utf-8")] == ["settings.py"]


def test_the_vendors_facts_cost_no_import_of_the_client() -> None:
    code = (
        "import sys, vm_mcp.pbx.vendor\n"
        "sys.exit(bool({'httpx', 'pydantic', 'stamina', 'vm_mcp.pbx.client'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
