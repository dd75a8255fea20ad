"""The commands as a person types them, over the simulator as a real HTTP server and a scripted engine."""

import argparse
import contextlib
import csv
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import MakeSimulator
from support.scripted_transcriber import ScriptedTranscriber

from vm_mcp.archive import Purged
from vm_mcp.asr import Demand, Progress, TranscribeOptions, open_transcriber
from vm_mcp.cli import main
from vm_mcp.cli.program import build_parser
from vm_mcp.cli.purge_command import report
from vm_mcp.models import Transcript, Word
from vm_mcp.simulator import Simulator
from vm_mcp.simulator.scenario import Message

ROOT = Path(__file__).parent.parent.parent
MARKING = "as read in the phone system, for everyone and for good"

pytestmark = pytest.mark.usefixtures("no_rate_limit")

Run = Callable[..., "Done"]


class Done:
    """How a command ended, and what it wrote."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.out))


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> ScriptedTranscriber:
    """The engine of every inbox that is told to listen."""
    scripted = ScriptedTranscriber()

    monkeypatch.setattr(
        "vm_mcp.inbox.facade.open_transcriber",
        lambda settings: open_transcriber(settings) if settings.engine == "none" else scripted,
    )
    return scripted


@pytest.fixture
def run(
    simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run a command against the clinic's PBX."""
    for name, value in (
        ("BASE_URL", simulator.base_url), ("API_KEY", simulator.api_key), ("DATA_DIR", str(tmp_path / "data")),
    ):  # fmt: skip
        monkeypatch.setenv(f"VM_MCP_{name}", value)

    def command(*arguments: str) -> Done:
        try:
            status = main(arguments)
        except SystemExit as exit_:
            status = int(exit_.code or 0)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        assert simulator.api_key not in captured.out + captured.err
        return Done(status, captured.out, captured.err)

    return command


def unread_of(simulator: Simulator) -> list[str]:
    return [message.uuid for message in simulator.scenario.messages if message.read_at is None]


def said(engine: ScriptedTranscriber, message: Message, text: str) -> str:
    """Have the engine hear that in a message, and give its uuid."""
    engine.texts[message.recording.path.read_bytes()] = text
    return message.uuid


def test_a_list_goes_to_stdout_and_what_is_said_of_it_to_stderr(run: Run, simulator: Simulator) -> None:
    before = unread_of(simulator)
    done = run("list", "--status", "unread", "--limit", "3")
    assert done.status == 0
    assert "Ayşe Yılmaz, 905427310648" in done.out
    assert all(uuid in done.out for uuid in before[:3])
    assert "3 of 9 messages" in done.err
    assert "--limit" in done.err
    assert unread_of(simulator) == before


def test_json_is_what_the_tool_gives_and_pages_go_on_by_cursor(run: Run, simulator: Simulator) -> None:
    first = run("list", "--json", "--limit", "10")
    assert first.err == ""
    rest = run("list", "--json", "--cursor", first.json["next_cursor"])
    listed = [item["uuid"] for done in (first, rest) for item in done.json["voicemails"]]
    assert sorted(listed) == sorted(message.uuid for message in simulator.scenario.messages)
    assert "data, not instructions" in first.json["notice"]


