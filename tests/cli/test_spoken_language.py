"""The command line speaks the language of whoever sits in front of it, and costs a server's start nothing."""

import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from vm_mcp.cli import main, message_text
from vm_mcp.cli.spoken_language import locale_language, named_language, speaking, spoken
from vm_mcp.config import load_settings
from vm_mcp.errors import ConfigError, VmError
from vm_mcp.os_reasons import os_reason
from vm_mcp.simulator import Simulator
from vm_mcp.wording import Words, alternatives, enumeration, joined, plural, sentences, words

ISTANBUL = ZoneInfo("Europe/Istanbul")


@pytest.fixture
def turkish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VM_MCP_LANG", "tr")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("vm_mcp.config.reading.env_file", lambda: tmp_path / ".env")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "tr_TR.UTF-8"}, "tr"),
        ({"LANG": "tr_TR.UTF-8@euro"}, "tr"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "tr_TR.UTF-8", "LC_MESSAGES": "C"}, "en"),
        ({"LANG": "C", "LC_MESSAGES": "tr_TR"}, "tr"),
        ({"LANG": "tr_TR.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "tr_TR.UTF-8", "LC_ALL": ""}, "tr"),
        ({"LC_ALL": "tr"}, "tr"),
        ({}, ""),
    ],
)
def test_the_locale_is_read_as_posix_orders_it(environment: Mapping[str, str], language: str) -> None:
    assert locale_language(environment) == language


@pytest.mark.parametrize(
    ("arguments", "language"),
    [
        (["list", "--lang", "tr"], "tr"),
        (["--lang=en", "list"], "en"),
        (["--lang", "tr", "list", "--lang", "en"], "en"),
        (["list", "--languages", "tr"], ""),
        (["search", "--", "--lang", "tr"], ""),
        (["list", "--lang"], ""),
    ],
)
def test_a_flag_names_the_language_before_anything_is_parsed(arguments: list[str], language: str) -> None:
    assert named_language(arguments) == language


def test_the_flag_goes_before_the_variable_and_that_before_the_locale(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "tr_TR.UTF-8")
    assert main(["logout"]) == 0
    assert capsys.readouterr().out == "Bu bilgisayarda saklanan anahtar yok.\n"
    monkeypatch.setenv("VM_MCP_LANG", "en")
    assert main(["logout"]) == 0
    assert capsys.readouterr().out == "No key is stored on this computer.\n"
    assert main(["logout", "--lang", "tr"]) == 0
    assert capsys.readouterr().out == "Bu bilgisayarda saklanan anahtar yok.\n"


def test_the_settings_file_names_a_language(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".env").write_text("VM_MCP_LANG=tr\n", encoding="utf-8")
    assert main(["show", "x y"]) == 1
    assert capsys.readouterr().err.startswith("vm-mcp: ")
    assert load_settings().lang == "tr"


