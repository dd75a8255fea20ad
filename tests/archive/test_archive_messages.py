"""Messages as they were listed last, their latest transcripts, and their callers."""

import pytest
from support.archive_samples import NOW, keep, key, leased, transcript, voicemail

from vm_mcp.archive import Archive, KnownTranscript

pytest_plugins = ["support.archive_fixtures"]
pytestmark = pytest.mark.anyio


async def test_a_message_is_as_any_process_listed_it_last(archive: Archive, other: Archive) -> None:
    await archive.note_listed([voicemail("u", "Ayşe"), voicemail("v", "Emre")])
    await other.note_listed([voicemail("u", "Ayşe Yılmaz", is_read=True)])
    assert await archive.voicemail("u") == voicemail("u", "Ayşe Yılmaz", is_read=True)
    assert await other.voicemail("v") == voicemail("v", "Emre")
    assert await archive.voicemail("w") is None


async def test_an_empty_list_changes_nothing(archive: Archive) -> None:
    await archive.note_listed([])
    assert await archive.recent(5) == []


async def test_recent_messages_are_newest_first_and_those_without_a_timestamp_last(archive: Archive) -> None:
    await archive.note_listed([voicemail("older", days_ago=2), voicemail("undated", received_at=None)])
    await archive.note_listed([voicemail("oldest", days_ago=3), voicemail("newest", days_ago=1)])
    assert [each.uuid for each in await archive.recent(9)] == ["newest", "older", "oldest", "undated"]
    assert [each.uuid for each in await archive.recent(2)] == ["newest", "older"]


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [("", {"ab", "a%", "a_", "Ab"}), ("a", {"ab", "a%", "a_"}), ("a%", {"a%"}), ("a_", {"a_"}), ("A", {"Ab"})],
)
async def test_a_prefix_is_taken_literally(archive: Archive, prefix: str, expected: set[str]) -> None:
    await archive.note_listed([voicemail(uuid) for uuid in ("ab", "a%", "a_", "Ab")])
    assert {each.uuid for each in await archive.recent(9, prefix)} == expected


async def test_a_list_shows_the_beginning_of_the_latest_transcript(archive: Archive) -> None:
    await keep(archive, "again", "yanlış")
    await keep(archive, "again", "doğru")
    await keep(archive, "long", "sözcük " * 40)
    await keep(archive, "one word", "a" * 201)
    await keep(archive, "fits", "b" * 200)
    await keep(archive, "silent", "")
    await archive.note_listed([voicemail("listed only")])
    known = await archive.known(["again", "long", "one word", "fits", "silent", "listed only", "unknown"])
    assert known == {
        "again": KnownTranscript("doğru", no_speech=False),
        "long": KnownTranscript(" ".join(["sözcük"] * 11) + "…", no_speech=False),
        "one word": KnownTranscript("a" * 80 + "…", no_speech=False),
        "fits": KnownTranscript("b" * 200, no_speech=False),
        "silent": KnownTranscript("", no_speech=True),
    }


async def test_thousands_of_messages_can_be_looked_up_at_once(archive: Archive) -> None:
    uuids = [f"u{number}" for number in range(5000)]
    await keep(archive, "u4999", "merhaba")
    await archive.record_retrieval("u4998", NOW)
    assert set(await archive.known(uuids)) == {"u4999"}
    assert set(await archive.retrievals(uuids)) == {"u4998"}


async def test_the_latest_transcript_is_the_last_saved_of_any_model(archive: Archive) -> None:
    assert await archive.newest_id("u") == 0
    assert await archive.latest("u") is None
    ids = []
    for model, text in (("small", "iki"), ("base", "bir"), ("small", "üç")):
        lease = await leased(archive, key("u", model), refresh=True)
        assert await archive.save(lease, transcript(text))
        ids.append(await archive.newest_id("u"))
        assert (await archive.latest("u")) == transcript(text)
    assert ids == sorted(set(ids))
    assert await archive.transcript(key("u", "base")) == transcript("bir")
    assert await archive.transcript(key("u", "large")) is None


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("yılmaz", ["Ayşe Yılmaz, 05321112233", "Yılmaz Kaya, 1002"]),
        ("AYSE", ["Ayşe Yılmaz, 05321112233"]),
        ("ayse yilmas", ["Ayşe Yılmaz, 05321112233"]),
        ("+90 532 111", ["Ayşe Yılmaz, 05321112233"]),
        ("2164417720", ["02164417720"]),
        ("05321112234", ["Ayşe Yılmaz, 05321112233"]),
        ("nobody of that name", []),
        ("", []),
        ("-", []),
    ],
)
async def test_callers_are_found_by_part_of_a_name_or_number_or_with_a_slip(
    archive: Archive, wanted: str, expected: list[str]
) -> None:
    await archive.note_listed(
        [
            voicemail("a", "Ayşe Yılmaz", "05321112233"),
            voicemail("again", "Ayşe Yılmaz", "05321112233"),
            voicemail("b", "Yılmaz Kaya", "1002"),
            voicemail("c", "", "02164417720"),
            voicemail("hidden"),
        ]
    )
    assert await archive.callers_like(wanted) == expected


async def test_an_archive_can_be_closed_twice_and_other_processes_go_on(archive: Archive, other: Archive) -> None:
    await archive.save(await leased(archive), transcript("merhaba"))
    await archive.aclose()
    await archive.aclose()
    assert await other.latest("u") == transcript("merhaba")
