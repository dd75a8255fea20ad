"""How a key shows whose it is: what counts as proof, what does not, and how few requests it takes."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import MakeSettings
from pydantic import SecretStr
from support.accounts import A, B, OpenAs, becomes, fill, kept, listed, messages_of

from vm_mcp.archive.sqlite import SqliteArchive
from vm_mcp.config import Settings
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
    """Keep an archive as a backup program may."""
    with closing(sqlite3.connect(path, isolation_level=None)) as lock:
        lock.execute("PRAGMA locking_mode = EXCLUSIVE")
        lock.execute("BEGIN EXCLUSIVE")
        yield
        lock.execute("COMMIT")


def of_every_key(settings: Settings) -> Path:
    """Make this key's archive what a release without accounts left."""
    path = settings.archive_path
    legacy = path.with_name(f"{path.stem.partition('@')[0]}.sqlite3")
    path.rename(legacy)
    with closing(sqlite3.connect(legacy)) as connection:
        connection.execute("DROP TABLE account_keys")
        connection.execute("PRAGMA user_version = 3")
        connection.commit()
    return legacy


@pytest.mark.usefixtures("impatient")
async def test_a_message_that_was_only_asked_for_is_no_proof(open_as: OpenAs, simulator: Simulator) -> None:
    """The PBX is down, so the attempt stays noted: with a uuid that may be of any account."""
    await fill(open_as, simulator, A, "a")
    async with open_as(A) as inbox:
        simulator.faults.set("http500")
        with pytest.raises(VmError):
            await inbox.recordings.link("b-0")
    simulator.faults.clear()
    becomes(simulator, B, "b")
    async with open_as(B) as inbox:
        assert await kept(inbox) == []


async def test_an_archive_that_was_locked_when_it_was_looked_at_is_not_open_afterwards(
    open_as: OpenAs, simulator: Simulator, settings_for: MakeSettings
) -> None:
    await fill(open_as, simulator, A, "a", account="klinik")
    becomes(simulator, B, "b")
    async with open_as(B, account="klinik") as inbox:
        with (
            locked(settings_for(simulator, api_key=A, account="klinik").archive_path),
            pytest.raises(ArchiveError, match="Close what else uses it"),
        ):
            await kept(inbox)
        with pytest.raises(AccountMismatchError, match="klinik"):
            await kept(inbox)


async def test_a_renewed_keys_archive_is_waited_for_while_it_is_locked(
    open_as: OpenAs, simulator: Simulator, settings_for: MakeSettings
) -> None:
    """A new one in its place would have the key accepted, and the old one forgotten for good."""
    await fill(open_as, simulator, A, "a")
    simulator.scenario.api_key = B
    async with open_as(B) as inbox:
        with locked(settings_for(simulator, api_key=A).archive_path):
            page = await inbox.list_voicemails(ListRequest())
            assert [voicemail.uuid for voicemail in page.voicemails] == OF_A
            assert "locked" in page.notice
        assert await kept(inbox) == OF_A


async def test_messages_without_a_time_keep_an_archive_closed_to_another_key(
    open_as: OpenAs, simulator: Simulator
) -> None:
    becomes(simulator, A, "a")
    for message in simulator.scenario.messages:
        message.overrides = {"start_stamp": "?"}
    async with open_as(A, account="klinik") as inbox:
        await listed(inbox)
    becomes(simulator, B, "b")
    async with open_as(B, account="klinik") as inbox:
        with pytest.raises(AccountMismatchError, match="klinik"):
            await kept(inbox)


async def test_two_keys_of_one_name_do_not_mix_though_both_start_before_there_is_anything(
    open_as: OpenAs, simulator: Simulator
) -> None:
    async with open_as(A, account="klinik") as first, open_as(B, account="klinik") as second:
        assert await kept(first) == []
        assert await kept(second) == []
        becomes(simulator, A, "a")
        await listed(first)
        becomes(simulator, B, "b")
        page = await second.list_voicemails(ListRequest())
        assert [voicemail.uuid for voicemail in page.voicemails] == OF_B
        assert "VM_MCP_ACCOUNT" in page.notice
        assert await kept(first) == OF_A
        with pytest.raises(AccountMismatchError, match="klinik"):
            await kept(second)


