#!/usr/bin/env bash
# libsndfile 1.2.2 (soundfile 0.14.0) beside PyAV 18.1.0 (FFmpeg), a CAF file whose sound has the size -1. Apple's description
# of the format has that for a file that is still being recorded: the chunk is the last, and goes to the end of the file.
#
# Expected: the sound up to the end of the file. That a recording which was cut off stays readable is what CAF was made for.
#
# Seen: FFmpeg reads it. libsndfile says "Supported file format but file is malformed".
#
# Run by hand: bash findings/libsndfile_refuses_a_caf_that_is_still_being_written.sh. Fails if any of it changes.
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

RATE = 8000
tone = np.round(1000 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype(">i2")
description = struct.pack(">d4sIIIII", RATE, b"lpcm", 0, 2, 1, 1, 16)

def caf(size):
    header = b"caff" + struct.pack(">HH", 1, 0) + b"desc" + struct.pack(">q", len(description)) + description
    return header + b"data" + struct.pack(">qI", size, 0) + tone.tobytes()

def ffmpeg(content):
    with av.open(io.BytesIO(content)) as container:
        return sum(frame.samples for frame in container.decode(audio=0))

def libsndfile(content):
    try:
        return len(soundfile.read(io.BytesIO(content))[0])
    except soundfile.LibsndfileError as error:
        return error.error_string

print("PyAV", av.__version__, "libsndfile", soundfile.__libsndfile_version__)
found = {size: (ffmpeg(caf(size)), libsndfile(caf(size))) for size in (4 + 2 * RATE, -1)}
for size, (ours, theirs) in found.items():
    print(f"size {size}: FFmpeg {ours} samples, libsndfile {theirs}")
assert found[4 + 2 * RATE] == (RATE, RATE), found
assert found[-1][0] == RATE and "malformed" in found[-1][1], found
PYTHON
