#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg's wav demuxer), a big-endian WAV file, "RIFX", of 16-bit PCM.
#
# Expected: RIFX is RIFF with every number in big-endian order, samples included, so the tone in it comes out as the same
# samples as from the RIFF file; or, if the order is not supported, opening fails.
#
# Seen: the header is read in the right order (rate, channels and length are right), and the samples in the wrong one: each
# pair of bytes is swapped, so a soft tone becomes loud noise, without an error or a warning. A speech recogniser that is
# given it makes words of the noise.
#
# Run by hand: bash findings/ffmpeg_reads_rifx_samples_backwards.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet av==18.1.0 numpy
venv/bin/python - <<'PYTHON'
import io, struct
import av
import numpy as np

RATE = 8000
tone = np.round(1000 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype(np.int16)

def wav(magic, order):
    data = tone.astype(f"{order}i2").tobytes()
    form = struct.pack(f"{order}HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16)
    chunks = b"WAVEfmt " + struct.pack(f"{order}I", len(form)) + form + b"data" + struct.pack(f"{order}I", len(data)) + data
    return magic + struct.pack(f"{order}I", len(chunks)) + chunks

def decode(content):
    with av.open(io.BytesIO(content)) as container:
        stream = container.streams.audio[0]
        frames = [frame.to_ndarray().reshape(-1) for frame in container.decode(stream)]
        return stream.rate, np.concatenate(frames)

print("PyAV", av.__version__, "libavformat", av.library_versions["libavformat"])
little_rate, little = decode(wav(b"RIFF", "<"))
big_rate, big = decode(wav(b"RIFX", ">"))
print("RIFF: rate", little_rate, "samples", len(little), "loudest", np.abs(little.astype(int)).max())
print("RIFX: rate", big_rate, "samples", len(big), "loudest", np.abs(big.astype(int)).max())
assert (little_rate, len(little)) == (big_rate, len(big)) == (RATE, RATE)
assert np.array_equal(little, tone)
assert np.array_equal(big, tone.byteswap())
PYTHON
