#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg's libswresample 6.3), an AudioResampler from 8 to 16 kHz, given a whole sound and then flushed.
#
# Expected: flushing returns what the resampler still holds, so any sound of n samples comes out as about 2 n; a sound of 20
# samples as about 40.
#
# Seen: a sound of up to 16 samples comes out as nothing at all, without an error, flushed or not; so does one of 20. From 31
# samples on, every sound comes out whole. The filter never starts on less than it needs, and the flush then has nothing
# to end. Without a change of rate, every sound comes out whole. Whoever takes "nothing came out" for damage, calls a
# recording of two milliseconds damaged.
#
# Run by hand: bash findings/ffmpeg_resamples_a_short_sound_to_nothing.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet av==18.1.0 numpy
venv/bin/python - <<'PYTHON'
import av
import numpy as np

def came_out(samples, rate):
    sound = (np.arange(samples, dtype=np.int16) * 50 + 1000).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(sound, format="s16", layout="mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=16000)
    return sum(each.samples for given in (frame, None) for each in resampler.resample(given))

print("PyAV", av.__version__, "libswresample", av.library_versions["libswresample"])
lengths = (1, 5, 16, 20, 31, 32, 100, 800)
up = [came_out(samples, 8000) for samples in lengths]
same = [came_out(samples, 16000) for samples in lengths]
print("samples at 8 kHz: ", *lengths)
print("came out at 16:   ", *up)
print("without a change: ", *same)
assert up == [0, 0, 0, 0, 62, 64, 200, 1600]
assert same == list(lengths)
PYTHON
