#!/usr/bin/env bash
# pjsua2-python 2.15.1.post1 (pjproject 2.15.1), recording a call to a WAV file.
#
# Expected: destroying an AudioMediaRecorder closes its file, as a destructor does. Until then the header may hold any
# lengths; from then on it holds the right ones.
#
# Seen: while it records, the header says 0 bytes, and after the recorder is destroyed it still does. The thread that
# moves the sound takes the recorder out some milliseconds later, and only then are the lengths and the last samples
# written. A program that destroys its recorder and exits leaves a file that says of itself that it is empty, and lacks
# the end; a reader of recordings must read the samples after such a header all the same.
#
# Run by hand: bash findings/pjsua2_recorder_file_is_unfinished_when_the_recorder_is_gone.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet pjsua2-python==2.15.1.post1
cat > record.py <<'PYTHON'
import os, struct, time
import pjsua2 as pj

def lengths():
    """Bytes of sound by the header, and by the size of the file."""
    with open("tone.wav", "rb") as file:
        return struct.unpack("<I", file.read(44)[40:])[0], os.path.getsize("tone.wav") - 44

endpoint = pj.Endpoint(); endpoint.libCreate()
settings = pj.EpConfig()
settings.logConfig.level = settings.logConfig.consoleLevel = 0
settings.medConfig.sndAutoCloseTime = -1
endpoint.libInit(settings); endpoint.libStart(); endpoint.audDevManager().setNullDev()
tone = pj.ToneGenerator(); tone.createToneGenerator()
recorder = pj.AudioMediaRecorder(); recorder.createRecorder("tone.wav"); tone.startTransmit(recorder)
sound = pj.ToneDesc(); sound.freq1, sound.on_msec = 440, 3000
sounds = pj.ToneDescVector(); sounds.append(sound); tone.play(sounds)
time.sleep(2)
seen = [lengths()]
del recorder
seen.append(lengths())
time.sleep(0.5)
seen.append(lengths())
print(endpoint.libVersion().full, "header and file, while recording, right after and later:", seen, flush=True)
is_late = seen[0][0] == seen[1][0] == 0 < seen[1][1] < seen[2][0] == seen[2][1]
os._exit(0 if is_late and endpoint.libVersion().full == "2.15.1" else 1)
PYTHON
# The thread comes by every 20 ms, and may do so in between.
for _ in 1 2 3 4 5; do
  if venv/bin/python record.py 2>/dev/null >seen.txt; then tail -1 seen.txt; exit 0; fi
done
exit 1
