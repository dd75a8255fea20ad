#!/usr/bin/env bash
# libsndfile 1.2.2 (soundfile 0.14.0, with mpg123 inside) beside PyAV 18.1.0 (FFmpeg), an MP3 of a variable bit rate without
# the Xing header, as a recorder leaves it that writes to a pipe or is not let back to the beginning.
#
# Expected: MP3 frames stand for themselves, so all of them are decoded; at worst the length that is told before is a guess.
#
# Seen: the guess, from the size of the first frames, is taken for the end. Of ten seconds, of which the first two are loud
# and the rest is soft, libsndfile reads a second and a half, without an error: the rest of the message is gone. With a soft
# beginning, it says 17 seconds, and gives the ten.
#
# Run by hand: bash findings/libsndfile_stops_within_an_mp3_of_variable_rate.sh. Fails if any of it changes.
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

RATE, SECONDS = 16000, 10
times = np.arange(RATE * SECONDS) / RATE
hum = 2000 * sum(np.sin(2 * np.pi * 130 * k * times + k * k) for k in range(1, 40)) / 3

def written(volume, xing):
    """Return an MP3 of LAME's variable rate."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp3", options={"write_xing": str(int(xing)), "id3v2_version": "0"}) as output:
        stream = output.add_stream("libmp3lame", rate=RATE, layout="mono")
        stream.codec_context.flags |= 2  # AV_CODEC_FLAG_QSCALE: variable rate
        stream.codec_context.global_quality = 5 * 118
        output.start_encoding()
        sound = (hum * volume).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(sound[np.newaxis], format="s16", layout="mono")
        frame.sample_rate = RATE
        resampler = av.AudioResampler(stream.codec_context.format, "mono", RATE, stream.codec_context.frame_size)
        for each in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(each))
        output.mux(stream.encode(None))
    return file.getvalue()

def lengths(content):
    with av.open(io.BytesIO(content)) as container:
        ours = sum(frame.samples for frame in container.decode(audio=0)) / RATE
    with soundfile.SoundFile(io.BytesIO(content)) as file:
        return ours, file.frames / RATE, len(file.read()) / RATE

print("PyAV", av.__version__, "libsndfile", soundfile.__libsndfile_version__)
found = {}
for name, volume in (("loud, then soft", np.where(times < 2, 1, 0.003)), ("soft, then loud", np.where(times < 2, 0.003, 1))):
    for xing in (True, False):
        found[name, xing] = lengths(written(volume, xing))
        print(f"{name}, {'with' if xing else 'without'} Xing: FFmpeg {found[name, xing][0]:.2f} s; libsndfile says "
              f"{found[name, xing][1]:.2f} s and gives {found[name, xing][2]:.2f} s")
assert all(abs(ours - SECONDS) < 0.3 for ours, _, _ in found.values())
assert all(abs(given - SECONDS) < 0.3 for (name, xing), (_, _, given) in found.items() if xing or name[0] == "s")
assert found["loud, then soft", False][2] < SECONDS / 2
assert found["soft, then loud", False][1] > SECONDS * 1.3
PYTHON
