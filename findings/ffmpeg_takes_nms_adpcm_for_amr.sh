#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg's wav demuxer), a WAV file of NMS ADPCM, code 0x0038, as the voice boards of old voice mail systems
# wrote it; made by libsndfile 1.2.2.
#
# Expected: FFmpeg has no decoder for NMS ADPCM, so it says "decoder not found", as for any other code that it doesn't know.
#
# Seen: it takes the code for AMR ("rogue format number" in its table), and decodes ten seconds of a tone to four times as
# much noise; a quarter of the packets fail, which a player skips. A speech recogniser makes words of the rest. libsndfile reads the
# tone.
#
# Run by hand: bash findings/ffmpeg_takes_nms_adpcm_for_amr.sh. Fails if any of it changes.
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

RATE, SECONDS = 8000, 10
tone = 0.1 * np.sin(2 * np.pi * 440 * np.arange(RATE * SECONDS) / RATE)
file = io.BytesIO()
soundfile.write(file, tone, RATE, format="WAV", subtype="NMS_ADPCM_32")
content = file.getvalue()
theirs, _ = soundfile.read(io.BytesIO(content))
frames, packets, failed = [], 0, 0
with av.open(io.BytesIO(content)) as container:
    codec = container.streams.audio[0].codec_context.name
    for packet in container.demux(audio=0):
        packets += 1
        try:
            frames += [frame.to_ndarray().reshape(-1) for frame in packet.decode()]
        except av.FFmpegError:
            failed += 1
ours = np.concatenate(frames)
print("PyAV", av.__version__, "libsndfile", soundfile.__libsndfile_version__, "code", hex(int.from_bytes(content[20:22], "little")))
print(f"libsndfile: {len(theirs) / RATE:.1f} s, likeness to the tone {np.corrcoef(theirs[: len(tone)], tone[: len(theirs)])[0, 1]:.3f}")
print(f"FFmpeg: {codec}, {failed} of {packets} packets failed, {len(ours) / RATE:.1f} s, likeness {np.corrcoef(ours[: len(tone)], tone)[0, 1]:.3f}")
assert codec.startswith("amrnb") or codec == "libopencore_amrnb", codec
assert len(ours) > 3 * len(tone)
assert abs(np.corrcoef(ours[: len(tone)], tone)[0, 1]) < 0.3
assert np.corrcoef(theirs[: len(tone)], tone[: len(theirs)])[0, 1] > 0.99
PYTHON
