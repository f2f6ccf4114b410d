"""Plots of a search: the metric over each varied setting, and the loss over the rate."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from clearprop.insight.pictures import BLUE, GRAY, INK, ORANGE, PALE, new_figure, write_figure
from clearprop.search.outcomes import Trial
from clearprop.search.rate import RateTest
from clearprop.search.varied import DECADE
from clearprop.tasks import METRICS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANEL, HEIGHT = 3.6, 3.6  # inches
LONGEST_NAME = 20  # characters


def draw_sweep(path: str | os.PathLike[str], trials: Sequence[Trial], *, title: str = "") -> Path:
    """Plot the validation metric over each varied setting as PNG, one panel each.

    A dot is a trial's mean over its seeds, a bar their standard deviation; the best trial is
    orange. Trials that diverged with all seeds are left out.

    Args:
        path: the file to write.
        trials: the trials, the best first.
        title: a line above the panels.

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
    figures = [trial.figure(trial.metric) for trial in trials]
    values = [trial.settings[key] for trial, one in zip(trials, figures, strict=True) if one]
    learned = [one for one in figures if one]
    scale = _scale(trials)
    points = list(zip(_positions(axes, values), learned, strict=True))
    # The best one last, so that it lies on top.
    for i, (x, one) in reversed(list(enumerate(points))):
        axes.errorbar(
            x,
            scale * one.mean,
            scale * (one.std or 0.0),
            fmt="o",
            color=BLUE if i else ORANGE,
            ms=6,
            lw=1.2,
            alpha=0.85,
        )
    axes.set_xlabel(key, fontsize=10, color=GRAY)
    _style(axes)


def _metric(trials: Sequence[Trial]) -> str:
    return next((trial.metric for trial in trials if trial.metric), "accuracy")


def _scale(trials: Sequence[Trial]) -> float:
    return 100.0 if METRICS[_metric(trials)].is_share else 1.0


def _named(trials: Sequence[Trial]) -> str:
    return METRICS[_metric(trials)].title + (" (%)" if _scale(trials) > 1.0 else "")


def _positions(axes: Axes, values: list[Any]) -> list[float]:
    """Return the x of each value: a number itself, other values side by side."""
    if all(type(value) in (int, float) for value in values):
        if values and min(values) > 0 and max(values) >= DECADE * min(values):
            axes.set_xscale("log")
        return values
    names = [str(value)[:LONGEST_NAME] for value in values]
    ticks = sorted(set(names), key=lambda name: (len(name), name))
    axes.set_xticks(range(len(ticks)), ticks)
    axes.set_xlim(-0.5, len(ticks) - 0.5)
    return [float(ticks.index(name)) for name in names]


def draw_rate_test(path: str | os.PathLike[str], test: RateTest, *, title: str = "") -> Path:
    """Plot the loss over the learning rate as PNG, and mark the suggested rate.

    Args:
        path: the file to write.
        test: the learning-rate test.
        title: a line above the panel.

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
    label = f"steepest at {test.suggestion:.2g}"
    point, offset = (test.suggestion, y), (10, 8)
    axes.annotate(label, point, offset, textcoords="offset points", color=INK, fontsize=10)
    axes.set_xscale("log")
    axes.set_ylim(0.0, 1.15 * float(test.smoothed.max()))
    axes.set_xlabel("learning rate, rising with every step", fontsize=10, color=GRAY)
    axes.set_ylabel("loss (pale: each step; blue: smoothed)", fontsize=10, color=GRAY)
    _style(axes)
    figure.tight_layout()
    return write_figure(path, figure)


def _style(axes: Axes) -> None:
    axes.tick_params(which="both", labelsize=9.5, colors=GRAY, length=0)
    axes.grid(axis="y", color=PALE, lw=0.7)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(PALE)
