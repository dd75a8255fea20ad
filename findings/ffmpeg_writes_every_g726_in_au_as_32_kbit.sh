#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg's au muxer), G.726 at 16, 24, 32 and 40 kbit/s in AU, whose header has a code for three of the four.
#
# Expected: the code of the rate that was encoded: 25 (24 kbit/s) and 26 (40) as 23 (32); for 16, which has none, an error.
# At least FFmpeg reads back what it wrote.
#
# Seen: the header says 32 kbit/s, code 23, whatever was encoded. FFmpeg itself and libsndfile then read a file of another
# rate as so many samples of noise, without an error: 24 kbit/s come out as three quarters of the length.
#
# Run by hand: bash findings/ffmpeg_writes_every_g726_in_au_as_32_kbit.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet av==18.1.0 numpy soundfile==0.14.0
venv/bin/python - <<'PYTHON'
import io
import av
import numpy as np
import soundfile

RATE, STEP = 8000, 800
tone = (3000 * np.sin(2 * np.pi * 440 * np.arange(RATE * 5) / RATE)).astype(np.int16)

def written(bits):
    file = io.BytesIO()
    with av.open(file, "w", format="au") as container:
        stream = container.add_stream("g726le", rate=RATE, layout="mono", options={"code_size": str(bits)})
        stream.bit_rate = bits * RATE
        for begin in range(0, len(tone), STEP):
            frame = av.AudioFrame.from_ndarray(tone[np.newaxis, begin : begin + STEP], format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, begin
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()

def likeness(sound):
    length = min(len(sound), len(tone))
    return np.corrcoef(sound[:length], tone[:length])[0, 1]

print("PyAV", av.__version__, "libsndfile", soundfile.__libsndfile_version__)
for bits in (2, 3, 4, 5):
    content = written(bits)
    code, size = int.from_bytes(content[12:16], "big"), len(content) - int.from_bytes(content[4:8], "big")
    with av.open(io.BytesIO(content)) as container:
        ours = np.concatenate([frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)])
    theirs, _ = soundfile.read(io.BytesIO(content))
    print(f"{bits * 8} kbit/s: code {code}, {size * 8 / len(tone):.1f} bits a sample, FFmpeg {len(ours) / RATE:.2f} s, "
          f"likeness {likeness(ours):.3f}; libsndfile {len(theirs) / RATE:.2f} s, {likeness(theirs):.3f}")
    assert code == 23 and abs(size * 8 / len(tone) - bits) < 0.1
    assert (likeness(ours) > 0.95) == (likeness(theirs) > 0.95) == (bits == 4)
PYTHON
