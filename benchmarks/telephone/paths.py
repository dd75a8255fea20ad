"""The paths that recordings are sent over: who calls how, through which codec, over which line."""

from typing import Final, Literal, NamedTuple

from telephone.lines import Line

Agents = Literal["pjsip", "baresip", "file"]
"""Both user agents of a call; ``file``: no call, the recording itself."""

BARESIP: Final = "baresip"
FILE: Final = "file"
_A_LAW = "PCMA/8000/1"


class TelephonePath(NamedTuple):
    """One way for a message to reach the mailbox."""

    name: str
    about: str
    """What is done, for the table."""
    agents: Agents = "pjsip"
    codec: str = _A_LAW
    rate: int = 8_000
    """Hz at which the mailbox records."""
    line: Line = Line()
    gain_db: float = 0.0
    """How much louder the caller is."""
    signal_to_noise_db: float | None = None
    """Of the noise around the caller; None: there is none."""
    suppresses_silence: bool = False
    suppresses_noise: bool = False
    keys: Literal["", "events", "tones", "tones after"] = ""
    """Whether keys are pressed, and how they are sent; ``after``: once the caller has spoken."""
    spoken: float = 1.0
    """Fraction of the recording after which the caller hangs up."""
    both_legs: bool = False
    """Whether the mailbox speaks first, and its own voice is recorded in a channel of its own."""


PATHS = (
    TelephonePath("clean", "the recording itself, no call", FILE),
    TelephonePath("pcma", "G.711 A-law"),
    TelephonePath("pcmu", "G.711 µ-law", codec="PCMU/8000/1"),
    TelephonePath("g722", "G.722", codec="G722/16000/1", rate=16_000),
    TelephonePath("gsm", "GSM full rate", codec="GSM/8000/1"),
    TelephonePath("ilbc", "iLBC, 30 ms", codec="iLBC/8000/1"),
    TelephonePath("speex", "Speex, 8 kHz", codec="speex/8000/1"),
    TelephonePath("speex-wide", "Speex, 16 kHz", codec="speex/16000/1", rate=16_000),
    TelephonePath("opus", "Opus", BARESIP, "opus/48000/1", 16_000),
    TelephonePath("amr", "AMR", BARESIP, "AMR/8000/1"),
    TelephonePath("loss", "A-law, 10 % of the packets lost evenly", line=Line(loss=0.1)),
    TelephonePath("bursts", "A-law, 10 % lost, four in a row on average", line=Line(loss=0.1, burst=4)),
    TelephonePath("jitter-60", "A-law, packets late by up to 60 ms", line=Line(jitter_seconds=0.06)),
    TelephonePath("jitter-200", "A-law, packets late by up to 200 ms", line=Line(jitter_seconds=0.2)),
    TelephonePath("quiet", "A-law, caller 30 dB quieter", gain_db=-30),
    TelephonePath("gaps", "A-law, silence suppressed", suppresses_silence=True),
    TelephonePath(
        "gaps-quiet", "A-law, silence suppressed, caller 30 dB quieter", gain_db=-30, suppresses_silence=True
    ),
    TelephonePath("noise", "A-law, noise 10 dB below the voice", BARESIP, signal_to_noise_db=10),
    TelephonePath(
        "denoised",
        "the same, noise suppressed by Speex's preprocessor",
        BARESIP,
        signal_to_noise_db=10,
        suppresses_noise=True,
    ),
    TelephonePath("keys-events", "A-law, four keys pressed over the words, as RFC 4733 events", keys="events"),
    TelephonePath("keys-tones", "A-law, the same as tones", keys="tones"),
    TelephonePath("keys-number", "A-law, eleven keys pressed after the words, as tones", keys="tones after"),
    TelephonePath("hung-up", "A-law, hung up at 60 % of the recording", spoken=0.6),
    TelephonePath("two-legs", "A-law, mailbox and caller in two channels", both_legs=True),
)
