"""Transcripts in several languages, and those without words."""

import pytest
from support.archive_samples import key, leased, transcript, voicemail

from vm_mcp.archive import Archive, KnownTranscript, Lease
from vm_mcp.models import Transcript, Untranscribed

pytest_plugins = ["support.archive_fixtures"]
pytestmark = pytest.mark.anyio


def mixed() -> Transcript:
    turkish = transcript("Numaram sıfır beş yüz otuz iki dört yüz on yedi yirmi sekiz doksan üç.")
    [english] = transcript("My number is zero two one six three four five six seven eight nine.").segments
    segments = (*turkish.segments, english.model_copy(update={"language": "en"}))
    return turkish.model_copy(update={"segments": segments})


async def test_numbers_of_both_languages_are_found(archive: Archive) -> None:
    await archive.note_listed([voicemail("u")])
    await archive.save(await leased(archive), mixed())
    for typed in ("0532 417 28 93", "0216 345 67 89"):
        assert [hit.voicemail.uuid for hit in (await archive.search(typed)).hits] == ["u"]


async def test_a_transcript_in_two_languages_does_not_stand_in_for_one_of_them(archive: Archive) -> None:
    await archive.save(await leased(archive), mixed())
    assert await archive.acquire(key()) == mixed()
    assert isinstance(await archive.acquire(key(language="tr")), Lease)


async def test_a_list_shows_where_somebody_speaks_and_was_not_understood(archive: Archive) -> None:
    for kind in ("speech", "sound"):
        stretch = Untranscribed(kind=kind, start_seconds=1, end_seconds=9)
        wordless = transcript("").model_copy(update={"untranscribed": (stretch,)})
        await archive.save(await leased(archive, key(kind)), wordless)
    assert await archive.known(["speech", "sound"]) == {
        "speech": KnownTranscript("", no_speech=True, not_understood=True),
        "sound": KnownTranscript("", no_speech=True),
    }
