#!/usr/bin/env bash
# libsndfile 1.2.2 (soundfile 0.14.0) beside PyAV 18.1.0 (FFmpeg), two recordings of a second put one behind the other, as
# recorders append.
#
# Expected: of WAV, whose header says where it ends, the first; of MP3 and FLAC, which are streams of frames, both.
#
# Seen: libsndfile refuses the WAV file, "No 'RIFF' chunk marker", though the file begins with one and a whole recording
# follows it: the second header is what it stumbles over. Of MP3, with the Xing header that LAME writes, and of FLAC it reads
# the first alone, and says nothing of the rest. FFmpeg reads what one expects.
#
# Run by hand: bash findings/libsndfile_refuses_wav_files_put_together.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet av==18.1.0 numpy soundfile==0.14.0
venv/bin/python - <<'PYTHON'
import contextlib, io
import av
import numpy as np
import soundfile

RATE = 48000
tone = (3000 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype(np.int16)

def written(container, codec):
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=RATE, layout="mono")
        output.start_encoding()
        resampler = av.AudioResampler(stream.codec_context.format, "mono", RATE, stream.codec_context.frame_size or 1024)
        frame = av.AudioFrame.from_ndarray(tone[np.newaxis], format="s16", layout="mono")
        frame.sample_rate = RATE
        for each in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(each))
        output.mux(stream.encode(None))
    return file.getvalue()

def ffmpeg(content):
    samples = 0
    with av.open(io.BytesIO(content)) as container:
        for packet in container.demux(audio=0):
            with contextlib.suppress(av.InvalidDataError):  # what stands between two MP3 files, which players skip
                samples += sum(frame.samples for frame in packet.decode())
    return samples / RATE

def libsndfile(content):
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            told = file.frames
            return told, sum(len(block) for block in file.blocks(blocksize=4800, frames=told)) / RATE
    except soundfile.LibsndfileError as error:
        return error.error_string, 0.0

print("PyAV", av.__version__, "libsndfile", soundfile.__libsndfile_version__)
found = {}
for name, container, codec in (("WAV", "wav", "pcm_s16le"), ("MP3", "mp3", "libmp3lame"), ("FLAC", "flac", "flac")):
    content = written(container, codec) * 2
    found[name] = (round(ffmpeg(content), 1), *libsndfile(content))
    print(f"{name}: FFmpeg {found[name][0]} s; libsndfile says {found[name][1]!r}, and gives {found[name][2]:.2f} s")
assert found["WAV"][0] == 1.0 and "RIFF" in str(found["WAV"][1]), found
assert found["MP3"] == found["FLAC"] == (2.0, RATE, 1.0), found
PYTHON
