"""How a key proves which archive is its account's: what counts as proof, and how few requests it takes."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import MakeSettings
from pydantic import SecretStr
from support.accounts import A, B, OpenAs, archived, becomes, fill, listed, messages_of
from support.older_archives import of_a_release_without_accounts
from support.simulator_requests import voicemail_requests

from vm_mcp.archive.sqlite import SqliteArchive
from vm_mcp.errors import AccountMismatchError, ArchiveError, ConfigError, VmError
from vm_mcp.inbox import ListRequest
from vm_mcp.simulator import Simulator
from vm_mcp.simulator.faults import FAULT_NAMES, Fault, FaultName

pytest_plugins = ["support.account_fixtures"]
pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("no_rate_limit")]

OF_A, OF_B = ["a-0", "a-1", "a-2", "a-3"], ["b-0", "b-1", "b-2", "b-3"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vm_mcp.pbx.transport.CALL_BUDGET", 0.3)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Lock an archive as a backup program may."""
    with closing(sqlite3.connect(path, isolation_level=None)) as lock:
        lock.execute("PRAGMA locking_mode = EXCLUSIVE")
        lock.execute("BEGIN EXCLUSIVE")
        yield
        lock.execute("COMMIT")


@pytest.mark.usefixtures("impatient")
async def test_a_requested_message_is_no_proof_until_the_pbx_has_delivered_it(
    open_as: OpenAs, simulator: Simulator
) -> None:
    """While the PBX is down, the record of the retrieval stays, and its uuid may be any account's."""
    await fill(open_as, simulator, A, "a")
    async with open_as(A) as inbox:
        simulator.faults.set("http500")
        with pytest.raises(VmError):
            await inbox.recordings.link("b-0")
    simulator.faults.clear()
    becomes(simulator, B, "b")
    async with open_as(B) as inbox:
        assert await archived(inbox) == []


async def test_an_archive_that_was_locked_is_checked_again_once_it_is_not(
    open_as: OpenAs, simulator: Simulator, settings_for: MakeSettings
) -> None:
    await fill(open_as, simulator, A, "a", account="klinik")
    becomes(simulator, B, "b")
    async with open_as(B, account="klinik") as inbox:
        with (
            locked(settings_for(simulator, api_key=A, account="klinik").archive_path),
            pytest.raises(ArchiveError, match="has locked"),
        ):
            await archived(inbox)
        with pytest.raises(AccountMismatchError, match="klinik"):
            await archived(inbox)


async def test_a_renewed_key_gets_no_new_archive_while_its_own_is_locked(
    open_as: OpenAs, simulator: Simulator, settings_for: MakeSettings
) -> None:
    """The key would be accepted by the new one, and its history would be hidden."""
    await fill(open_as, simulator, A, "a")
    simulator.scenario.api_key = B
    async with open_as(B) as inbox:
        with locked(settings_for(simulator, api_key=A).archive_path):
            page = await inbox.list_voicemails(ListRequest())
            assert [voicemail.uuid for voicemail in page.voicemails] == OF_A
            assert "locked" in page.notice
        assert await archived(inbox) == OF_A


async def test_messages_without_a_timestamp_also_keep_another_key_out(open_as: OpenAs, simulator: Simulator) -> None:
    becomes(simulator, A, "a")
    for message in simulator.scenario.messages:
        message.overrides = {"start_stamp": "?"}
    async with open_as(A, account="klinik") as inbox:
        await listed(inbox)
    becomes(simulator, B, "b")
    async with open_as(B, account="klinik") as inbox:
        with pytest.raises(AccountMismatchError, match="klinik"):
            await archived(inbox)


async def test_two_keys_with_one_account_name_never_share_an_archive_even_if_both_start_first(
    open_as: OpenAs, simulator: Simulator
) -> None:
    async with open_as(A, account="klinik") as first, open_as(B, account="klinik") as second:
        assert await archived(first) == []
        assert await archived(second) == []
        becomes(simulator, A, "a")
        await listed(first)
        becomes(simulator, B, "b")
        page = await second.list_voicemails(ListRequest())
        assert [voicemail.uuid for voicemail in page.voicemails] == OF_B
        assert "VM_MCP_ACCOUNT" in page.notice
        assert await archived(first) == OF_A
        with pytest.raises(AccountMismatchError, match="klinik"):
            await archived(second)


