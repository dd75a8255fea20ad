#!/usr/bin/env bash
# libsndfile 1.2.2 (soundfile 0.14.0) and PyAV 18.1.0 (FFmpeg), recordings whose recorder was killed before it wrote the size
# of the sound, so that it is still 0: WAV, Wave64 and AU.
#
# Expected: a library that reads on to the end in one container does so in the others, or says that the file is unfinished.
#
# Seen: libsndfile finds all of the sound in Wave64, and none in WAV and AU, without an error. FFmpeg finds all of it in WAV;
# of AU it says "invalid data", but reads all if it is told that the file is AU; Wave64 it cannot open either way. Of
# 0xFFFFFFFF, as a program writes that streams WAV or AU, both read all.
#
# Run by hand: bash findings/libsndfile_and_ffmpeg_read_opposite_unfinished_files.sh. Fails if any of it changes.
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
tone = 0.1 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)

def written(container, size):
    file = io.BytesIO()
    soundfile.write(file, tone, RATE, format=container, subtype="PCM_16")
    content = bytearray(file.getvalue())
    if container == "AU":
        struct.pack_into(">I", content, 8, size)
    elif container == "WAV":
        struct.pack_into("<I", content, 4, size)
        struct.pack_into("<I", content, content.index(b"data") + 4, size)
    else:
        struct.pack_into("<Q", content, 16, size)
        struct.pack_into("<Q", content, content.index(b"data\xf3\xac\xd3\x11") + 16, size)
    return bytes(content)

def libsndfile(content):
    return len(soundfile.read(io.BytesIO(content))[0]) / RATE

def ffmpeg(content, demuxer=None):
    try:
        with av.open(io.BytesIO(content), format=demuxer) as container:
            return sum(frame.samples for frame in container.decode(audio=0)) / RATE
    except av.InvalidDataError:
        return "invalid data"

print("PyAV", av.__version__, "libsndfile", soundfile.__libsndfile_version__)
found = {}
for container, size in (("WAV", 0), ("AU", 0), ("W64", 0), ("WAV", 2**32 - 1), ("AU", 2**32 - 1)):
    content = written(container, size)
    found[container, size] = libsndfile(content), ffmpeg(content), ffmpeg(content, container.lower())
    print(f"{container}, size {size:#x}: libsndfile {found[container, size][0]} s, FFmpeg {found[container, size][1]}, "
          f"and told the format {found[container, size][2]}")
assert found["WAV", 0] == (0, 1.0, 1.0), found
assert found["AU", 0] == (0, "invalid data", 1.0), found
assert found["W64", 0] == (1.0, "invalid data", "invalid data"), found
assert found["WAV", 2**32 - 1] == found["AU", 2**32 - 1] == (1.0, 1.0, 1.0), found
PYTHON
