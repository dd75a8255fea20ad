#!/usr/bin/env bash
# Chromium 156.0.8078.108 (Debian's), Web Audio, AudioBufferSourceNode; driven by Playwright 1.65.2.
#
# Expected: a sound cut into pieces, each scheduled where the one before ends, plays as the whole does: starts are exact
# below a sample, and a cut at a whole sample of the sound, here of 8 kHz, is a whole frame of a context of 48 kHz. At
# most the interpolation between the last sample of a piece and the first of the next may be missing: a thousandth.
#
# Seen: in a context of the sound's own rate, not one sample differs. In one of 48 kHz, a frame where two pieces meet may
# be off by more than half of full scale, which is heard as a click. It depends on where the cuts are: one at sample 4000
# by 0.02, at 4001 by 0.17, two at 1601 and 2405 by 0.55. So whoever plays telephone sound piece by piece needs a context
# of 8 kHz.
#
# Run by hand: bash findings/chromium_clicks_where_buffers_of_another_rate_meet.sh. Fails if any of it changes.
# It requires Chromium: apt-get install chromium.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet playwright==1.65.2
venv/bin/python - <<'PYTHON'
import shutil

from playwright.sync_api import sync_playwright

MEASURE = """async () => {
  const rate = 8000;
  const sound = Float32Array.from({ length: rate }, (_, at) => 0.5 * Math.sin((2 * Math.PI * 440 * at) / rate));
  const played = async (contextRate, cuts) => {
    const context = new OfflineAudioContext(1, contextRate, contextRate);
    const edges = [0, ...cuts, rate];
    for (let at = 0; at + 1 < edges.length; at++) {
      const piece = sound.slice(edges[at], edges[at + 1]);
      const buffer = context.createBuffer(1, piece.length, rate);
      buffer.copyToChannel(piece, 0);
      const source = new AudioBufferSourceNode(context, { buffer });
      source.connect(context.destination);
      source.start(edges[at] / rate);
    }
    return (await context.startRendering()).getChannelData(0);
  };
  const worst = async (contextRate, cuts) => {
    const [whole, joined] = [await played(contextRate, []), await played(contextRate, cuts)];
    return Math.max(...whole.map((sample, at) => Math.abs(sample - joined[at])));
  };
  const found = {};
  for (const contextRate of [8000, 48000])
    for (const cuts of [[4000], [4001], [1601, 2405]]) found[`${contextRate} ${cuts}`] = await worst(contextRate, cuts);
  return found;
}"""

with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    print("Chromium", browser.version)
    found = browser.new_page().evaluate(MEASURE)
    browser.close()
for name, worst in found.items():
    rate, cuts = name.split()
    print(f"context of {rate} Hz, cut at sample {cuts}: off by {worst:.4f} of full scale at most")
assert all(worst == 0 for name, worst in found.items() if name.startswith("8000"))
assert found["48000 1601,2405"] > 0.4
assert found["48000 4001"] > 0.1
PYTHON
