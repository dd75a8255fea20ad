#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg's wav demuxer), an RF64 file whose recorder was cut off before it wrote the sizes in "ds64".
#
# Expected: as with a RIFF file whose data length is 0 or 0xFFFFFFFF, which is read to the end of the file; or an error.
#
# Seen: the file opens, names its rate and channels, and yields not one packet and no error, though all of the sound is
# there. A recorder that writes RF64 from the start, as some do so that long recordings fit, leaves such a file when it is
# killed: it looks like an empty message.
#
# Run by hand: bash findings/ffmpeg_reads_nothing_from_an_unfinished_rf64.sh. Fails if any of it changes.
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

RATE, UNKNOWN = 8000, 0xFFFFFFFF
tone = np.round(1000 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype("<i2").tobytes()
form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, RATE, 2 * RATE, 2, 16)

def rf64(riff_size, data_size, samples):
    sizes = b"ds64" + struct.pack("<IQQQI", 28, riff_size, data_size, samples, 0)
    return b"RF64" + struct.pack("<I", UNKNOWN) + b"WAVE" + sizes + form + b"data" + struct.pack("<I", UNKNOWN) + tone

def riff(size):
    return b"RIFF" + struct.pack("<I", UNKNOWN) + b"WAVE" + form + b"data" + struct.pack("<I", size) + tone

def samples(content):
    with av.open(io.BytesIO(content)) as container:
        return sum(frame.samples for frame in container.decode(container.streams.audio[0]))

finished = rf64(4 + 36 + len(form) + 8 + len(tone), len(tone), RATE)
print("PyAV", av.__version__, "libavformat", av.library_versions["libavformat"])
found = {"RF64, sizes written": samples(finished), "RF64, sizes 0": samples(rf64(0, 0, 0)),
         "RIFF, length 0xFFFFFFFF": samples(riff(UNKNOWN)), "RIFF, length 0": samples(riff(0))}
for name, count in found.items():
    print(f"{name}: {count} of {RATE} samples")
assert list(found.values()) == [RATE, 0, RATE, RATE], found
PYTHON