async def test_an_emptied_archive_belongs_to_the_next_key(open_as: OpenAs, simulator: Simulator) -> None:
    await fill(open_as, simulator, A, "a", account="klinik")
    async with open_as(A, account="klinik") as first:
        await first.history.purge(everything=True)
        becomes(simulator, B, "b")
        async with open_as(B, account="klinik") as second:
            await listed(second)
            assert await archived(second) == OF_B
        with pytest.raises(AccountMismatchError, match="klinik"):
            await archived(first)


async def test_a_server_keeps_its_first_key_when_another_is_stored(
    open_as: OpenAs, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = A
    monkeypatch.setattr("vm_mcp.config.reading.read_key", lambda *_: SecretStr(key))
    becomes(simulator, A, "a")
    async with open_as(None) as inbox:
        await inbox.account.pbx()
        key = B  # another login
        await listed(inbox)
    becomes(simulator, B, "b")
    async with open_as(B) as inbox:
        assert await archived(inbox) == []


async def test_an_archive_opened_without_a_key_is_checked_once_there_is_one(
    open_as: OpenAs, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(open_as, simulator, A, "a", account="klinik")
    key: SecretStr | None = None
    monkeypatch.setattr("vm_mcp.config.reading.read_key", lambda *_: key)
    becomes(simulator, B, "b")
    async with open_as(None, account="klinik") as inbox:
        assert await archived(inbox) == OF_A
        key = SecretStr(B)
        assert "VM_MCP_ACCOUNT" in (await inbox.list_voicemails(ListRequest())).notice
        with pytest.raises(AccountMismatchError, match="klinik"):
            await archived(inbox)
    async with open_as(A, account="klinik") as inbox:
        assert await archived(inbox) == OF_A


async def test_an_unknown_account_without_a_key_gets_no_archive(
    open_as: OpenAs, simulator: Simulator, settings_for: MakeSettings
) -> None:
    """The name is misspelled, or the archive has another name that only the key can find."""
    await fill(open_as, simulator, A, "a")
    async with open_as(None, account="klnik") as inbox:
        with pytest.raises(ConfigError, match="no archive of the account `klnik`"):
            await inbox.history.purge(everything=True)
    assert not settings_for(simulator, account="klnik").archive_path.exists()


async def test_messages_retrieved_long_after_they_were_left_are_proof(open_as: OpenAs, simulator: Simulator) -> None:
    becomes(simulator, A, "a", age=timedelta(days=40))
    async with open_as(A) as inbox:
        page = await inbox.list_voicemails(ListRequest(since="60d"))
        await inbox.transcribing.transcribe([voicemail.uuid for voicemail in page.voicemails])
    simulator.scenario.api_key = B
    async with open_as(B) as inbox:
        assert await archived(inbox) == OF_A


async def test_retrievals_are_proof_after_their_messages_were_purged(
    open_as: OpenAs, simulator: Simulator, settings_for: MakeSettings
) -> None:
    becomes(simulator, A, "a", age=timedelta(days=20))
    async with open_as(A) as inbox:
        await inbox.transcribing.transcribe(await listed(inbox))
        await inbox.history.purge(before=inbox.account.clock())
    simulator.scenario.api_key = B
    async with open_as(B) as inbox:
        await listed(inbox)
    assert not settings_for(simulator, api_key=B).archive_path.exists()


async def test_a_uuid_in_another_case_is_the_same_message(open_as: OpenAs, simulator: Simulator) -> None:
    await fill(open_as, simulator, A, "a")
    becomes(simulator, B, "A")
    async with open_as(B) as inbox:
        assert await archived(inbox) == OF_A


async def test_a_named_archive_comes_before_the_keys_own(
    open_as: OpenAs, simulator: Simulator, settings_for: MakeSettings
) -> None:
    """A renewed key found nothing listed, so it got a new archive. Later, the user names the old one."""
    await fill(open_as, simulator, A, "a")
    await fill(open_as, simulator, B, "b")
    account = settings_for(simulator, api_key=A).account_id
    async with open_as(B, account=account) as inbox:
        with pytest.raises(AccountMismatchError, match=account):
            await archived(inbox)
    becomes(simulator, B, "a")
    async with open_as(B, account=account) as inbox:
        assert await archived(inbox) == OF_A


async def test_a_shared_archive_with_messages_of_two_keys_is_shown_to_neither(
    open_as: OpenAs, simulator: Simulator, settings_for: MakeSettings
) -> None:
    becomes(simulator, A, "a")
    async with open_as(A) as inbox:
        await listed(inbox)
    legacy = of_a_release_without_accounts(settings_for(simulator, api_key=A))
    becomes(simulator, B, "b")
    async with open_as(B, archive_dir=legacy.parent / "elsewhere") as inbox:
        page = await inbox.list_voicemails(ListRequest())
    mixed = SqliteArchive(legacy)
    await mixed.note_listed(page.voicemails)
    await mixed.aclose()
    for key, prefix, own in ((A, "a", OF_A), (B, "b", OF_B)):
        becomes(simulator, key, prefix)
        async with open_as(key) as inbox:
            page = await inbox.list_voicemails(ListRequest())
            assert legacy.name in page.notice
            assert "rename it" in page.notice
            assert await archived(inbox) == own


async def test_a_shared_archive_that_was_renamed_as_advised_is_adopted(
    open_as: OpenAs, simulator: Simulator, settings_for: MakeSettings
) -> None:
    await fill(open_as, simulator, A, "a")
    legacy = of_a_release_without_accounts(settings_for(simulator, api_key=A))
    del simulator.scenario.messages[0]  # deleted at the PBX, so the archived one may be another account's
    async with open_as(A) as inbox:
        assert "rename it" in (await inbox.list_voicemails(ListRequest())).notice
    legacy.rename(legacy.with_name(f"{legacy.stem}@klinik.sqlite3"))
    async with open_as(A, account="klinik") as inbox:
        assert await archived(inbox) == OF_A


@pytest.mark.parametrize("age", [timedelta(hours=1), timedelta(days=100)])
async def test_the_first_list_takes_few_requests_beside_twelve_other_archives(
    open_as: OpenAs, simulator: Simulator, age: timedelta
) -> None:
    for number in range(12):
        key = f"K{number:08}-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
        becomes(simulator, key, f"c{number}", age=age)
        async with open_as(key) as inbox:
            await inbox.list_voicemails(ListRequest(since="200d"))
    becomes(simulator, B, "b")
    simulator.requests.clear()
    async with open_as(B) as inbox:
        await listed(inbox)
    recently, asked_by_uuid = 2, 6 if age > timedelta(days=30) else 0
    assert len(voicemail_requests(simulator)) == recently + asked_by_uuid, "the vendor allows a burst of ten"
    simulator.requests.clear()
    async with open_as(B) as inbox:
        await listed(inbox)
    assert len(voicemail_requests(simulator)) == 1, "the answer is stored"


async def test_the_archive_is_found_among_many_recent_ones(open_as: OpenAs, simulator: Simulator) -> None:
    for number in range(12):
        await fill(open_as, simulator, f"K{number:08}-aaaa-4aaa-8aaa-aaaaaaaaaaaa", f"c{number}")
    becomes(simulator, B, "c3")
    async with open_as(B) as inbox:
        assert await archived(inbox) == ["c3-0", "c3-1", "c3-2", "c3-3"]


async def test_the_archive_of_a_busy_account_is_found_after_weeks(open_as: OpenAs, simulator: Simulator) -> None:
    becomes(simulator, A, "a", age=timedelta(days=20))
    async with open_as(A) as inbox:
        await listed(inbox)
    simulator.scenario.api_key = B
    simulator.scenario.messages[:0] = messages_of("new", count=200)
    async with open_as(B) as inbox:
        assert await archived(inbox) == OF_A


async def test_a_refused_transcription_of_twenty_messages_takes_one_request(
    open_as: OpenAs, simulator: Simulator
) -> None:
    await fill(open_as, simulator, A, "a", account="klinik")
    becomes(simulator, B, "b")
    simulator.requests.clear()
    async with open_as(B, account="klinik") as inbox:
        for _ in range(2):
            with pytest.raises(AccountMismatchError):
                await inbox.transcribing.transcribe([f"b-{number}" for number in range(20)])
    assert len(simulator.requests) == 1


@pytest.mark.usefixtures("impatient")
async def test_twenty_messages_share_one_attempt_while_the_pbx_is_down(open_as: OpenAs, simulator: Simulator) -> None:
    await fill(open_as, simulator, A, "a")
    simulator.scenario.api_key = B
    simulator.faults.set("http500")
    simulator.requests.clear()
    async with open_as(B) as inbox:
        with pytest.raises(ArchiveError, match="could not be checked"):
            await inbox.transcribing.transcribe([f"b-{number}" for number in range(20)])
    assert len(simulator.requests) <= 6, "one attempt with its retries before the messages, and one for all of them"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", [name for name in FAULT_NAMES if Fault(name).happens_at("list")])
async def test_a_new_key_is_shown_nothing_on_a_bad_day_and_loses_nothing(
    open_as: OpenAs, simulator: Simulator, settings_for: MakeSettings, fault: FaultName
) -> None:
    await fill(open_as, simulator, A, "a")
    simulator.scenario.api_key = B
    async with open_as(B) as inbox:
        await inbox.account.pbx()
        simulator.faults.set(fault, "list")
        with pytest.raises(ArchiveError) as raised:
            await archived(inbox)
        assert "could not be checked" in str(raised.value)
        assert not any(key[1:9] in str(raised.value) for key in (A, B))
        assert not settings_for(simulator, api_key=B).archive_path.exists()
        simulator.faults.clear()
        assert await archived(inbox) == OF_A


async def test_a_pbx_that_identifies_the_archive_too_slowly_is_not_waited_for(
    open_as: OpenAs, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vm_mcp.inbox.identity.PROOF_SECONDS", 0.2)
    await fill(open_as, simulator, A, "a")
    simulator.scenario.api_key = B
    async with open_as(B) as inbox:
        simulator.faults.set("slow", "list")
        with pytest.raises(ArchiveError, match="too slowly"):
            await archived(inbox)


@pytest.mark.parametrize("folder", ["x" * 300, "a/" * 3000])
async def test_listing_works_where_the_archive_folder_can_not_be_read(
    open_as: OpenAs, simulator: Simulator, tmp_path: Path, folder: str
) -> None:
    becomes(simulator, B, "b")
    async with open_as(B, archive_dir=tmp_path / folder) as inbox:
        assert await listed(inbox) == OF_B
        with pytest.raises(ArchiveError, match="VM_MCP_DATA_DIR"):
            await archived(inbox)


async def test_many_archives_and_files_that_only_look_like_one(
    open_as: OpenAs, simulator: Simulator, settings_for: MakeSettings
) -> None:
    await fill(open_as, simulator, A, "a")
    path = settings_for(simulator, api_key=A).archive_path
    for number in range(100):
        shutil.copy(path, path.with_name(path.name.replace("@", f"@x{number}-")))
    path.with_name(path.name.replace("@key", "@empty")).touch()
    path.with_name(path.name.replace("@key", "@\udcff[x]")).write_bytes(b"x" * 5000)
    path.with_name(path.name.replace("@key", "@lost")).symlink_to("/nowhere")
    path.with_name(path.name.replace("@key", "@loop")).symlink_to(path.name.replace("@key", "@loop"))
    path.with_name(path.name.replace("@key", "@folder")).mkdir()
    becomes(simulator, B, "b")
    async with open_as(B) as inbox:
        await listed(inbox)
        assert await archived(inbox) == OF_B
    becomes(simulator, A, "a")
    async with open_as(A) as inbox:
        assert await archived(inbox) == OF_A
