"""Draw the speed and the wrong words of each engine."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from speech.contenders import Contender
from speech.figures import Figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Blue and grey also differ in lightness, so that they can be told apart without their hue.
_OURS, _OTHERS = "#0072B2", "#B8B8B8"


def draw(bars: Sequence[tuple[Contender, Figures]], caption: str, target: Path) -> None:
    """Write ``target`` with ``.png`` and with ``.svg``: bars of speed, and bars of word error rate."""
    import matplotlib as mpl

    mpl.use("agg")
    mpl.rcParams["svg.hashsalt"] = target.name  # makes the file reproducible
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, sharey=True, figsize=(10, 0.55 * len(bars) + 1.7), dpi=150)
    _bars(left, bars, "speed", "{:.1f} x")
    left.set_xlabel("speed, times real time (longer is better)")
    _bars(right, bars, "wer_all", "{:.1f} %")
    right.set_xlabel("words wrong, % (shorter is better)")
    left.invert_yaxis()
    figure.text(0.01, 0.01, caption.replace("`", ""), fontsize=7.5, color="#404040")
    figure.tight_layout(rect=(0, 0.05, 1, 1))
    for suffix, metadata in ((".png", {}), (".svg", {"Date": None})):
        figure.savefig(target.with_suffix(suffix), metadata=metadata)
    plt.close(figure)


def _bars(axes: "Axes", bars: Sequence[tuple[Contender, Figures]], key: str, label: str) -> None:
    titles = [contender.title for contender, _ in bars]
    values = [row.get(key, 0.0) for _, row in bars]
    drawn = axes.barh(titles, values, color=[_OURS if contender.is_ours else _OTHERS for contender, _ in bars])
    axes.bar_label(drawn, [label.format(value) for value in values], padding=3, fontsize=9)
    axes.margins(x=0.18)
    axes.spines[["top", "right"]].set_visible(False)