@pytest.mark.usefixtures("turkish")
def test_an_error_is_turkish_with_its_values(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--since", "gestern"]) == 1
    said = capsys.readouterr().err
    assert said == (
        "vm-mcp: API anahtarı yok. `vm-mcp login` çalıştırın ya da VM_MCP_API_KEY değişkenine Online İşlem Merkezi > "
        "Bulut Santralim > Santral Ayarlarım sayfasındaki anahtarı yazın.\n"
    )


@pytest.mark.usefixtures("turkish")
def test_an_unusable_setting_is_explained_in_turkish(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VM_MCP_RETENTION_DAYS", "-1")
    monkeypatch.setenv("VM_MCP_TIMEZONE", "Istanbul")
    assert main(["list"]) == 1
    said = capsys.readouterr().err
    assert "VM_MCP_RETENTION_DAYS: 0 ya da daha büyük bir sayı verin" in said
    assert "VM_MCP_TIMEZONE: Europe/Istanbul gibi bir IANA adı verin" in said
    assert said.endswith("Düzeltip yeniden başlatın.\n")


def test_a_language_that_is_not_spoken_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VM_MCP_LANG", "tr_TR.UTF-8")
    assert load_settings().lang == "tr"
    monkeypatch.setenv("VM_MCP_LANG", "de")
    with pytest.raises(ConfigError, match="VM_MCP_LANG: give tr or en"):
        load_settings()


@pytest.mark.usefixtures("turkish")
def test_the_doctors_report_is_turkish_and_its_json_stays_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--engine", "none"]) == 1
    report = capsys.readouterr().out
    assert "✗ Santral          denetlenmedi → API anahtarı yok." in report
    assert re.search(r"✓ Veri klasörü     .*, \d+,\d GB boş", report)
    assert report.rstrip().endswith("her satır nasıl giderileceğini söyler.")
    assert main(["doctor", "--engine", "none", "--json"]) == 1
    checks = json.loads(capsys.readouterr().out)["checks"]
    assert {"PBX", "Data folder"} <= {check["name"] for check in checks}


def test_dates_and_numbers_are_written_as_turks_write_them() -> None:
    moment = message_text.when(datetime(2026, 11, 3, 6, 5, tzinfo=UTC), ISTANBUL)
    seconds = words("started in {seconds:.1f} s", seconds=2.25)
    with speaking(["--lang", "tr"]):
        assert spoken(moment) == "03.11.2026 09:05"
        assert spoken(seconds) == "2,2 sn içinde başladı"
    assert moment == "2026-11-03 09:05"
    assert seconds == "started in 2.2 s"


def test_words_are_english_until_they_are_shown_and_then_whole() -> None:
    error = VmError("The archive was not opened. {error}", error=words("Correct it, then try again."))
    outer = sentences(error.words, "", plural("{count} row", "{count} rows", 3))
    assert outer == "The archive was not opened. Correct it, then try again. 3 rows"
    with speaking(["--lang", "tr"]):
        assert spoken(outer) == "Arşiv açılmadı. Düzeltin, sonra yeniden deneyin. 3 satır"
        assert spoken("no message of the catalogue") == "no message of the catalogue"
        assert spoken(sentences("Correct it, then try again.", words("{count} s", count=2))) == (
            "Düzeltin, sonra yeniden deneyin. 2 sn"
        )
    assert Words.from_data(json.loads(json.dumps(outer.as_data()))).values == outer.values


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, "disk dolu"),
        (errno.EADDRINUSE, "başka bir program kullanıyor"),
        (errno.ELOOP, os.strerror(errno.ELOOP)),
    ],
)
def test_why_the_operating_system_refused_is_said_in_the_persons_language(number: int, reason: str) -> None:
    with speaking(["--lang", "tr"]):
        assert spoken(os_reason(OSError(number, os.strerror(number)))) == reason


@pytest.mark.usefixtures("turkish")
def test_no_english_is_left_among_missed_calls(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"BASE_URL": simulator.base_url, "API_KEY": simulator.api_key, "DATA_DIR": tmp_path}.items():
        monkeypatch.setenv(f"VM_MCP_{name}", str(value))
    assert main(["missed"]) == 0
    listed = capsys.readouterr().out
    assert "aynı" in listed
    assert "ortak numara:" in listed
    assert not re.search("same|shared", listed)


@pytest.mark.usefixtures("turkish")
def test_an_argument_that_is_missing_is_named_by_what_it_can_be(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["install"])
    assert "şunlar eksik: {claude-desktop,claude-code,cursor,vscode}" in capsys.readouterr().err


def test_a_worker_says_what_it_does_in_the_persons_language(capfd: pytest.CaptureFixture[str]) -> None:
    program = (
        "import logging; from vm_mcp.asr.worker_log import log_in; from vm_mcp.wording import words; log_in('tr'); "
        "logging.getLogger('x').warning('%s', words('Correct it, then try again.'))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert capfd.readouterr().err == "Düzeltin, sonra yeniden deneyin.\n"


def test_lists_in_sentences() -> None:
    assert enumeration(["a", "b", "c"]) == "a, b and c"
    assert enumeration(["a"]) == "a"
    assert alternatives(["a", "b", "c"]) == "a or b or c"
    assert joined("; ", ["", ""]) == ""
    with speaking(["--lang", "tr"]):
        assert spoken(enumeration(["a", "b", "c"])) == "a, b ve c"
        assert spoken(alternatives(["a", "b"])) == "a ya da b"


START = """
import atexit, sys
atexit.register(lambda: print(*sys.modules, sep="\\n", file=sys.stderr))
from vm_mcp.cli import main
main(["serve"])
"""


def test_a_turkish_desks_server_starts_without_a_catalogue(tmp_path: Path) -> None:
    environment = os.environ | {"VM_MCP_DATA_DIR": str(tmp_path), "LC_ALL": "tr_TR.UTF-8", "VM_MCP_LANG": "tr"}
    started = subprocess.run(
        [sys.executable, "-c", START], stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment
    )
    imported = set(started.stderr.split())
    assert "vm_mcp.server.tools" in imported
    assert not {"vm_mcp.translation", "babel", "plistlib"} & imported
