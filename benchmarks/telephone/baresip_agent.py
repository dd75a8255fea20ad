"""User agents of baresip, a program of its own, with codecs that pjsua2's wheels lack.

Debian's package ``baresip-core`` has Opus, AMR and Speex's noise suppression. It takes its settings from a folder.
"""

import shutil
from dataclasses import dataclass
from math import ceil
from pathlib import Path

PROGRAM = shutil.which("baresip")
READY = "baresip is ready"
"""What it prints when it can be called."""

_MODULES = ("aubridge", "aufile", "sndfile", "g711", "opus", "amr")
_APPLICATIONS = ("account", "menu")
_DIALLING_SECONDS = 1


@dataclass(frozen=True)
class Job:
    """What an agent does."""

    folder: Path
    """For its settings, and for what it records; to be made."""
    sip_port: int
    media_port: int
    codec: str
    """As baresip names it, such as ``AMR/8000/1``."""
    seconds: float
    """When it ends, and hangs up."""
    call: str = ""
    """URI to call; empty: answer."""
    play: Path | None = None
    """WAV file of 16 bits and one channel to play into the call; None: silence."""
    rate: int = 16_000
    """Hz of that file, at most the codec's: of 16 kHz, baresip 1.0 sends little above 1.2 kHz through one of 8 kHz."""
    suppresses_noise: bool = False
    """Whether Speex's preprocessor works on what is played: against noise and echoes, and for an even level."""


def command(job: Job) -> list[str]:
    """Write an agent's settings, and return the command that starts it."""
    job.folder.mkdir()
    (job.folder / "config").write_text("\n".join(_settings(job)) + "\n", encoding="utf-8")
    (job.folder / "contacts").touch()
    account = f"<sip:agent@127.0.0.1:{job.sip_port}>;regint=0;answermode=auto;audio_codecs={job.codec}\n"
    (job.folder / "accounts").write_text(account, encoding="utf-8")
    dial = ["-e", f"/dial {job.call}"] if job.call else []
    return [PROGRAM or "baresip", "-f", str(job.folder), "-t", str(ceil(job.seconds) + _DIALLING_SECONDS), *dial]


def recorded(folder: Path) -> Path:
    """Return the file of what an agent heard.

    Raises:
        FileNotFoundError: There is none.
    """
    found = next(folder.glob("*-dec.wav"), None)
    if not found:
        raise FileNotFoundError(f"nothing was recorded in {folder}")
    return found


def _settings(job: Job) -> list[str]:
    modules = [*_MODULES, *(["speex_pp"] if job.suppresses_noise else [])]
    return [
        f"sip_listen 127.0.0.1:{job.sip_port}",
        f"rtp_ports {job.media_port}-{job.media_port + 1}",
        "net_interface 127.0.0.1",
        # A bridge that leads nowhere takes the place of a sound card; `sndfile` records both directions.
        "audio_player aubridge,nowhere",
        "audio_alert aubridge,nowhere",
        f"audio_source {f'aufile,{job.play}' if job.play else 'aubridge,nowhere'}",
        f"ausrc_srate {job.rate}",
        "ausrc_channels 1",
        "opus_stereo no",
        "opus_sprop_stereo no",
        f"snd_path {job.folder}",
        "module_path /usr/lib/baresip/modules",
        *(f"module {name}.so" for name in modules),
        *(f"module_app {name}.so" for name in _APPLICATIONS),
    ]
