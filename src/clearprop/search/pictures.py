"""Pictures of a search: the metric over each varied setting, and the loss over the rate."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from clearprop.insight.pictures import (
    BLUE,
    GRAY,
    INK,
    ORANGE,
    PALE,
    new_figure,
    write_figure,
)
from clearprop.search.outcomes import Figure, Trial
from clearprop.search.rate import RateTest
from clearprop.search.varied import DECADE
from clearprop.tasks import FIGURES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANEL, HEIGHT = 3.6, 3.6  # inches
MOST_NAMES = 20  # letters of a value that is no number


def draw_sweep(path: str | os.PathLike[str], trials: Sequence[Trial], *, title: str = "") -> Path:
    """Draw the metric on validation rows over each varied setting as PNG, a panel each.

    A dot is a trial's mean over its seeds, a bar their standard deviation; the best trial, the
    first, is orange. Trials that diverged in all seeds are left out.

    Raises:
        MissingExtraError: matplotlib is not installed.
        OutputError: the file cannot be written.
    """
    keys = list(trials[0].settings) if trials else []
    figure = new_figure(PANEL * max(len(keys), 1) + 0.4, HEIGHT)
    figure.suptitle(title, x=0.02, ha="left", fontsize=11.5, color=INK, weight="bold")
    for number, key in enumerate(keys):
        axes = figure.add_subplot(1, len(keys), number + 1)
        _draw_setting(axes, trials, key)
        if number == 0:
            axes.set_ylabel(f"validation {_named(trials)}", fontsize=10, color=GRAY)
    figure.tight_layout()
    return write_figure(path, figure)


def _draw_setting(axes: Axes, trials: Sequence[Trial], key: str) -> None:
    learned = [(trial, found) for trial in trials if (found := trial.figure(trial.metric))]
    times = _times(trials)
    places = _places(axes, [trial.settings[key] for trial, _ in learned])
    # The best one last: it lies on top.
    for (_, figure), x, color in reversed(
        list(zip(learned, places, [ORANGE] + [BLUE] * len(learned), strict=False))
    ):
        _draw_trial(axes, x, figure, color, times)
    axes.set_xlabel(key, fontsize=10, color=GRAY)
    _arrange(axes)


def _draw_trial(axes: Axes, x: float, figure: Figure, color: str, times: float) -> None:
    spread = times * (figure.deviation or 0.0)
    axes.errorbar(x, times * figure.mean, spread, fmt="o", color=color, ms=6, lw=1.2, alpha=0.85)


def _metric(trials: Sequence[Trial]) -> str:
    return next((trial.metric for trial in trials if trial.metric), "accuracy")


def _times(trials: Sequence[Trial]) -> float:
    return 100.0 if FIGURES[_metric(trials)].is_share else 1.0


def _named(trials: Sequence[Trial]) -> str:
    return FIGURES[_metric(trials)].title + (" (%)" if _times(trials) > 1.0 else "")


def _places(axes: Axes, values: list[Any]) -> list[float]:
    """Return where values stand on the axis: numbers as they are, others side by side."""
    if all(type(value) in (int, float) for value in values):
        if values and min(values) > 0 and max(values) >= DECADE * min(values):
            axes.set_xscale("log")
        return values
    names = [str(value)[:MOST_NAMES] for value in values]
    there = sorted(set(names), key=lambda name: (len(name), name))
    axes.set_xticks(range(len(there)), there)
    axes.set_xlim(-0.5, len(there) - 0.5)
    return [float(there.index(name)) for name in names]


def draw_rate_test(path: str | os.PathLike[str], test: RateTest, *, title: str = "") -> Path:
    """Draw the loss over the learning rate as PNG, with the suggested rate marked.

    Raises:
        MissingExtraError: matplotlib is not installed.
        OutputError: the file cannot be written.
    """
    figure = new_figure(7.0, 4.2)
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontsize=11.5, color=INK, weight="bold")
    axes.plot(test.rates, test.losses, color=PALE, lw=1.2)
    axes.plot(test.rates, test.smoothed, color=BLUE, lw=2.4)
    y = float(np.interp(test.suggestion, test.rates, test.smoothed))
    axes.plot([test.suggestion], [y], "o", color=ORANGE, ms=9)
    axes.annotate(
        f"steepest at {test.suggestion:.2g}",
        (test.suggestion, y),
        (10, 8),
        textcoords="offset points",
        color=INK,
        fontsize=10,
    )
    axes.set_xscale("log")
    axes.set_ylim(0.0, 1.15 * float(test.smoothed.max()))
    axes.set_xlabel("learning rate, rising with every step", fontsize=10, color=GRAY)
    axes.set_ylabel("loss (pale: each step; blue: smoothed)", fontsize=10, color=GRAY)
    _arrange(axes)
    figure.tight_layout()
    return write_figure(path, figure)


def _arrange(axes: Axes) -> None:
    axes.tick_params(which="both", labelsize=9.5, colors=GRAY, length=0)
    axes.grid(axis="y", color=PALE, lw=0.7)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(PALE)
