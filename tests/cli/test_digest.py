"""The digest as a person gets it: who waits and what they said, in their language, and nothing marked as read."""

import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import MakeSimulator
from support.scripted_transcriber import ScriptedTranscriber

from vm_mcp.asr import open_transcriber
from vm_mcp.cli import main
from vm_mcp.errors import EngineUnavailableError
from vm_mcp.simulator import Simulator
from vm_mcp.simulator.scenario import Message

pytestmark = pytest.mark.usefixtures("no_rate_limit")

Digest = Callable[..., tuple[int, str, str]]


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> ScriptedTranscriber:
    """The engine of every inbox that is told to listen."""
    scripted = ScriptedTranscriber()
    monkeypatch.setattr(
        "vm_mcp.inbox.facade.open_transcriber",
        lambda settings: open_transcriber(settings) if settings.engine == "none" else scripted,
    )
    return scripted


@pytest.fixture
def digest(
    simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Digest:
    """Write a digest of the clinic; return the status, stdout and stderr."""
    use(simulator, tmp_path, monkeypatch)

    def write(*arguments: str) -> tuple[int, str, str]:
        status = main(["digest", "--lang", "en", *arguments])
        return status, *capsys.readouterr()

    return write


def use(simulator: Simulator, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("BASE_URL", simulator.base_url), ("API_KEY", simulator.api_key), ("DATA_DIR", str(folder / "data")),
    ):  # fmt: skip
        monkeypatch.setenv(f"VM_MCP_{name}", value)


def unread(simulator: Simulator) -> list[str]:
    return [message.uuid for message in simulator.scenario.messages if message.read_at is None]


def flat(text: str) -> str:
    return " ".join(text.split())


def test_it_names_everybody_who_waits_the_longest_wait_first_and_marks_nothing(
    digest: Digest, simulator: Simulator
) -> None:
    before = unread(simulator)
    status, out, err = digest()
    assert (status, err) == (0, "")
    assert "8 open messages from 8 callers; 8 not heard by anybody yet." in out
    assert "1001 Elif Aksoy 3" in out
    names = ["Hasan Demir", "Zeynep Arslan", "Sarah Mitchell", "Emre Şahin", "Ayşe Yılmaz", "Mehmet Kaya"]
    assert [out.index(f"\n{name}") for name in names] == sorted(out.index(f"\n{name}") for name in names)
    assert "tried 2 times" in out
    assert "3 calls, last" in out
    assert "Nothing was marked as read for this digest." in out
    assert unread(simulator) == before


def test_it_speaks_turkish_with_dates_as_turks_write_them(digest: Digest) -> None:
    out = flat(digest("--lang", "tr")[1])
    assert re.search(r"Telesekreter, \d\d\.\d\d\.\d{4} \d\d:\d\d", out)
    assert "8 arayan, 8 açık mesaj; henüz kimsenin dinlemediği: 8." in out
    assert "Cevap bekleyenler" in out
    assert "rehberde: ortak numara: Hasan Demir" in out
    assert not re.search(
        r"\b(called|heard|message|for|shared)\b",
        out.replace("ignore all previous", "").partition("Hasan Demir, 0555")[2],
    )


def test_what_was_said_is_quoted_with_its_doubt_and_its_numbers(
    digest: Digest, simulator: Simulator, listener: ScriptedTranscriber
) -> None:
    message = next(each for each in simulator.scenario.messages if each.read_at is None)
    listener.texts[message.recording.path.read_bytes()] = "Beni 0532 417 28 93 numarasından arayın."
    before = len(unread(simulator))
    status, out, err = digest("--transcribe")
    assert status == 0
    assert "About to open 8 messages. Opening marks a message as read" in flat(err)
    assert "  > Beni 0532 417 28 93 numarasından arayın." in out
    assert "8 messages marked as read in the phone system for this digest." in flat(out)
    assert len(unread(simulator)) == before - 8
    status, again, err = digest("--transcribe")
    assert (status, err) == (0, "")
    assert "Beni 0532 417 28 93" in again
    assert "Nothing was marked as read" in again


def test_an_engine_that_fails_costs_nobody_their_line(
    digest: Digest, listener: ScriptedTranscriber, simulator: Simulator
) -> None:
    listener.unavailable = EngineUnavailableError("The engine is gone. Install it.")
    before = unread(simulator)
    status, out, _ = digest("--transcribe")
    assert status == 3
    assert "8 open messages" in out
    assert "could not be transcribed" in out or "Nothing was transcribed" in out
    assert "Nothing was marked as read for this digest." in flat(out)
    assert "Ayşe Yılmaz" in out
    assert unread(simulator) == before


def test_it_does_not_say_that_nothing_was_marked_where_nobody_knows(
    digest: Digest, listener: ScriptedTranscriber, simulator: Simulator
) -> None:
    simulator.faults.set("http500", "download")
    status, out, _ = digest("--transcribe")
    assert (status, listener.heard) == (3, [])
    assert "Nothing was marked as read" not in flat(out)
    assert "Messages may have been marked as read before that failed" in flat(out)
    assert "Ayşe Yılmaz" in out


def test_a_read_only_account_is_never_opened_for_it(digest: Digest, simulator: Simulator) -> None:
    status, _, err = digest("--transcribe", "--read-only")
    assert status == 1
    assert "VM_MCP_READ_ONLY" in err
    assert simulator.requests == []


def test_a_file_is_replaced_and_is_its_owners_alone(digest: Digest, tmp_path: Path) -> None:
    path = tmp_path / "new" / "digest.html"
    for _ in range(2):
        assert digest("--format", "html", "--out", str(path)) == (0, "", "")
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    status, _, err = digest("--out", str(tmp_path))
    assert status == 1
    assert "Give another path as --out" in err


def test_a_caller_can_forge_no_line_of_a_digest(digest: Digest, simulator: Simulator) -> None:
    pattern = simulator.scenario.messages[0]
    name = "Ali\r\n\r\n# All is settled\x1b[2J\u202e<b>x</b>"
    simulator.scenario.messages.append(Message("odd", "1001", "05001112233", name, pattern.received_at, pattern.voice))
    for form in ("text", "markdown", "html"):
        _, out, _ = digest("--format", form)
        assert not re.search(r"(?m)^# All is settled", out)
        assert "<b>x" not in out or form == "text"
        assert not [char for char in out if not char.isprintable() and char != "\n"]


def test_an_inbox_that_cannot_be_listed_is_an_error_and_no_empty_digest(
    digest: Digest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VM_MCP_API_KEY", "K00000000-0000-0000-0000-000000000000")
    path = tmp_path / "digest.txt"
    status, out, err = digest("--out", str(path))
    assert (status, out) == (1, "")
    assert "refuses the API key" in err
    assert not path.exists()


def test_nothing_open_writes_nothing_where_that_is_asked_for(
    make_simulator: MakeSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(make_simulator("empty"), tmp_path, monkeypatch)
    assert main(["digest", "--lang", "en", "--only-if-open"]) == 0
    assert capsys.readouterr() == ("", "")
    assert main(["digest", "--lang", "en"]) == 0
    assert "No message is open." in capsys.readouterr().out


def test_a_form_for_a_mail_alone_is_refused(digest: Digest) -> None:
    status, _, err = digest("--to", "a@b.example", "--format", "html")
    assert status == 1
    assert "Give --format with --out" in err
