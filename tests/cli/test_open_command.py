"""``vm-mcp open``: the page from the command to its end, and which browser is asked to show it."""

import os
import subprocess
import sys
import threading
import webbrowser
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from vm_mcp.cli import main
from vm_mcp.cli.open_command import show_in_browser
from vm_mcp.simulator import Simulator


def test_the_page_opens_once_with_the_printed_address_and_ends_when_it_is_asked_to(
    simulator: Simulator, tmp_path: Path
) -> None:
    environment = os.environ | {
        "VM_MCP_BASE_URL": simulator.base_url, "VM_MCP_API_KEY": simulator.api_key, "VM_MCP_DATA_DIR": str(tmp_path)
    }  # fmt: skip
    command = [sys.executable, "-m", "vm_mcp", "open", "--no-browser"]
    with (
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=tmp_path
        ) as process,
        httpx2.Client() as client,
    ):
        assert process.stdout
        url = process.stdout.readline().strip()
        place = urlsplit(url)
        assert place.hostname == "127.0.0.1"
        assert client.get(url).status_code == 200
        assert httpx2.get(url).status_code == 401
        address, own = url.partition("?")[0], {"Origin": f"http://{place.netloc}"}
        listed = client.post(f"{address}call/inbox_messages", json={"status": "all"}, headers=own)
        assert len(listed.json()["voicemails"]) == 13
        assert client.post(f"{address}close", json={}, headers=own).status_code == 200
        said = process.stderr.read() if process.stderr else ""
        assert process.wait(20) == 0
    assert "Ctrl-C" in said
    assert simulator.api_key not in said
    assert place.query.partition("=")[2] not in said


def test_a_port_that_is_taken_is_said_in_words(
    simulator: Simulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = str(urlsplit(simulator.base_url).port)
    assert main(["open", "--no-browser", "--port", port, "--data-dir", str(tmp_path)]) == 1
    assert f"Can't listen on 127.0.0.1:{port}" in capsys.readouterr().err


class _WithWindows(webbrowser.BackgroundBrowser):
    def __init__(self) -> None:
        super().__init__("a-browser")
        self.shown = threading.Event()

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:  # noqa: ARG002, FBT001, FBT002 - webbrowser's
        self.shown.set()
        return True


def test_a_browser_with_windows_shows_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = _WithWindows()
    monkeypatch.setattr(webbrowser, "get", lambda: browser)
    show_in_browser("http://127.0.0.1:1/")
    assert browser.shown.wait(10)


def test_a_browser_in_the_terminal_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser("false"))
    monkeypatch.setattr(webbrowser.GenericBrowser, "open", lambda *_: pytest.fail("it would take the terminal over"))
    before = threading.active_count()
    show_in_browser("http://127.0.0.1:1/")
    assert threading.active_count() == before


def test_without_a_browser_the_printed_address_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> webbrowser.BaseBrowser:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", none)
    show_in_browser("http://127.0.0.1:1/")
