"""Learning curves: loss and a metric, epoch by epoch, of one run or of several."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from clearprop.insight.pictures import (
    BLUE,
    GRAY,
    GREEN,
    INK,
    ORANGE,
    PALE,
    PINK,
    new_figure,
    write_figure,
)
from clearprop.tasks import METRICS, Metric

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = np.ndarray[Any, Any]
History = Mapping[str, Sequence[float]]

# Each later run is thinner and more broken than the one before: where curves coincide, the
# earlier one shows on both sides and in the gaps.
_STYLES = (
    (BLUE, 4.2, "-"),
    (ORANGE, 2.2, (0, (3.5, 2.5))),
    (GREEN, 1.6, (0, (1, 1.6))),
    (PINK, 1.2, (0, (6, 2, 1, 2))),
)
_ALONE = 2.4  # points: the width of a single run's line
_LEFT, _PANEL, _LETTER = 0.65, 2.9, 0.088  # inches
_LABEL_GAP = 0.072  # of the panel's height: one line of text


class _End(NamedTuple):
    value: float
    label: str
    color: str
    alpha: float


def draw_learning_curves(
    path: str | os.PathLike[str],
    histories: Mapping[str, History],
    *,
    metric: str = "accuracy",
    title: str = "",
) -> Path:
    """Draw the loss and a metric over the epochs as PNG, 600 pixels high, as wide as labels need.

    Training is pale, validation full; every curve is labeled at its end with its last value. Of
    several runs the later ones are broken lines over the earlier, so that both can be seen where
    they agree.

    Args:
        path: the file to write; its folder is made if needed.
        histories: for each run's label ("" for a single one) its lists, one value an epoch:
            `loss`, `val_loss`, and those of the metric, such as `accuracy` and `val_accuracy`.
            Missing and empty lists and values that are not finite are left out.
        metric: the name of the metric.
        title: a line above both panels.

    Returns:
        The path.

    Raises:
        MissingExtraError: matplotlib is not installed.
        OutputError: the file cannot be written.
    """
    names = max(map(len, histories), default=0)
    wide = _LEFT + _PANEL + _LETTER * (names + len("  validation  0.0000"))
    figure = new_figure(2 * wide, 4)
    figure.suptitle(
        title, x=_LEFT / 2 / wide, y=0.965, ha="left", fontsize=13, color=INK, weight="bold"
    )
    high = 0.66 if title else 0.73
    shown, percent = METRICS[metric].title, METRICS[metric].is_share
    named = f"{shown[0].upper()}{shown[1:]}{' (%)' if percent else ''}"
    for place, key, name in ((0, "loss", "Loss"), (1, metric, named)):
        box = ((place * wide + _LEFT) / 2 / wide, 0.14, _PANEL / 2 / wide, high)
        axes = figure.add_axes(box)
        _draw_panel(axes, histories, key)
        axes.set_title(name, loc="left", fontsize=11.5, color=INK)
    return write_figure(path, figure)


def _draw_panel(axes: Axes, histories: Mapping[str, History], key: str) -> None:
    ends: list[_End] = []
    for number, (label, history) in enumerate(histories.items()):
        for prefix, kind, alpha in (("", "training", 0.45), ("val_", "validation", 1.0)):
            values = np.asarray(history.get(prefix + key, ()), np.float64)
            values = values * (100.0 if METRICS[key].is_share else 1.0)
            if np.isfinite(values).any():
                color, width, dashes = _STYLES[number % len(_STYLES)]
                width = _ALONE if len(histories) == 1 else width
                _draw_curve(axes, values, {"color": color, "lw": width, "ls": dashes}, alpha)
                last = float(values[np.isfinite(values)][-1])
                ends.append(_End(last, f"{label} {kind}".strip(), color, alpha))
    _arrange(axes, METRICS[key])
    _label(axes, sorted(ends), percent=METRICS[key].is_share)


def _draw_curve(axes: Axes, values: Array, style: dict[str, Any], alpha: float) -> None:
    epochs = np.arange(1, len(values) + 1)
    alone = np.isfinite(values).sum() == 1  # no line can be drawn through a single point
    axes.plot(epochs, values, marker="o" if alone else "", ms=6, alpha=alpha, **style)


def _arrange(axes: Axes, figure: Metric) -> None:
    """Set the axes: losses from 0, shares up to 100 %, whole epochs."""
    from matplotlib.ticker import MaxNLocator

    axes.margins(x=0.02, y=0.08)
    if not axes.lines:
        axes.text(0.5, 0.5, "not measured", transform=axes.transAxes, ha="center", color=GRAY)
        axes.set(xlim=(0, 1), ylim=(0, 1))
    elif figure.is_share:
        axes.set_ylim(top=min(100.0, axes.get_ylim()[1]))
    elif axes.dataLim.ymin >= 0 and not figure.rises:
        axes.set_ylim(bottom=0.0)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, min_n_ticks=1))
    axes.set_xlabel("epoch", fontsize=10, color=GRAY)
    axes.tick_params(labelsize=9.5, colors=GRAY, length=0)
    axes.grid(axis="y", color=PALE, lw=0.7)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(PALE)


def _label(axes: Axes, ends: list[_End], *, percent: bool) -> None:
    """Write each curve's label beside its end, pushed apart where ends lie close together."""
    low, high = axes.get_ylim()
    heights = _spread((end.value - low) / (high - low) for end in ends)
    for end, y in zip(ends, heights, strict=True):
        number = f"{end.value:.2f} %" if percent else f"{end.value:.4f}"
        place: dict[str, Any] = {"transform": axes.transAxes, "va": "center"}
        axes.text(1.03, y, "●", color=end.color, alpha=end.alpha, fontsize=8, **place)
        axes.text(1.08, y, f"{end.label}  {number}", color=INK, fontsize=9.5, **place)


def _spread(heights: Iterable[float]) -> list[float]:
    """Move sorted heights apart to at least one line, keeping their middle and the panel."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + _LABEL_GAP) if placed else max(height, 0.02))
    limit = 0.98
    for place in range(len(placed) - 1, -1, -1):
        placed[place] = min(placed[place], limit)
        limit = placed[place] - _LABEL_GAP
    return placed
