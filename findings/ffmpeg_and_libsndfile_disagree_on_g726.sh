#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg) and libsndfile 1.2.2, G.726 at 32 and 40 kbit/s in AU, where both begin at the same half of a byte.
#
# Expected: the recommendation defines G.726 to the last bit, so that both decoders give the same samples.
#
# Seen: each reads its own files well. At 40 kbit/s FFmpeg reads those of libsndfile 6 dB softer and distorted, and
# libsndfile those of FFmpeg 10 dB louder; at 32 kbit/s they are 1 dB apart. Nothing in the file says who wrote it. A third,
# Debian's spandsp 0.0.6, agreed with libsndfile at 40 kbit/s and with FFmpeg at 32: each of the two is wrong once.
#
# Run by hand: bash findings/ffmpeg_and_libsndfile_disagree_on_g726.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet av==18.1.0 numpy soundfile==0.14.0
venv/bin/python - <<'PYTHON'
import io, struct
import av
import numpy as np
import soundfile

RATE, STEP = 8000, 800
CODES, SUBTYPES = {4: 23, 5: 26}, {4: "G721_32", 5: "G723_40"}
times = np.arange(RATE * 10) / RATE
loud = 0.5 + 0.5 * np.sin(2 * np.pi * 3 * times)  # syllables
hum = sum(np.sin(2 * np.pi * 130 * k * times + k * k) / k for k in range(1, 12))
speech = (4000 * loud * hum + np.random.default_rng(0).normal(0, 200, len(times))).astype(np.int16)

def by_ffmpeg(bits):
    file = io.BytesIO()
    with av.open(file, "w", format="au") as container:
        stream = container.add_stream("g726le", rate=RATE, layout="mono", options={"code_size": str(bits)})
        stream.bit_rate = bits * RATE
        for begin in range(0, len(speech), STEP):
            frame = av.AudioFrame.from_ndarray(speech[np.newaxis, begin : begin + STEP], format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, begin
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    content = bytearray(file.getvalue())
    struct.pack_into(">I", content, 12, CODES[bits])  # FFmpeg writes 23 for every rate
    return bytes(content)

def by_libsndfile(bits):
    file = io.BytesIO()
    soundfile.write(file, speech, RATE, format="AU", subtype=SUBTYPES[bits])
    return file.getvalue()

def to_ffmpeg(content):
    with av.open(io.BytesIO(content)) as container:
        return np.concatenate([frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)])

def to_libsndfile(content):
    return soundfile.read(io.BytesIO(content), dtype="int16")[0]

def fit(sound):
    length = min(len(sound), len(speech))
    heard, said = sound[:length].astype(float), speech[:length].astype(float)
    return 20 * np.log10(heard.std() / said.std()), np.corrcoef(heard, said)[0, 1]

print("PyAV", av.__version__, "libsndfile", soundfile.__libsndfile_version__)
for bits in (4, 5):
    for writer in (by_ffmpeg, by_libsndfile):
        content = writer(bits)
        for reader in (to_ffmpeg, to_libsndfile):
            louder, likeness = fit(reader(content))
            own = writer.__name__[3:] == reader.__name__[3:]
            print(f"{bits * 8} kbit/s {writer.__name__}, {reader.__name__}: {louder:+.2f} dB, likeness {likeness:.4f}")
            assert (abs(louder) < 0.2) == own
            assert likeness > 0.99 if own else bits == 4 or likeness < 0.95
PYTHON