async def test_an_archive_that_was_emptied_is_free_for_the_key_that_comes_next(
    open_as: OpenAs, simulator: Simulator
) -> None:
    await fill(open_as, simulator, A, "a", account="klinik")
    async with open_as(A, account="klinik") as first:
        await first.history.purge(everything=True)
        becomes(simulator, B, "b")
        async with open_as(B, account="klinik") as second:
            await listed(second)
            assert await kept(second) == OF_B
        with pytest.raises(AccountMismatchError, match="klinik"):
            await kept(first)


async def test_a_server_goes_on_with_the_key_that_it_began_with(
    open_as: OpenAs, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = A
    monkeypatch.setattr("vm_mcp.config.read_key", lambda *_: SecretStr(key))
    becomes(simulator, A, "a")
    async with open_as(None) as inbox:
        await inbox.account.pbx()
        key = B  # somebody logs in with another one
        await listed(inbox)
    becomes(simulator, B, "b")
    async with open_as(B) as inbox:
        assert await kept(inbox) == []


async def test_an_archive_that_was_opened_by_its_name_alone_is_looked_at_again_once_a_key_is_there(
    open_as: OpenAs, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(open_as, simulator, A, "a", account="klinik")
    key: SecretStr | None = None
    monkeypatch.setattr("vm_mcp.config.read_key", lambda *_: key)
    becomes(simulator, B, "b")
    async with open_as(None, account="klinik") as inbox:
        assert await kept(inbox) == OF_A
        key = SecretStr(B)
        assert "VM_MCP_ACCOUNT" in (await inbox.list_voicemails(ListRequest())).notice
        with pytest.raises(AccountMismatchError, match="klinik"):
            await kept(inbox)
    async with open_as(A, account="klinik") as inbox:
        assert await kept(inbox) == OF_A


async def test_a_name_without_an_archive_or_a_key_makes_no_archive(
    open_as: OpenAs, simulator: Simulator, settings_for: MakeSettings
) -> None:
    """It is misspelled, or the account's archive has another name, which only its key would show."""
    await fill(open_as, simulator, A, "a")
    async with open_as(None, account="klnik") as inbox:
        with pytest.raises(ConfigError, match="no archive of the account `klnik`"):
            await inbox.history.purge(everything=True)
    assert not settings_for(simulator, account="klnik").archive_path.exists()


async def test_messages_that_were_opened_long_after_they_were_left_are_a_proof(
    open_as: OpenAs, simulator: Simulator
) -> None:
    becomes(simulator, A, "a", age=timedelta(days=40))
    async with open_as(A) as inbox:
        page = await inbox.list_voicemails(ListRequest(since="60d"))
        await inbox.transcribing.transcribe([voicemail.uuid for voicemail in page.voicemails])
    simulator.scenario.api_key = B
    async with open_as(B) as inbox:
        assert await kept(inbox) == OF_A


async def test_what_was_opened_is_a_proof_also_after_the_messages_were_purged(
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
        assert await kept(inbox) == OF_A


async def test_the_name_of_an_archive_that_is_there_goes_before_the_keys_own(
    open_as: OpenAs, simulator: Simulator, settings_for: MakeSettings
) -> None:
    """A renewed key was not let in, for the PBX listed nothing that day; later its user names the archive."""
    await fill(open_as, simulator, A, "a")
    await fill(open_as, simulator, B, "b")
    account = settings_for(simulator, api_key=A).account_id
    async with open_as(B, account=account) as inbox:
        with pytest.raises(AccountMismatchError, match=account):
            await kept(inbox)
    becomes(simulator, B, "a")
    async with open_as(B, account=account) as inbox:
        assert await kept(inbox) == OF_A


async def test_the_archive_of_a_release_that_mixed_two_keys_is_shown_to_neither(
    open_as: OpenAs, simulator: Simulator, settings_for: MakeSettings
) -> None:
    becomes(simulator, A, "a")
    async with open_as(A) as inbox:
        await listed(inbox)
    legacy = of_every_key(settings_for(simulator, api_key=A))
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
            assert await kept(inbox) == own


async def test_an_archive_of_every_key_that_was_renamed_as_told_is_adopted(
    open_as: OpenAs, simulator: Simulator, settings_for: MakeSettings
) -> None:
    await fill(open_as, simulator, A, "a")
    legacy = of_every_key(settings_for(simulator, api_key=A))
    del simulator.scenario.messages[0]  # deleted at the PBX: it looks as if it were another account's
    async with open_as(A) as inbox:
        assert "rename it" in (await inbox.list_voicemails(ListRequest())).notice
    legacy.rename(legacy.with_name(f"{legacy.stem}@klinik.sqlite3"))
    async with open_as(A, account="klinik") as inbox:
        assert await kept(inbox) == OF_A


@pytest.mark.parametrize("age", [timedelta(hours=1), timedelta(days=100)])
async def test_a_first_list_beside_twelve_other_archives_takes_few_requests(
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
    assert len(simulator.requests) == recently + asked_by_uuid, "the vendor lets ten go at once"
    simulator.requests.clear()
    async with open_as(B) as inbox:
        await listed(inbox)
    assert len(simulator.requests) == 1, "nothing is asked twice"


async def test_the_account_is_found_among_many_that_were_used_lately(open_as: OpenAs, simulator: Simulator) -> None:
    for number in range(12):
        await fill(open_as, simulator, f"K{number:08}-aaaa-4aaa-8aaa-aaaaaaaaaaaa", f"c{number}")
    becomes(simulator, B, "c3")
    async with open_as(B) as inbox:
        assert await kept(inbox) == ["c3-0", "c3-1", "c3-2", "c3-3"]


async def test_a_busy_account_that_slept_for_weeks_is_found(open_as: OpenAs, simulator: Simulator) -> None:
    becomes(simulator, A, "a", age=timedelta(days=20))
    async with open_as(A) as inbox:
        await listed(inbox)
    simulator.scenario.api_key = B
    simulator.scenario.messages[:0] = messages_of("new", count=200)
    async with open_as(B) as inbox:
        assert await kept(inbox) == OF_A


async def test_a_refused_transcription_of_twenty_messages_asks_once_whose_the_key_is(
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
async def test_while_the_pbx_is_down_twenty_messages_wait_for_it_together(
    open_as: OpenAs, simulator: Simulator
) -> None:
    await fill(open_as, simulator, A, "a")
    simulator.scenario.api_key = B
    simulator.faults.set("http500")
    simulator.requests.clear()
    async with open_as(B) as inbox:
        with pytest.raises(ArchiveError, match="could not be asked"):
            await inbox.transcribing.transcribe([f"b-{number}" for number in range(20)])
    assert len(simulator.requests) <= 6, "a try and its retries, before the messages and for all of them"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", [name for name in FAULT_NAMES if Fault(name).happens_at("list")])
async def test_on_a_bad_day_nothing_is_shown_to_a_key_that_is_new_and_nothing_is_lost(
    open_as: OpenAs, simulator: Simulator, settings_for: MakeSettings, fault: FaultName
) -> None:
    await fill(open_as, simulator, A, "a")
    simulator.scenario.api_key = B
    async with open_as(B) as inbox:
        await inbox.account.pbx()
        simulator.faults.set(fault, "list")
        with pytest.raises(ArchiveError) as raised:
            await kept(inbox)
        assert "could not be asked" in str(raised.value)
        assert not any(key[1:9] in str(raised.value) for key in (A, B))
        assert not settings_for(simulator, api_key=B).archive_path.exists()
        simulator.faults.clear()
        assert await kept(inbox) == OF_A


async def test_a_pbx_that_takes_too_long_to_show_whose_a_key_is_is_not_waited_for(
    open_as: OpenAs, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vm_mcp.inbox.identity.PROOF_SECONDS", 0.2)
    await fill(open_as, simulator, A, "a")
    simulator.scenario.api_key = B
    async with open_as(B) as inbox:
        simulator.faults.set("slow", "list")
        with pytest.raises(ArchiveError, match="too slowly"):
            await kept(inbox)


@pytest.mark.parametrize("folder", ["x" * 300, "a/" * 3000])
async def test_a_folder_that_can_not_be_looked_into_costs_the_archive_and_not_the_list(
    open_as: OpenAs, simulator: Simulator, tmp_path: Path, folder: str
) -> None:
    becomes(simulator, B, "b")
    async with open_as(B, archive_dir=tmp_path / folder) as inbox:
        assert await listed(inbox) == OF_B
        with pytest.raises(ArchiveError, match="VM_MCP_DATA_DIR"):
            await kept(inbox)


async def test_a_folder_full_of_archives_and_of_what_only_looks_like_one(
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
        assert await kept(inbox) == OF_B
    becomes(simulator, A, "a")
    async with open_as(A) as inbox:
        assert await kept(inbox) == OF_A
