"""``serve --http`` for a team: what its settings must say, and the program as it runs."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from support.identity_provider import IdentityProvider
from support.people import connected
from support.tool_answers import text_of

from vm_mcp.cli import main
from vm_mcp.simulator import Simulator

pytest_plugins = ["support.people_fixtures"]
TOKEN = "a-token-of-twenty-characters-or-more"
PUBLIC = "https://voicemail.example.com"
ISSUER = "https://login.example.com"


@pytest.fixture
def accounts(tmp_path: Path, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VM_MCP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KLINIK_KEY", simulator.api_key)
    path = tmp_path / "accounts.toml"
    path.write_text(f"""
        [accounts.klinik]
        key_env = "KLINIK_KEY"
        base_url = "{simulator.base_url}"
        [[accounts.klinik.access]]
        claim = "groups"
        value = "reception"
    """)
    monkeypatch.setenv("VM_MCP_ACCOUNTS", str(path))
    return path


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "who may see which account"),
        ({"OAUTH_ISSUER": ISSUER}, "VM_MCP_PUBLIC_URL is not set"),
        ({"OAUTH_ISSUER": ISSUER, "PUBLIC_URL": "http://voicemail.example.com"}, "VM_MCP_PUBLIC_URL must be https"),
        ({"OAUTH_ISSUER": ISSUER, "PUBLIC_URL": f"{PUBLIC}/mcp"}, "a host alone"),
        ({"OAUTH_ISSUER": ISSUER, "PUBLIC_URL": "voicemail.example.com"}, "VM_MCP_PUBLIC_URL must be https"),
        ({"OAUTH_ISSUER": "http://login.lan", "PUBLIC_URL": PUBLIC}, "VM_MCP_OAUTH_ISSUER must be"),
        ({"OAUTH_ISSUER": f"{ISSUER}?x", "PUBLIC_URL": PUBLIC}, "VM_MCP_OAUTH_ISSUER must be"),
        ({"OAUTH_ISSUER": ISSUER, "PUBLIC_URL": PUBLIC, "HTTP_TOKEN": TOKEN}, "VM_MCP_HTTP_TOKEN would open"),
        ({"HTTP_TOKEN": "short"}, "too short"),
        ({"OAUTH_ISSUER": ISSUER, "ACCOUNTS": ""}, "Set VM_MCP_ACCOUNTS"),
    ],
)
def test_settings_that_would_let_in_nobody_or_everybody_are_refused(
    accounts: Path,  # noqa: ARG001 - the settings
    settings: dict[str, str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"VM_MCP_{name}", value)
    assert main(["serve", "--http", "127.0.0.1:0"]) == 1
    assert words in capsys.readouterr().err


def test_mailboxes_are_not_told_apart_without_the_teams_database(
    accounts: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts.write_text(accounts.read_text().rstrip() + '\n        extensions = ["101"]\n')
    monkeypatch.setenv("VM_MCP_OAUTH_ISSUER", ISSUER)
    monkeypatch.setenv("VM_MCP_PUBLIC_URL", PUBLIC)
    assert main(["serve", "--http", "127.0.0.1:0"]) == 1
    assert "VM_MCP_DATABASE_URL" in capsys.readouterr().err


def test_an_unusable_address_of_the_metrics_is_explained(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VM_MCP_API_KEY", simulator.api_key)
    monkeypatch.setenv("VM_MCP_DATA_DIR", str(tmp_path))
    assert main(["serve", "--http", "127.0.0.1:0", "--metrics", "9100"]) == 1
    assert "--metrics takes HOST:PORT" in capsys.readouterr().err


def test_metrics_need_http(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--metrics", "127.0.0.1:0"]) == 1
    assert "--metrics goes with --http" in capsys.readouterr().err


@contextmanager
def started(*arguments: str) -> Iterator[tuple[str, ...]]:
    """Start the program, and yield the addresses that it says it serves at, and the process's end."""
    command = [sys.executable, "-m", "vm_mcp", "serve", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            lines = [process.stderr.readline() for _ in range(2 if "--metrics" in arguments else 1)]
            yield tuple(next(word for word in line.split() if "://" in word).rstrip(";") for line in lines)
        finally:
            process.kill()


@pytest.mark.anyio
async def test_the_program_serves_a_person_and_shows_its_metrics_elsewhere(
    accounts: Path,  # noqa: ARG001 - the settings
    provider: IdentityProvider,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    provider.audience = f"{PUBLIC}/mcp"
    monkeypatch.setenv("VM_MCP_OAUTH_ISSUER", provider.issuer)
    monkeypatch.setenv("VM_MCP_PUBLIC_URL", PUBLIC)
    with started("--http", "127.0.0.1:0", "--metrics", "127.0.0.1:0") as (metrics, url):
        async with connected(url, provider.token(groups=["reception"])) as client:
            assert "Ayşe Yılmaz" in text_of(await client.call_tool("list_voicemails", {}))
        async with httpx2.AsyncClient() as http:
            assert (await http.get(url.replace("/mcp", "/readyz"))).json() == {"status": "ok"}
            assert (await http.get(url.replace("/mcp", "/metrics"))).status_code == 404
            shown = (await http.get(metrics)).text
    assert 'vm_mcp_tool_calls_total{outcome="ok",tool="list_voicemails"} 1.0' in shown


def test_a_desk_says_whether_it_lives_without_its_token(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VM_MCP_API_KEY", simulator.api_key)
    monkeypatch.setenv("VM_MCP_BASE_URL", simulator.base_url)
    monkeypatch.setenv("VM_MCP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("VM_MCP_HTTP_TOKEN", TOKEN)
    with started("--http", "127.0.0.1:0") as (url,):
        assert httpx2.get(url.replace("/mcp", "/healthz")).json() == {"status": "ok"}
        assert httpx2.get(url).status_code == 401