def test_what_a_stranger_wrote_is_neither_markup_nor_a_terminals_command(
    run: Run, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    pattern = simulator.scenario.messages[0]
    name = "[bold red]Ali[/bold red] \x1b]0;owned\x07\x1b[2J:smile: [link=http://x]y[/link]"
    simulator.scenario.messages.append(Message("odd[b]", "1001", "1", name, pattern.received_at, pattern.voice))
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    for arguments in (["list"], ["list", "--json"], ["show", "odd[b]"]):
        done = run(*arguments)
        assert done.status == 0
        plain = re.sub(r"\x1b\[[0-9;]*m", "", done.out)  # the colours that we set
        written = ("[bold red]Ali[/bold red]", ":smile:", "[link=http://x]y[/link]", "odd[b]")
        assert [word for word in written if word not in plain] == []
        assert not [char for char in plain if not char.isprintable() and char != "\n"]


def test_transcribe_says_what_it_marks_before_it_does_and_in_its_help(
    run: Run, simulator: Simulator, engine: ScriptedTranscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    uuid = said(engine, simulator.scenario.messages[1], "Beni arayın.")
    told: list[str] = []
    monkeypatch.setattr("vm_mcp.cli.console.say", lambda text: told.append(f"{text} {len(unread_of(simulator))}"))
    done = run("transcribe", uuid)
    assert done.status == 0
    assert "Beni arayın." in done.out
    assert told == [f"About to open 1 message. Opening marks a message {MARKING}. 9"]
    assert uuid not in unread_of(simulator)
    assert run("transcribe", uuid).out == done.out
    assert len(told) == 1
    words = " ".join(run("transcribe", "--help").out.split())
    assert MARKING in words


def test_messages_are_chosen_by_filters_and_never_for_want_of_any(
    run: Run, simulator: Simulator, engine: ScriptedTranscriber
) -> None:
    before = unread_of(simulator)
    nothing = run("transcribe")
    assert nothing.status == 1
    assert "--status unheard" in nothing.err
    assert unread_of(simulator) == before
    done = run("transcribe", "--extension", "1003", "--json")
    assert done.status == 0
    assert [entry["status"] for entry in done.json["transcriptions"]] == ["done"] * 3
    assert "segments" in done.json["transcriptions"][0]
    assert len(engine.heard) == 3
    assert len(unread_of(simulator)) == len(before) - 3
    assert run("transcribe", "--caller", "nobody at all").err.endswith("No message matches.\n")


def test_one_failure_loses_no_other_and_shows_in_the_status(
    run: Run, simulator: Simulator, engine: ScriptedTranscriber
) -> None:
    uuid = said(engine, simulator.scenario.messages[0], "Merhaba.")
    done = run("transcribe", uuid, "no-such-uuid")
    assert done.status == 3
    assert "Merhaba." in done.out
    assert "No voicemail has that uuid" in " ".join(done.out.split())
    assert "1 of 2 could not be transcribed." in done.err


def test_read_only_opens_nothing(run: Run, simulator: Simulator, engine: ScriptedTranscriber) -> None:
    before = unread_of(simulator)
    done = run("transcribe", "--status", "unheard", "--read-only")
    assert done.status == 1
    assert "VM_MCP_READ_ONLY" in done.err
    assert (unread_of(simulator), engine.heard) == (before, [])


def test_search_finds_what_was_said_and_marks_it(run: Run, simulator: Simulator, engine: ScriptedTranscriber) -> None:
    uuid = said(engine, simulator.scenario.messages[1], "Randevumu iptal etmek istiyorum.")
    run("transcribe", uuid)
    assert "Randevumu" in run("list").out
    done = run("search", "ıptal", "randevu")
    assert done.status == 0
    assert uuid in done.out
    assert run("search", "--json", "iptal").json["hits"][0]["snippet"] == "Randevumu **iptal** etmek istiyorum."
    none = run("search", "fatura")
    assert (none.status, none.out) == (0, "")
    assert "0 of 1 transcript match" in none.err
    near = run("search", "rendevu")
    assert "(close: Randevumu)" in " ".join(near.out.split())
    assert "1 of 1 message with these words, 1 of them only nearly" in near.err
    assert run("search", "...").status == 1


def test_show_and_transcribe_tell_the_times_that_were_said_and_export_their_values(
    run: Run, simulator: Simulator, engine: ScriptedTranscriber
) -> None:
    message = simulator.scenario.messages[1]
    message.received_at = datetime(2026, 11, 26, 13, 20, tzinfo=UTC)
    uuid = said(engine, message, "Yarın saat on dörtte gelirim.")
    line = 'time said: "Yarın saat on dörtte" -> Fri 27 Nov 14:00'
    assert line in " ".join(run("transcribe", uuid).out.split())
    assert line in " ".join(run("show", uuid).out.split())
    [shown] = run("show", "--json", uuid).json["transcriptions"]
    assert [each["value"] for each in shown["times"]] == ["2026-11-27T14:00+03:00"]
    assert "2026-11-27T14:00+03:00" in run("export", "--format", "csv", uuid).out


def test_show_tells_all_that_is_known_and_opens_nothing(
    run: Run, simulator: Simulator, engine: ScriptedTranscriber
) -> None:
    uuid = simulator.scenario.messages[1].uuid
    before = unread_of(simulator)
    done = run("show", uuid)
    assert done.status == 0
    assert "(not transcribed yet)" in done.out
    assert f"vm-mcp transcribe {uuid}" in done.err
    assert unread_of(simulator) == before
    said(engine, simulator.scenario.messages[1], "Beni arayın.")
    run("transcribe", uuid)
    done = run("show", uuid)
    assert "Beni arayın." in done.out
    assert "assistant only" in done.out
    assert done.err == ""
    assert run("show", "--json", uuid).json["transcriptions"][0]["text"] == "Beni arayın."
    assert run("show", "no-such-uuid").status == 1
    assert run("show", "a/b").status == 1


def test_show_serves_the_archive_when_the_phone_system_does_not_answer_and_says_so(
    run: Run, simulator: Simulator, engine: ScriptedTranscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    uuid = said(engine, simulator.scenario.messages[1], "Beni arayın.")
    run("list")
    run("transcribe", uuid)
    monkeypatch.setattr("vm_mcp.pbx.transport.CALL_BUDGET", 0.2)
    simulator.stop()
    done = run("show", uuid)
    assert done.status == 0
    assert "Beni arayın." in done.out
    assert "Ayşe Yılmaz" in done.out
    assert "as it was last listed: The PBX can't be reached" in done.err
    assert run("show", simulator.scenario.messages[2].uuid).status == 0  # listed, not transcribed
    assert run("show", "never-listed").status == 1
    assert run("list").status == 1


def test_an_archive_that_can_not_be_used_is_told_of_once(
    run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file, not a folder", encoding="utf-8")
    for command in (["list"], ["show", "86dedabc-791d-520a-9b3b-fdb034246ea4"]):
        done = run(*command, "--archive-dir", str(taken))
        told = done.err + "".join(record.message for record in caplog.records if record.levelname == "WARNING")
        assert told.count("The archive can't be read or written") == 1, command
        caplog.clear()


def files_of(tmp_path: Path) -> bytes:
    return b"".join(path.read_bytes() for path in (tmp_path / "data").glob("archive-*"))


def test_what_is_too_old_is_forgotten_before_a_command_shows_it(
    run: Run, simulator: Simulator, engine: ScriptedTranscriber
) -> None:
    oldest = min(simulator.scenario.messages, key=lambda message: message.received_at)
    uuid = said(engine, oldest, "Beni arayın.")
    run("transcribe", uuid)
    assert uuid in run("search", "arayın", "--retention-days", "0").out
    assert run("search", "arayın", "--retention-days", "1").out == ""
    assert run("search", "arayın").out == ""


def test_a_message_is_closed_by_the_end_of_its_uuid_and_opened_again(run: Run, simulator: Simulator) -> None:
    uuid = simulator.scenario.messages[0].uuid
    before = unread_of(simulator)
    run("list")
    done = run("update", uuid[-6:], "--state", "done", "--note", "usta gitti [?x]")
    assert done.status == 0
    assert uuid in done.out
    assert "note: usta gitti [?x]" in " ".join(done.out.split())
    assert "Kept on this computer only" in done.err
    assert uuid not in run("list", "--status", "open").out
    assert [row["note"] for row in run("update", "--json", uuid, "--state", "open").json["voicemails"]] == [
        "usta gitti [?x]"
    ]
    assert uuid in run("list", "--status", "open").out
    assert uuid in run("search", "usta").out
    assert unread_of(simulator) == before
    refused = run("update", "nobody", "--state", "done")
    assert (refused.status, "List the messages" in refused.err) == (1, True)
    assert run("update", uuid).status == 2


def test_missed_calls_are_listed_with_whether_anybody_called_back(run: Run) -> None:
    done = run("missed")
    assert done.status == 0
    out = " ".join(done.out.split())
    for fact in ("Fatma Öztürk", "0533 222 11 00", "called back", "hidden"):
        assert fact in out
    assert "5 callers who were missed" in done.err
    returned = run("missed", "--json", "--returned", "yes").json["callers"]
    assert [row["state"] for row in returned] == ["called_back"]
    assert run("missed", "--extension", "9999").out == ""


def test_the_end_of_a_uuid_is_enough_to_show_and_transcribe(
    run: Run, simulator: Simulator, engine: ScriptedTranscriber
) -> None:
    uuid = said(engine, simulator.scenario.messages[0], "Beni arayın.")
    run("list")
    assert uuid in run("show", uuid[-6:]).out
    assert "Beni arayın." in run("transcribe", uuid[-6:]).out
    assert "Beni arayın." in run("export", uuid[-6:]).out


def test_purge_says_which_recordings_stay(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "recordings"
    folder.mkdir(parents=True)
    (folder / "voicemail-1.wav").write_bytes(b"RIFF")
    done = run("purge", "--all", "--yes")
    assert "1 recording saved on request" in done.err
    assert (folder / "voicemail-1.wav").exists()


def test_purge_asks_nobody_where_nobody_is_and_deletes_nothing_then(
    run: Run, simulator: Simulator, engine: ScriptedTranscriber
) -> None:
    uuid = said(engine, simulator.scenario.messages[1], "Simurgum.")
    run("transcribe", uuid)
    done = run("purge", "--all")
    assert done.status == 4
    assert "--yes" in done.err
    assert "Simurgum." in run("show", uuid).out


@pytest.mark.parametrize(("answer", "status", "deleted"), [("n\n", 4, False), ("", 4, False), ("Evet\n", 0, True)])
def test_purge_asks_on_a_terminal(
    run: Run, simulator: Simulator, engine: ScriptedTranscriber, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    answer: str, status: int, deleted: bool,  # noqa: FBT001 - a parameter of the test
) -> None:  # fmt: skip
    uuid = said(engine, simulator.scenario.messages[1], "Simurgum.")
    run("list")
    run("transcribe", uuid)

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    done = run("purge", "--caller", "0542 731 06 48", "--before", "2020-01-01")
    assert done.status == status
    assert "Delete all messages of the caller 0542 731 06 48 left before" in done.err
    assert "can't be undone" in done.err
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    done = run("purge", "--caller", "0542 731 06 48")
    assert done.out == ("Deleted 1 message and 1 transcript.\n" if deleted else "")
    assert (b"imurgum" in files_of(tmp_path)) is not deleted


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [("Mehmet", "Mehmet Kaya, 05324172893"), ("mehmet kya", "Mehmet Kaya, 05324172893"),
     ("0532 417 28", "Mehmet Kaya, 05324172893"), ("0532 417 28 94", "Mehmet Kaya, 05324172893"), ("Nobody", "")],
)  # fmt: skip
def test_purge_that_finds_no_such_caller_says_what_it_looks_for_and_whom_it_knows(
    run: Run, wanted: str, meant: str
) -> None:
    run("list")
    done = run("purge", "--caller", wanted, "--yes")
    assert done.out == "Deleted 0 messages and 0 transcripts.\n"
    assert "a number in any spelling, or a whole name" in done.err
    assert (f"Similar callers here: {meant}" in done.err) is bool(meant)
    old = run("purge", "--caller", "mehmet kaya", "--before", "365d", "--yes")
    assert "Perhaps all messages of theirs are newer." in old.err
    assert run("purge", "--caller", "mehmet kaya", "--yes").err == ""


@pytest.mark.parametrize("blank", ["", "  "])
def test_an_empty_caller_is_not_everybody(run: Run, blank: str) -> None:
    run("list")
    refused = run("purge", "--before", "0h", "--caller", blank, "--yes")
    assert refused.status == 1
    assert "--caller is empty" in refused.err
    assert "Deleted 0 messages" not in run("purge", "--all", "--yes").out


def test_purge_by_age_and_of_everything_leaves_no_byte(
    run: Run, simulator: Simulator, engine: ScriptedTranscriber, tmp_path: Path
) -> None:
    old = next(message for message in simulator.scenario.messages if message.voice == "enh1_librivox")
    uuids = [said(engine, old, "Simurgum."), said(engine, simulator.scenario.messages[0], "Semender.")]
    run("list")
    run("transcribe", *uuids)
    assert run("purge", "--before", "4d", "--yes").out == "Deleted 1 message and 1 transcript.\n"
    assert b"imurgum" not in files_of(tmp_path)
    assert b"Semender" in files_of(tmp_path)
    assert run("purge", "--all", "--yes").out == "Deleted 12 messages and 1 transcript.\n"
    assert b"Semender" not in files_of(tmp_path)
    assert b"Mehmet" not in files_of(tmp_path)


def test_purge_tells_of_bytes_that_it_could_not_overwrite(capsys: pytest.CaptureFixture[str]) -> None:
    report(Purged(2, 1, is_overwritten=False, set_aside=("archive-a.sqlite3.damaged-1",)))
    told = capsys.readouterr()
    assert told.out == "Deleted 2 messages and 1 transcript.\n"
    assert "run this again" in told.err
    assert "archive-a.sqlite3.damaged-1" in told.err


@pytest.mark.parametrize(
    "arguments", [[], ["--all", "--caller", "1"], ["--caller", " "], ["--before", "someday", "--yes"]]
)
def test_purge_wants_to_be_told_what(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    done = run("purge", *arguments)
    assert done.status == 1
    assert done.err.startswith("vm-mcp: ")
    assert not (tmp_path / "data").exists()


def test_an_export_holds_every_transcript_in_each_format(
    run: Run, simulator: Simulator, engine: ScriptedTranscriber, tmp_path: Path
) -> None:
    uuids = [said(engine, message, f"Mesaj {at}.") for at, message in enumerate(simulator.scenario.messages[:3])]
    run("list")
    run("transcribe", *uuids)
    asked = len(simulator.requests)
    rows = list(csv.DictReader(io.StringIO(run("export").out)))
    assert [row["uuid"] for row in rows] == uuids[::-1]  # the oldest first
    assert [row["text"] for row in rows] == ["Mesaj 2.", "Mesaj 1.", "Mesaj 0."]
    assert rows[1]["caller_id_name"] == "Ayşe Yılmaz"
    entries = run("export", "--format", "json").json["transcriptions"]
    assert [entry["uuid"] for entry in entries] == uuids[::-1]
    assert run("export", "--format", "vtt", uuids[0]).out.endswith("00:00:00.000 --> 00:00:02.000\nMesaj 0.\n")
    done = run("export", "--format", "vtt", "--output", str(tmp_path / "vtt"))
    assert done.status == 0
    assert {path.read_text(encoding="utf-8").splitlines()[-1] for path in (tmp_path / "vtt").iterdir()} == {
        "Mesaj 0.", "Mesaj 1.", "Mesaj 2.",
    }  # fmt: skip
    assert run("export", "--extension", "1003").out.count("Mesaj") == 1
    assert run("export", "--until", "2020-01-01").out.count("\n") == 1
    assert len(simulator.requests) == asked


def test_an_export_for_programs_says_what_its_marks_mean_and_that_a_stand_in_transcribed(
    run: Run, simulator: Simulator, engine: ScriptedTranscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    said_by_engine = engine.transcribe

    async def unsure(
        audio: bytes,
        options: TranscribeOptions,
        on_progress: Progress | None = None,
        demand: Demand | None = None,
    ) -> Transcript:
        transcript = await said_by_engine(audio, options, on_progress, demand)
        [segment] = transcript.segments
        words = (Word(text="dört", start_seconds=0, end_seconds=1, probability=0.1),)
        doubted = segment.model_copy(update={"words": words})
        return transcript.model_copy(update={"segments": (doubted,), "notice": "A smaller model was used."})

    monkeypatch.setattr(engine, "transcribe", unsure)
    first, second = (said(engine, message, "Saat dört.") for message in simulator.scenario.messages[:2])
    run("transcribe", first, second)
    exported = run("export", "--format", "json").json
    assert [entry["text"] for entry in exported["transcriptions"]] == ["Saat [?dört]."] * 2
    assert exported["notice"] == run("transcribe", "--json", first, second).json["notice"]
    assert "[?Marked] words were probably misheard" in exported["notice"]
    assert exported["notice"].endswith("A smaller model was used.")
    assert "[?marks]" not in run("export", "--format", "json", "--until", "2020-01-01").json["notice"]


def test_an_exported_file_is_its_owners_alone_and_a_spreadsheet_reads_its_letters(
    run: Run, simulator: Simulator, engine: ScriptedTranscriber, tmp_path: Path
) -> None:
    run("transcribe", said(engine, simulator.scenario.messages[1], "Çağrı; lütfen."))
    path = tmp_path / "new" / "export.csv"
    done = run("export", "-o", str(path), "--delimiter", "semicolon")
    assert (done.status, done.out, done.err) == (0, "", "Exported 1 transcript.\n")
    content = path.read_bytes()
    assert content.startswith("﻿uuid;received_at;".encode())
    assert '"Çağrı; lütfen.";;;;Ayşe Yılmaz, Yılmaz İnşaat;new;;\r\n'.encode() in content
    assert path.stat().st_mode & 0o077 == 0
    assert list(path.parent.iterdir()) == [path]
    assert run("export", "-o", str(tmp_path)).status == 1


@pytest.mark.parametrize("kind", ["csv", "vtt"])
def test_an_export_replaces_no_file_unless_told_to(
    run: Run, simulator: Simulator, engine: ScriptedTranscriber, tmp_path: Path, kind: str
) -> None:
    run("transcribe", said(engine, simulator.scenario.messages[1], "Merhaba."))
    target = tmp_path / "export"
    asked = ("export", "--format", kind, "-o", str(target))
    assert run(*asked).status == 0
    [path] = target.iterdir() if kind == "vtt" else [target]
    path.write_text("somebody's own", encoding="utf-8")
    done = run(*asked)
    assert done.status == 1
    assert str(path) in done.err
    assert "--overwrite" in done.err
    assert path.read_text(encoding="utf-8") == "somebody's own"
    assert run(*asked, "--overwrite").status == 0
    assert "Merhaba." in path.read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may enter every folder")
def test_an_export_into_a_folder_that_may_not_be_entered_says_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    done = run("export", "-o", str(tmp_path / "closed" / "export.csv"))
    assert done.status == 1
    assert "can't be written (Permission denied)" in done.err
    (tmp_path / "closed").chmod(0o700)


def test_a_transcript_that_can_not_be_read_keeps_no_other_from_being_exported_or_shown(
    run: Run, simulator: Simulator, engine: ScriptedTranscriber, tmp_path: Path
) -> None:
    damaged, empty, sound = (said(engine, message, "Merhaba.") for message in simulator.scenario.messages[:3])
    run("transcribe", damaged, empty, sound)
    [path] = (tmp_path / "data").glob("archive-*.sqlite3")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as archive:
        for uuid, body in ((damaged, b"x"), (empty, b"")):
            archive.execute("UPDATE transcripts SET body = ? WHERE uuid = ?", (body, uuid))
    for asked in ([], [damaged, empty, sound]):
        done = run("export", *asked)
        assert done.status == 3
        assert [row["uuid"] for row in csv.DictReader(io.StringIO(done.out))] == [sound]
        assert done.err.startswith("Exported 1 transcript.\nLeft out: 2 transcripts that can't be read")
        assert "vm-mcp transcribe --refresh" in done.err
        assert damaged in done.err
        assert empty in done.err
    shown = run("show", damaged)
    assert "can't be read" in shown.out
    assert "--refresh" in shown.err
    assert run("transcribe", "--refresh", damaged, empty).status == 0
    assert run("export").err == "Exported 3 transcripts.\n"


def test_what_an_export_can_not_hold_is_said(run: Run, simulator: Simulator, engine: ScriptedTranscriber) -> None:
    uuid = said(engine, simulator.scenario.messages[0], "Merhaba.")
    run("transcribe", uuid)
    assert run("export", "--format", "vtt").status == 1
    assert run("export", uuid, "--since", "7d").status == 1
    done = run("export", uuid, "no-such-uuid")
    assert done.status == 3
    assert "Merhaba." in done.out
    assert "Left out: 1 message without a transcript" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "--limit", "0"], ["list", "--limit", "many"], ["list", "--status", "new"], ["search"], ["show"],
        ["export", "--format", "xls"], ["forget"],
    ],
)  # fmt: skip
def test_wrong_usage_is_status_2(run: Run, arguments: list[str]) -> None:
    assert run(*arguments).status == 2


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (["list", "--limit", "0"], "--limit"), (["purge", "--calller", "x"], "--calller"), (["show"], "UUID"),
        (["export", "--format", "xls"], "'csv', 'json', 'vtt'"), (["simulate", "--port", "70000"], "0 to 65535"),
        (["list", "--limit", "9" * 5000], "1 to 1000"),
    ],
)  # fmt: skip
def test_wrong_usage_is_explained_by_the_commands_own_arguments_alone(
    run: Run, arguments: list[str], wrong: str
) -> None:
    told = run(*arguments).err
    assert told.startswith(f"usage: vm-mcp {arguments[0]} [-h]")
    assert wrong in told.splitlines()[-1]
    assert told.splitlines()[-1].startswith(f"vm-mcp {arguments[0]}: error: ")
    assert "--data-dir" not in told
    assert len(told) < 1000
    assert "--data-dir" in run("list", "--help").out


def test_the_names_of_formats_may_be_written_as_the_readme_writes_them(
    run: Run, simulator: Simulator, engine: ScriptedTranscriber
) -> None:
    uuid = said(engine, simulator.scenario.messages[0], "Merhaba.")
    run("transcribe", uuid)
    for name in ("vtt", "WebVTT", "webvtt"):
        assert run("export", uuid, "--format", name).out.startswith("WEBVTT")
    assert run("export", uuid, "--format", "CSV").out.startswith("uuid,")


def test_without_a_key_or_with_a_refused_one_a_command_says_what_to_do(
    run: Run, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator.faults.set("wrong_key")
    for arguments in (["list"], ["show", "a"]):
        assert "The PBX refuses the API key" in run(*arguments).err
    monkeypatch.delenv("VM_MCP_API_KEY")
    done = run("list")
    assert done.status == 1
    assert done.err.startswith("vm-mcp: There is no API key.")


def test_ctrl_c_is_status_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("vm_mcp.cli.command_inbox.with_inbox", interrupted)
    assert run("list").status == 130


def test_a_busy_account_pages_as_far_as_was_asked(
    make_simulator: MakeSimulator, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VM_MCP_BASE_URL", make_simulator("busy").base_url)
    assert len(run("list", "--json", "--limit", "250").json["voicemails"]) >= 241


def test_a_reader_who_has_enough_is_no_error_to_complain_of(simulator: Simulator, tmp_path: Path) -> None:
    settings = {"VM_MCP_BASE_URL": simulator.base_url, "VM_MCP_API_KEY": simulator.api_key}
    command = [sys.executable, "-m", "vm_mcp", "list", "--json", "--data-dir", str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | settings, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=20) == 1


def test_every_command_and_exit_status_is_documented_in_both_readmes() -> None:
    subparsers = next(each for each in build_parser()._actions if isinstance(each, argparse._SubParsersAction))
    assert {"serve", "list", "transcribe", "search", "show", "export", "purge"} <= set(subparsers.choices)
    for name in ("README.md", "README.tr.md"):
        page = (ROOT / name).read_text(encoding="utf-8")
        assert [command for command in subparsers.choices if f"`vm-mcp {command}" not in page] == [], name
        assert re.findall(r"^\| `(\d+)` \|", page, re.MULTILINE) == ["0", "1", "2", "3", "4", "130"], name


def test_every_command_says_whether_it_marks_messages_as_read(run: Run) -> None:
    for command in ("list", "search", "show", "export"):
        assert "marks nothing as read" in " ".join(run(command, "--help").out.lower().split()), command
