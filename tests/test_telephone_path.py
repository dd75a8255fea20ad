"""What the telephone benchmark counts with: the line, the relay, what is cut, what is wrong."""

import asyncio
from itertools import groupby, islice, repeat
from pathlib import Path

import numpy as np
import pytest
from support.sounds import voice
from telephone import sounds
from telephone.callers import Caller, choose
from telephone.judging import Verdict, judge
from telephone.lines import Line, delays
from telephone.loss_of_sound import cut_milliseconds
from telephone.one_call import Failed, Recorded
from telephone.paths import PATHS, TelephonePath
from telephone.relay import LOOPBACK, Relay
from telephone.report import failures, table

from vm_mcp.audio import SAMPLE_RATE
from vm_mcp.models import Segment, Transcript, Untranscribed

pytestmark = pytest.mark.benchmarks

PHONE = "05324172893"
CLEAN = TelephonePath("clean", "no call", "file")
TURKISH = next(caller for caller in choose(10, None) if caller.message.name == "tr02_geri_ara")


def losses(line: Line, count: int) -> list[bool]:
    return [late is None for late in islice(delays(line, "seed"), count)]


@pytest.mark.parametrize(("line", "in_a_row"), [(Line(loss=0.1), 1 / 0.9), (Line(loss=0.1, burst=4), 4)])
def test_a_line_loses_as_many_packets_as_it_should_and_as_many_in_a_row(line: Line, in_a_row: float) -> None:
    lost = losses(line, 40_000)
    runs = [len(list(run)) for is_lost, run in groupby(lost) if is_lost]
    assert np.mean(lost) == pytest.approx(0.1, abs=0.01)
    assert np.mean(runs) == pytest.approx(in_a_row, rel=0.1)
    assert losses(line, 100) == lost[:100]


def test_a_line_delays_by_any_time_up_to_its_jitter_and_a_good_one_by_none() -> None:
    late = list(islice(delays(Line(jitter_seconds=0.2), "seed"), 2_000))
    assert [each for each in late if each is None] == []
    assert (min(filter(None, late)), max(filter(None, late))) == pytest.approx((0, 0.2), abs=0.01)
    assert set(islice(delays(Line(), "seed"), 100)) == {0}


