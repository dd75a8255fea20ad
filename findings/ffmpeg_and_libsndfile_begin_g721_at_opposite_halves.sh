#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg) and libsndfile 1.2.2, G.721 (ADPCM of 32 kbit/s) in WAV, code 0x0040.
#
# Expected: one name, one code in the header, one sound: two samples to a byte, and both libraries agree on which comes first.
# Or the same order in WAV as in AU, since each library reads the other's AU files.
#
# Seen: in WAV, libsndfile writes the first sample into the lower half of each byte, as in AU, and FFmpeg takes it from the
# upper half. So each two samples change places, against a predictor that relies on their order: a soft tone comes out as
# something else, without an error. With the halves swapped, FFmpeg reads the file.
#
# Run by hand: bash findings/ffmpeg_and_libsndfile_begin_g721_at_opposite_halves.sh. Fails if any of it changes.
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

RATE = 8000
tone = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(RATE * 3) / RATE + 0.4)

def written(container):
    file = io.BytesIO()
    soundfile.write(file, tone, RATE, format=container, subtype="G721_32")
    return file.getvalue()

def likeness(content):
    with av.open(io.BytesIO(content)) as container:
        sound = np.concatenate([frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)])
    return np.corrcoef(sound[: len(tone)], tone[: len(sound)])[0, 1]

wav, au = written("WAV"), written("AU")
begin = wav.index(b"data") + 8
swapped = wav[:begin] + bytes((byte & 15) << 4 | byte >> 4 for byte in wav[begin:])
theirs, _ = soundfile.read(io.BytesIO(wav))
found = {"libsndfile, WAV": np.corrcoef(theirs[: len(tone)], tone[: len(theirs)])[0, 1], "FFmpeg, WAV": likeness(wav),
         "FFmpeg, WAV with the halves swapped": likeness(swapped), "FFmpeg, AU": likeness(au)}
print("PyAV", av.__version__, "libsndfile", soundfile.__libsndfile_version__, "code", hex(int.from_bytes(wav[20:22], "little")))
for name, value in found.items():
    print(f"{name}: likeness to the tone {value:.3f}")
wrong = found.pop("FFmpeg, WAV")
assert wrong < 0.9, wrong
assert all(value > 0.97 for value in found.values()), found
PYTHON
