"""The program as a team's server: over PostgreSQL, for people with tokens."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
from pydantic import SecretStr
from support.identity_provider import IdentityProvider
from support.people import connected
from support.team_work import Team
from support.tool_answers import text_of

from vm_mcp.errors import ConfigError
from vm_mcp.team.inboxes import check_database

pytest_plugins = ["support.postgres_fixtures", "support.work_fixtures", "support.people_fixtures"]
pytestmark = pytest.mark.anyio
PUBLIC = "https://voicemail.example.com"
RULE = '[[accounts.klinik.access]]\nclaim = "groups"\nvalue = "reception"\nextensions = ["9999"]\n'
RULE_FOR_ALL = '[[accounts.klinik.access]]\nclaim = "groups"\nvalue = "managers"\n'


@contextmanager
def served(team: Team, provider: IdentityProvider) -> Iterator[str]:
    """Serve the team's account with the program, and yield its address, without a path."""
    provider.audience = f"{PUBLIC}/mcp"
    environment = {
        "VM_MCP_ACCOUNTS": str(team.folder / "accounts.toml"),
        "VM_MCP_BASE_URL": team.simulator.base_url,
        "VM_MCP_DATA_DIR": str(team.folder),
        "VM_MCP_DATABASE_URL": team.database.url.get_secret_value(),
        "VM_MCP_ENGINE": "remote",
        "VM_MCP_OAUTH_ISSUER": provider.issuer,
        "VM_MCP_PUBLIC_URL": PUBLIC,
    }
    assert team.entries  # their keys are in the environment
    command = [sys.executable, "-m", "vm_mcp", "serve", "--http", "127.0.0.1:0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | environment) as process:
        try:
            assert process.stderr
            line = process.stderr.readline()
            yield line.split()[3].removesuffix("/mcp;")
        finally:
            process.terminate()


async def test_people_of_one_account_see_the_mailboxes_that_their_rules_show(
    team: Team, provider: IdentityProvider
) -> None:
    team.write_accounts(extra=RULE + RULE_FOR_ALL)
    with served(team, provider) as url:
        async with connected(f"{url}/mcp", provider.token(groups=["managers"])) as client:
            seen = (await client.call_tool("list_voicemails", {})).structured_content
        async with connected(f"{url}/mcp", provider.token(sub="u-2", groups=["reception"])) as client:
            fewer = (await client.call_tool("list_voicemails", {})).structured_content
        async with httpx2.AsyncClient() as http:
            assert (await http.get(f"{url}/readyz")).json() == {"status": "ok"}
    assert seen
    assert sorted(row["uuid"] for row in seen["voicemails"]) == team.uuids
    assert fewer
    assert fewer["voicemails"] == []


async def test_a_server_whose_database_is_gone_says_so_and_lives(team: Team, provider: IdentityProvider) -> None:
    team.write_accounts(extra=RULE_FOR_ALL)
    with served(team, provider) as url:
        team.database.server.run_sql("DROP DATABASE {name} WITH (FORCE)", name=team.database.name)
        async with httpx2.AsyncClient(timeout=30) as http:
            ready = await http.get(f"{url}/readyz")
            assert (ready.status_code, ready.json()) == (503, {"status": "unavailable", "failing": ["database"]})
            assert (await http.get(f"{url}/healthz")).status_code == 200
        async with connected(f"{url}/mcp", provider.token(groups=["managers"])) as client:
            answer = await client.call_tool("search_transcripts", {"query": "randevu"})
    assert answer.is_error
    assert "Traceback" not in text_of(answer)


def test_a_database_that_anybodys_rows_could_be_read_from_is_refused_at_the_start(team: Team) -> None:
    with pytest.raises(ConfigError):
        check_database(team.database.owner_url)


def test_a_database_that_is_down_at_the_start_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    check_database(SecretStr("postgresql://nobody@127.0.0.1:1/nothing"))
    assert "can't be used yet" in caplog.text
