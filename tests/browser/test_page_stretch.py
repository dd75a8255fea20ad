"""What is played faster or slower keeps its pitch and its loudness."""

import json
from typing import Any

import pytest
from support.page_browser import node_tools

pytest_plugins = ["support.page_fixtures"]
pytestmark = [pytest.mark.anyio, pytest.mark.browser]

MEASURE = """
import { Stretcher } from "./stretch.js";
const rate = 8000;
const tone = Float32Array.from({ length: 4 * rate }, (_, at) =>
  0.5 * Math.sin((2 * Math.PI * 220 * at) / rate) + 0.2 * Math.sin((2 * Math.PI * 660 * at) / rate + 1));
export const measure = (speed) => {
  const stretcher = new Stretcher(tone, rate, speed, 0);
  const heard = [];
  for (let block; (block = stretcher.read(4000, tone.length)).length; ) heard.push(...block);
  const rises = heard.filter((sample, at) => at && heard[at - 1] < 0 && sample >= 0).length;
  const power = heard.reduce((sum, sample) => sum + sample * sample, 0) / heard.length;
  const steps = heard.slice(1).map((sample, at) => Math.abs(sample - heard[at]));
  return { seconds: heard.length / rate, pitch: (rises * rate) / heard.length, power, step: Math.max(...steps) };
};
"""


@pytest.fixture(scope="session")
def measuring() -> str:
    """Return a script that defines `measured.measure`."""
    tools = node_tools()
    source = tools["PAGE"] / "src"
    script: str = tools["run"](
        "esbuild", "--bundle", "--format=iife", "--global-name=measured", "--sourcefile=measure.js", "--loader=js",
        given=MEASURE, cwd=source,
    )  # fmt: skip
    return script


@pytest.mark.parametrize("speed", [0.75, 1, 1.25, 1.5, 1.75, 2])
async def test_the_pitch_and_loudness_stay_at_every_speed(browser: Any, measuring: str, speed: float) -> None:  # noqa: ANN401 - the browser
    tab = await browser.new_page()
    await tab.evaluate(measuring.replace("var measured =", "globalThis.measured ="))
    found = json.loads(await tab.evaluate("speed => JSON.stringify(measured.measure(speed))", speed))
    await tab.close()
    assert found["seconds"] == pytest.approx(4 / speed, abs=0.02)
    assert found["pitch"] == pytest.approx(220, abs=1)
    assert found["power"] == pytest.approx(0.145, abs=0.005)
    assert found["step"] < 0.2, "no click where two pieces meet"
