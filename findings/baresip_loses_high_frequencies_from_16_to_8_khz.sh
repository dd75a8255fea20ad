#!/usr/bin/env bash
# Debian 12's baresip-core 1.0.0-4+b3, a WAV file of 16 kHz played into a call over G.711, which has 8 kHz.
#
# Expected: going from 16 to 8 kHz takes away what lies above 4 kHz, or little below that, and leaves a telephone's band.
#
# Seen: a tone of 500 Hz arrives as loud as it was sent, one of 2 kHz 50 dB fainter. Speech sounds as if through
# a wall, and a recogniser gets most words wrong that it got right at 8 kHz. The same file at 8 kHz arrives whole. The
# program says nothing: `ausrc_srate` is a setting like any other. Give it the rate of the codec.
#
# Run by hand, where the package is installed: bash findings/baresip_loses_high_frequencies_from_16_to_8_khz.sh. Fails if
# any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg-query --show baresip-core | grep -F 1.0.0-4
cat > tones.py <<'PYTHON'
"""Write four seconds of a tone, or print the level of the middle of a recording, in dB below full scale."""
import array, math, sys, wave
if sys.argv[1] == "level":
    with wave.open(sys.argv[2]) as file:
        sound = array.array("h", file.readframes(file.getnframes()))
    middle = sound[len(sound) // 3 : len(sound) // 2]
    print(round(10 * math.log10(sum(each * each for each in middle) / len(middle) / 32768**2)))
else:
    rate, hertz = int(sys.argv[1]), int(sys.argv[2])
    with wave.open("tone.wav", "wb") as file:
        file.setnchannels(1); file.setsampwidth(2); file.setframerate(rate)
        file.writeframes(array.array("h", (int(8000 * math.sin(2 * math.pi * hertz * i / rate)) for i in range(4 * rate))).tobytes())
PYTHON
agent() { # NAME PORT SOURCE RATE
  mkdir "$1"; touch "$1/contacts"
  echo "<sip:agent@127.0.0.1:$2>;regint=0;answermode=auto;audio_codecs=PCMA/8000/1" > "$1/accounts"
  printf '%s\n' "sip_listen 127.0.0.1:$2" "rtp_ports $(($2 + 2))-$(($2 + 3))" "net_interface 127.0.0.1" \
    "audio_player aubridge,nowhere" "audio_alert aubridge,nowhere" "audio_source $3" "ausrc_srate $4" "ausrc_channels 1" \
    "snd_path $folder/$1" "module_path /usr/lib/baresip/modules" "module aubridge.so" "module aufile.so" \
    "module sndfile.so" "module g711.so" "module_app account.so" "module_app menu.so" > "$1/config"
}
received() { # RATE HERTZ: the level of the tone at the other end
  python3 tones.py "$1" "$2"
  rm -rf mailbox caller
  agent mailbox 25060 aubridge,nowhere 8000
  agent caller 25070 "aufile,$folder/tone.wav" "$1"
  baresip -f mailbox -t 7 > mailbox.log 2>&1 &
  sleep 2
  baresip -f caller -t 4 -e "/dial sip:agent@127.0.0.1:25060" > caller.log 2>&1
  wait
  python3 tones.py level mailbox/*-dec.wav
}
low=$(received 16000 500); high=$(received 16000 2000); whole=$(received 8000 2000)
echo "level at 16 kHz: 500 Hz $low dB, 2000 Hz $high dB; at 8 kHz: 2000 Hz $whole dB"
[[ $low -gt -18 && $whole -gt -18 && $high -lt $((low - 20)) ]]
