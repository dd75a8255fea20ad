#!/usr/bin/env bash
# pjsua2-python 2.15.1.post1 (pjproject 2.15.1), silence suppression (`noVad = False`, the library's default).
#
# Expected: a detector of silence that adapts to the line takes a quiet voice over digital silence for a voice, and
# drops the pauses.
#
# Seen: a voice at -13 dBFS is sent whole. The same voice 20 dB quieter, as of a caller who holds the telephone away, is
# taken for silence: not one packet in ten goes out, from the first second to the last. The mailbox records nothing, and
# no later program can tell. Between two agents of one's own, set `noVad = True`; at a mailbox, an almost empty
# recording of a call that lasted long may have had a voice in it.
#
# Run by hand: bash findings/pjsip_silence_suppression_sends_nothing_of_a_quiet_voice.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet pjsua2-python==2.15.1.post1
cat > call.py <<'PYTHON'
"""An agent that calls itself, plays a voice of some level, and counts its packets in five seconds."""
import math, os, struct, sys, time, wave
import pjsua2 as pj

RATE, SECONDS = 8000, 7
level = 10 ** (float(sys.argv[1]) / 20)

def voice(at):
    """150 Hz with harmonics, in syllables of a quarter of a second with pauses of 50 ms."""
    return (at % 0.3 < 0.25) * sum(math.sin(2 * math.pi * 150 * k * at) / k for k in range(1, 12)) / 4

with wave.open("voice.wav", "wb") as file:
    file.setnchannels(1); file.setsampwidth(2); file.setframerate(RATE)
    file.writeframes(b"".join(struct.pack("<h", int(32000 * level * voice(i / RATE))) for i in range(RATE * SECONDS)))

endpoint = pj.Endpoint(); endpoint.libCreate()
settings = pj.EpConfig()
settings.logConfig.level = settings.logConfig.consoleLevel = 0
settings.uaConfig.threadCnt, settings.uaConfig.mainThreadOnly = 0, True
media = settings.medConfig
media.clockRate = media.sndClockRate = RATE
media.ecTailLen, media.sndAutoCloseTime = 0, -1
assert media.noVad is False, "silence suppression is no longer the default"
endpoint.libInit(settings)
transport = pj.TransportConfig(); transport.boundAddress = "127.0.0.1"
address = endpoint.transportGetInfo(endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)).localName
endpoint.libStart(); endpoint.audDevManager().setNullDev()
for codec in endpoint.codecEnum2():
    endpoint.codecSetPriority(codec.codecId, 255 if codec.codecId == "PCMA/8000/1" else 0)
called = []

class Account(pj.Account):
    def onIncomingCall(self, prm):
        called.append(pj.Call(self, prm.callId))
        answer = pj.CallOpParam(); answer.statusCode = 200
        called[-1].answer(answer)

def wait(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        endpoint.libHandleEvents(10)

account = Account(); own = pj.AccountConfig(); own.idUri = f"sip:agent@{address}"; account.create(own)
call = pj.Call(account); call.makeCall(own.idUri, pj.CallOpParam(True))
wait(1.5)
player = pj.AudioMediaPlayer(); player.createPlayer("voice.wav", pj.PJMEDIA_FILE_NO_LOOP)
player.startTransmit(call.getAudioMedia(-1))
before = call.getStreamStat(0).rtcp.txStat.pkt
wait(5)
print(endpoint.libVersion().full, call.getStreamStat(0).rtcp.txStat.pkt - before, flush=True)
os._exit(0)
PYTHON
loud=$(venv/bin/python call.py 0 2>/dev/null | tail -1)
quiet=$(venv/bin/python call.py -20 2>/dev/null | tail -1)
echo "version and packets of 250, at -13 dBFS: $loud; at -33 dBFS: $quiet"
[[ ${loud% *} == 2.15.1 && ${loud#* } -gt 200 && ${quiet#* } -lt 25 ]]