class Agent(asyncio.DatagramProtocol):
    """A user agent's socket: keeps what it receives."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, _: object) -> None:
        self.received.put_nowait(data)


async def open_agent() -> tuple[asyncio.DatagramTransport, Agent, int]:
    transport, agent = await asyncio.get_running_loop().create_datagram_endpoint(Agent, (LOOPBACK, 0))
    return transport, agent, transport.get_extra_info("sockname")[1]


@pytest.mark.anyio
async def test_a_relay_puts_itself_between_two_agents_and_loses_the_callers_packets() -> None:
    (caller_sip, caller, _), (caller_rtp, caller_media, caller_port) = [await open_agent() for _ in range(2)]
    (mailbox_sip, mailbox, mailbox_at), (mailbox_rtp, mailbox_media, mailbox_port) = [
        await open_agent() for _ in range(2)
    ]
    relay = Relay(mailbox_at, iter([0.0, None, 0.001]))
    spare = [await open_agent() for _ in range(2)]
    sip, media = (port for _, _, port in spare)
    for transport, _, _ in spare:
        transport.close()
    await asyncio.sleep(0)
    await relay.open(sip, media)
    caller_sip.sendto(
        b"INVITE\r\n\r\nm=audio %d RTP/AVP 8\r\na=rtcp:%d IN" % (caller_port, caller_port + 1), (LOOPBACK, sip)
    )
    assert await mailbox.received.get() == b"INVITE\r\n\r\nm=audio %d RTP/AVP 8\r\na=rtcp:%d IN" % (media, media + 1)
    mailbox_sip.sendto(b"OK\r\n\r\nm=audio %d RTP/AVP 8" % mailbox_port, (LOOPBACK, sip))
    assert await caller.received.get() == b"OK\r\n\r\nm=audio %d RTP/AVP 8" % media
    assert relay.codec == "PCMA"
    for packet in (b"one", b"two", b"three"):
        caller_rtp.sendto(packet, (LOOPBACK, media))
    assert [await mailbox_media.received.get() for _ in range(2)] == [b"one", b"three"]
    mailbox_rtp.sendto(b"back", (LOOPBACK, media))
    assert await caller_media.received.get() == b"back"
    assert (relay.packets, relay.lost) == (3, 1)
    relay.close()
    for transport in (caller_sip, caller_rtp, mailbox_sip, mailbox_rtp):
        transport.close()


def test_what_is_cut_is_measured_whatever_the_delay_and_what_is_repeated_is_not_cut() -> None:
    said = voice("tr04_adres")
    late = np.pad(said, (SAMPLE_RATE // 3, 0))
    assert cut_milliseconds(said, late)[0] == 0
    lost_packet = late.copy()
    lost_packet[2 * SAMPLE_RATE : 2 * SAMPLE_RATE + 320] = 0
    assert cut_milliseconds(said, lost_packet)[0] == 0
    without_a_second = late.copy()
    without_a_second[2 * SAMPLE_RATE : 4 * SAMPLE_RATE] = 0
    cut, spoken = cut_milliseconds(said, without_a_second)
    assert 1_000 < cut < 2_000
    assert 10_000 < spoken < len(said) / SAMPLE_RATE * 1_000
    assert cut_milliseconds(said, np.zeros_like(late)) == (spoken, spoken)
    assert cut_milliseconds(said, np.zeros(0, np.float32)) == (0, 0)


def test_keys_sound_in_place_of_the_voice_and_after_it() -> None:
    said = np.full(SAMPLE_RATE, 0.5, np.float32)
    keyed = sounds.with_tones(said, ((0.5, "5"), (1.5, "0")))
    assert np.array_equal(keyed[: SAMPLE_RATE // 2], said[: SAMPLE_RATE // 2])
    assert np.array_equal(keyed[SAMPLE_RATE // 2 :][: len(sounds.tone("5"))], sounds.tone("5"))
    assert np.array_equal(keyed[SAMPLE_RATE * 3 // 2 :][: len(sounds.tone("0"))], sounds.tone("0"))


def test_everybody_who_calls_has_words_that_are_known_or_none() -> None:
    callers = choose(10, None)
    assert len({caller.message.name for caller in callers}) == 10
    assert {caller.language for caller in callers} == {"tr", "en", ""}
    assert TURKISH.numbers == {PHONE}
    [slot] = TURKISH.message.slots
    assert TURKISH.message.text.split()[slot.start : slot.end][:2] == ["sıfır", "beş"]


def judged(folder: Path, text: str, path: TelephonePath = CLEAN, caller: Caller = TURKISH) -> Verdict:
    recorded = folder / "recorded.wav"
    said = voice(caller.message.name)
    sounds.write(recorded, [said[: len(said) // 2]])
    segment = Segment(text=text, start_seconds=0, end_seconds=5, avg_logprob=-0.2, no_speech_prob=0, language="")
    transcript = Transcript(
        language=caller.language if text else "",
        segments=(segment,) if text else (),
        duration_seconds=5,
        engine="",
        model="",
        untranscribed=(Untranscribed(kind="sound", start_seconds=0, end_seconds=5),),
    )
    return judge(Recorded(path, caller, recorded, None), transcript)


def test_a_transcript_of_every_word_has_no_error(tmp_path: Path) -> None:
    verdict = judged(tmp_path, TURKISH.message.text)
    assert (verdict.words, verdict.errors, verdict.invented) == (24, 0, 0)
    assert (verdict.numbers, verdict.numbers_right, verdict.sure_wrong) == (1, 1, 0)
    assert verdict.cut > verdict.spoken / 3


def test_a_wrong_number_that_looks_sure_is_counted(tmp_path: Path) -> None:
    verdict = judged(tmp_path, TURKISH.message.text.replace("doksan üç", "doksan beş"))
    assert (verdict.errors, verdict.numbers_right, verdict.sure, verdict.sure_wrong) == (1, 0, 1, 1)
    assert (verdict.unwarned, verdict.missed_untold) == (1, 0)


def test_a_number_that_is_missing_in_fluent_words_is_counted(tmp_path: Path) -> None:
    verdict = judged(tmp_path, "İyi günler, ben Mehmet Kaya. Telefondan geri arayabilir misiniz?")
    assert (verdict.numbers_right, verdict.sure, verdict.missed_untold) == (0, 0, 1)


def test_a_call_that_was_hung_up_is_compared_with_what_was_said_until_then(tmp_path: Path) -> None:
    beginning = "İyi günler, ben Mehmet Kaya. Beni sıfır"
    verdict = judged(tmp_path, beginning, CLEAN._replace(spoken=0.4))
    assert (verdict.words, verdict.errors, verdict.numbers) == (7, 0, 0)
    assert judged(tmp_path, beginning).errors == 17


def test_no_words_where_somebody_speaks_are_lost_and_words_where_nobody_does_are_invented(tmp_path: Path) -> None:
    nobody = next(caller for caller in choose(10, None) if not caller.language)
    assert judged(tmp_path, "")[:2] == (24, 24)
    assert (judged(tmp_path, "").lost, judged(tmp_path, "").lost_untold) == (1, 1)
    silent = judged(tmp_path, "Altyazı yok.", caller=nobody)
    assert (silent.words, silent.errors, silent.invented, silent.lost) == (0, 0, 2, 0)


def test_the_table_has_a_row_for_each_path_and_a_line_for_each_failed_call(tmp_path: Path) -> None:
    verdict = judged(tmp_path, TURKISH.message.text)
    rows = table({CLEAN: [verdict], PATHS[1]: list(repeat(verdict, 3))}).splitlines()
    assert [row.split(" | ")[0] for row in rows[2:]] == ["| clean", "| pcma"]
    assert len({row.count("|") for row in rows}) == 1
    assert "| 3 of 3 |" in rows[3]
    assert failures([Failed(CLEAN, TURKISH, "TimeoutError")]) == "- clean, tr02_geri_ara: TimeoutError"


def test_every_path_has_a_name_of_its_own() -> None:
    assert len({path.name for path in PATHS}) == len(PATHS)
