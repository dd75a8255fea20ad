"""No account sees another's callers: which archives on this computer each key may open."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import Connect, MakeSettings
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import ResourceTemplateReference
from pydantic import SecretStr
from support.accounts import A, B, OpenAs, archived, becomes, fill, listed
from support.older_archives import of_a_release_without_accounts
from support.tool_answers import text_of

from vm_mcp.cli import main
from vm_mcp.errors import AccountMismatchError, ArchiveError, ConfigError, InputError
from vm_mcp.inbox import ArchiveRequest, ListRequest, SearchRequest
from vm_mcp.keychain import key_id
from vm_mcp.simulator import Simulator
from vm_mcp.simulator.simulated_calls import AddressBookEntry, Call

pytest_plugins = ["support.account_fixtures"]
pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("no_rate_limit")]


@pytest.mark.parametrize("names", [{}, {"account": "atolye"}], ids=["by the key", "by name"])
async def test_another_accounts_key_sees_nothing_and_purges_nothing(
    open_as: OpenAs, simulator: Simulator, names: dict[str, str]
) -> None:
    await fill(open_as, simulator, A, "a")
    becomes(simulator, B, "b")
    async with open_as(B, **names) as inbox:
        assert await archived(inbox) == []
        await listed(inbox)
        assert await archived(inbox) == ["b-0", "b-1", "b-2", "b-3"]
        assert (await inbox.history.search(SearchRequest(query="a caller"))).total_count == 0
        assert [entry.uuid async for entry in inbox.history.transcriptions(ArchiveRequest())] == []
        assert {entry.status for entry in await inbox.history.look_up(["a-0", "a-1"])} == {"missing"}
        assert not [caller for caller in await inbox.history.callers_like("caller") if caller.startswith("a ")]
        assert (await inbox.history.purge(everything=True)).messages == 4
    becomes(simulator, A, "a")
    async with open_as(A) as inbox:
        assert await archived(inbox) == ["a-0", "a-1", "a-2", "a-3"]
        assert {entry.status for entry in await inbox.history.look_up(["a-0", "a-1"])} == {"done"}


async def test_no_call_contact_note_or_mark_crosses_to_another_account(open_as: OpenAs, simulator: Simulator) -> None:
    simulator.scenario.contacts[:] = [AddressBookEntry(1, "Gizem", "Tekin", None, ("05324170000",))]
    now = datetime.now(UTC)
    simulator.scenario.calls[:] = [
        Call("back", "outbound", now - timedelta(minutes=9), "1001", "", "05324170000", talk_seconds=60),
        Call("missed", "inbound", now - timedelta(minutes=20), "05550001122", "", "1001"),
    ]
    becomes(simulator, A, "a")
    async with open_as(A) as inbox:
        first, *_ = (await inbox.list_voicemails(ListRequest())).voicemails
        assert (first.state, first.contact) == ("called_back", "Gizem Tekin")
        await inbox.marking.mark(["a-1"], "done", "borcu var")
    becomes(simulator, B, "b")
    simulator.scenario.contacts.clear()
    simulator.scenario.calls.clear()
    async with open_as(B) as inbox:
        page = await inbox.list_voicemails(ListRequest())
        assert {(each.state, each.contact, each.note) for each in page.voicemails} == {("new", "", "")}
        assert (await inbox.overview()).missed == ()
        for query in ("gizem", "borcu"):
            assert (await inbox.history.search(SearchRequest(query=query))).hits == ()
        with pytest.raises(InputError, match="No message here"):
            await inbox.marking.mark(["a-1"], "open")


async def test_a_host_shows_no_resource_or_completion_of_another_account(
    open_as: OpenAs, simulator: Simulator, settings_for: MakeSettings, connect: Connect
) -> None:
    await fill(open_as, simulator, A, "a")
    becomes(simulator, B, "b")
    async with connect(settings_for(simulator, api_key=B)) as client:
        assert not [each for each in (await client.list_resources()).resources if "a-" in str(each.uri)]
        reference = ResourceTemplateReference(type="ref/resource", uri="voicemail://{uuid}")
        offered = await client.complete(reference, {"name": "uuid", "value": "a-"})
        assert offered.completion.values == []
        with pytest.raises(MCPError, match="no transcript"):
            await client.read_resource("voicemail://a-0/transcript")
        assert "a caller" not in await everything_said(client)


async def everything_said(client: Client) -> str:
    calls: dict[str, dict[str, object]] = {
        "list_voicemails": {},
        "show_inbox": {},
        "search_transcripts": {"query": "a"},
        "transcribe_voicemails": {"uuids": ["a-0"], "wait_seconds": 5},
    }
    return "\n".join([text_of(await client.call_tool(name, arguments)) for name, arguments in calls.items()])


async def test_a_renewed_key_keeps_its_archive(open_as: OpenAs, simulator: Simulator) -> None:
    await fill(open_as, simulator, A, "a")
    simulator.scenario.api_key = B
    async with open_as(B) as inbox:
        assert await archived(inbox) == ["a-0", "a-1", "a-2", "a-3"]
    simulator.faults.set("http500")
    async with open_as(B) as inbox:
        assert await archived(inbox) == ["a-0", "a-1", "a-2", "a-3"], "an accepted key is not checked again"


async def test_a_renewed_key_is_recognised_by_the_messages_left_at_the_pbx(
    open_as: OpenAs, simulator: Simulator
) -> None:
    await fill(open_as, simulator, A, "a")
    simulator.scenario.api_key = B
    del simulator.scenario.messages[:2]
    async with open_as(B) as inbox:
        assert await archived(inbox) == ["a-0", "a-1", "a-2", "a-3"]


async def test_a_renewed_key_keeps_an_archive_of_messages_transcribed_days_after_they_came(
    open_as: OpenAs, simulator: Simulator
) -> None:
    becomes(simulator, A, "a")
    for message in simulator.scenario.messages:
        message.received_at -= timedelta(days=10)
    async with open_as(A) as inbox:
        await inbox.list_voicemails(ListRequest(since="30d"))
        await inbox.transcribing.transcribe([message.uuid for message in simulator.scenario.messages])
    simulator.scenario.api_key = B
    async with open_as(B) as inbox:
        assert await archived(inbox) == ["a-0", "a-1", "a-2", "a-3"]


async def test_checking_which_account_a_key_belongs_to_marks_nothing_as_read(
    open_as: OpenAs, simulator: Simulator
) -> None:
    async with open_as(simulator.api_key) as inbox:
        await listed(inbox)
    unread = [message.uuid for message in simulator.scenario.messages if message.read_at is None]
    simulator.scenario.api_key = B
    async with open_as(B) as inbox:
        await archived(inbox)
    assert [message.uuid for message in simulator.scenario.messages if message.read_at is None] == unread


async def test_nothing_is_shown_while_the_pbx_can_not_say_which_account_a_key_belongs_to(
    open_as: OpenAs, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vm_mcp.pbx.transport.CALL_BUDGET", 0.3)
    await fill(open_as, simulator, A, "a")
    simulator.scenario.api_key = B
    simulator.faults.set("http500")
    async with open_as(B) as inbox:
        with pytest.raises(ArchiveError, match="another API key"):
            await archived(inbox)
        simulator.faults.clear()
        assert await archived(inbox) == ["a-0", "a-1", "a-2", "a-3"]


async def test_a_list_is_shown_even_while_its_archive_is_not_known(open_as: OpenAs, simulator: Simulator) -> None:
    await fill(open_as, simulator, A, "a", account="klinik")
    becomes(simulator, B, "b")
    async with open_as(B, account="klinik") as inbox:
        page = await inbox.list_voicemails(ListRequest())
        assert [voicemail.uuid for voicemail in page.voicemails] == ["b-0", "b-1", "b-2", "b-3"]
        assert "VM_MCP_ACCOUNT" in page.notice
        with pytest.raises(AccountMismatchError, match="klinik"):
            await inbox.transcribing.transcribe(["b-0"])
    assert not [request for request in simulator.requests if request.form.get("uuid") == "b-0"]


async def test_a_named_account_keeps_its_archive_with_a_renewed_key_and_without_a_key(
    open_as: OpenAs, simulator: Simulator
) -> None:
    await fill(open_as, simulator, A, "a", account="klinik")
    simulator.scenario.api_key = B
    async with open_as(B, account="klinik") as inbox:
        assert await archived(inbox) == ["a-0", "a-1", "a-2", "a-3"]
    async with open_as(None, account="Klinik ") as inbox:
        assert await archived(inbox) == ["a-0", "a-1", "a-2", "a-3"]


async def test_without_a_key_or_a_name_nothing_is_shown(open_as: OpenAs, simulator: Simulator) -> None:
    await fill(open_as, simulator, A, "a")
    async with open_as(None) as inbox:
        with pytest.raises(ConfigError, match="VM_MCP_ACCOUNT"):
            await archived(inbox)


async def test_an_account_that_gets_a_name_later_keeps_its_archive(open_as: OpenAs, simulator: Simulator) -> None:
    await fill(open_as, simulator, A, "a")
    async with open_as(A, account="klinik") as inbox:
        assert await archived(inbox) == ["a-0", "a-1", "a-2", "a-3"]
    async with open_as(A) as inbox:
        assert await archived(inbox) == ["a-0", "a-1", "a-2", "a-3"]


@pytest.mark.parametrize("names", [{}, {"account": "klinik"}], ids=["by the key", "by name"])
async def test_the_archive_of_a_release_without_accounts_is_adopted_only_by_its_owner(
    open_as: OpenAs, simulator: Simulator, settings_for: MakeSettings, names: dict[str, str]
) -> None:
    await fill(open_as, simulator, A, "a")
    of_a_release_without_accounts(settings_for(simulator, api_key=A))
    becomes(simulator, B, "b")
    async with open_as(B) as inbox:
        await listed(inbox)
        assert await archived(inbox) == ["b-0", "b-1", "b-2", "b-3"]
    becomes(simulator, A, "a")
    async with open_as(A, **names) as inbox:
        assert await archived(inbox) == ["a-0", "a-1", "a-2", "a-3"]
        assert {entry.status for entry in await inbox.history.look_up(["a-0"])} == {"done"}
    becomes(simulator, B, "b")
    async with open_as(B) as inbox:
        assert await archived(inbox) == ["b-0", "b-1", "b-2", "b-3"]


async def test_the_key_is_in_no_file_name_and_in_no_archive(
    open_as: OpenAs, simulator: Simulator, tmp_path: Path
) -> None:
    await fill(open_as, simulator, A, "a")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(key_id(SecretStr(A)) in path.name for path in files)
    for path in files:
        assert A[1:9] not in path.name
        assert A.encode() not in path.read_bytes()


async def test_a_damaged_archive_of_another_account_is_ignored(
    open_as: OpenAs, simulator: Simulator, settings_for: MakeSettings
) -> None:
    await fill(open_as, simulator, A, "a")
    settings_for(simulator, api_key=A).archive_path.write_bytes(b"not a database" * 1000)
    becomes(simulator, B, "b")
    async with open_as(B) as inbox:
        await listed(inbox)
        assert await archived(inbox) == ["b-0", "b-1", "b-2", "b-3"]


async def test_reading_which_account_an_archive_belongs_to_changes_nothing_in_it(
    open_as: OpenAs, simulator: Simulator, settings_for: MakeSettings
) -> None:
    await fill(open_as, simulator, A, "a")
    legacy = of_a_release_without_accounts(settings_for(simulator, api_key=A))
    before = legacy.read_bytes()
    becomes(simulator, B, "b")
    async with open_as(B) as inbox:
        await listed(inbox)
    assert legacy.read_bytes() == before


def test_a_command_with_another_key_neither_exports_nor_purges(
    simulator: Simulator,
    settings_for: MakeSettings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = settings_for(simulator, api_key=A)
    for name in ("base_url", "data_dir"):
        monkeypatch.setenv(f"VM_MCP_{name.upper()}", str(getattr(settings, name)))
    becomes(simulator, A, "a")
    monkeypatch.setenv("VM_MCP_API_KEY", A)
    assert main(["list"]) == 0
    becomes(simulator, B, "b")
    monkeypatch.setenv("VM_MCP_API_KEY", B)
    capsys.readouterr()
    assert main(["purge", "--all", "--yes"]) == 0
    assert main(["export", "--format", "csv"]) == 0
    assert "Deleted 0 messages" in capsys.readouterr().out
    becomes(simulator, A, "a")
    monkeypatch.setenv("VM_MCP_API_KEY", A)
    assert main(["purge", "--all", "--yes"]) == 0
    assert "Deleted 4 messages" in capsys.readouterr().out
