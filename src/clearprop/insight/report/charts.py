"""The charts of a report: confusion, reliability, abstention, robustness."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    shortened,
    write_figure,
)
from clearprop.insight.report.figures import Bin, Figures
from clearprop.insight.report.robustness import Curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = np.ndarray[Any, Any]

_MOST_COUNTS = 20  # classes; with more, the cells are too small for counts
_MOST_NAMES = 60
_LONGEST_NAME = 14
# The letters that the pictures' font has: Latin, Greek, Cyrillic.
_LAST_LETTER = "\u052f"


def draw_confusion(path: Path, figures: Figures) -> Path:
    """Draw the matrix: what is right in blue, mistakes in orange, by their share of the class."""
    counts = np.asarray(figures.confusion)
    names = [short_name(one.name, k) for k, one in enumerate(figures.classes)]
    side = min(9.0, 0.42 * max(len(names), 6))
    room = 0.5 + 0.085 * max(map(len, names))
    width, height = side + room + 0.1, 0.9 * side + room + 0.1
    figure = new_figure(width, height)
    axes = figure.add_axes((room / width, room / height, side / width, 0.9 * side / height))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(_colors(shares), interpolation="nearest", aspect="auto")
    if len(names) <= _MOST_COUNTS:
        _write_counts(axes, counts, shares)
    _name_cells(axes, names)
    return write_figure(path, figure)


def short_name(name: str, number: int) -> str:
    """Return a class's name as a picture can show it; its number where the font lacks a letter."""
    if not name.isprintable() or max(name, default=" ") > _LAST_LETTER:
        return str(number)
    return shortened(name, _LONGEST_NAME)


def _colors(shares: Array) -> Array:
    """Return red, green and blue for each cell: larger shares are less white."""
    from matplotlib.colors import to_rgb

    right = np.eye(len(shares), dtype=bool)
    largest = max(float(shares[~right].max(initial=0.0)), 1e-9)
    # The square root makes rare mistakes visible.
    strength = np.where(right, 0.85 * shares, 0.9 * np.sqrt(shares / largest))[..., None]
    ink = np.where(right[..., None], to_rgb(BLUE), to_rgb(ORANGE))
    return 1.0 - strength * (1.0 - ink)


def _write_counts(axes: Axes, counts: Array, shares: Array) -> None:
    size = 9.5 if len(counts) <= 12 else 7.0
    for row, column in np.argwhere(counts > 0):
        is_dark = row == column and shares[row, column] > 0.5
        axes.text(
            column,
            row,
            f"{counts[row, column]}",
            ha="center",
            va="center",
            fontsize=size if counts[row, column] < 1000 else 0.85 * size,
            color="white" if is_dark else INK,
        )


def _name_cells(axes: Axes, names: Sequence[str]) -> None:
    each = -(-len(names) // _MOST_NAMES)
    places = range(0, len(names), each)
    # A dollar sign in a name must not start a formula.
    words: dict[str, Any] = {
        "labels": [names[k] for k in places],
        "parse_math": False,
        "fontsize": 9.5 if len(names) <= 20 else 6.5,
    }
    axes.set_yticks(places, **words)
    upright = max(map(len, names)) > 3
    axes.set_xticks(
        places,
        rotation=45 if upright else 0,
        ha="right" if upright else "center",
        rotation_mode="anchor" if upright else "default",
        **words,
    )
    axes.tick_params(colors=GRAY, length=0)
    axes.set_ylabel("true class", color=GRAY)
    axes.set_xlabel("taken for", color=GRAY)
    axes.spines[:].set_color(PALE)


def draw_reliability(path: Path, bins: Sequence[Bin]) -> Path:
    """Draw accuracy over confidence, bin by bin, above the shares of rows in each bin."""
    figure = new_figure(6.4, 5.4)
    width, some = 1.0 / len(bins), [one for one in bins if one.share > 0]
    upper = figure.add_axes((0.11, 0.36, 0.84, 0.61))
    lower = figure.add_axes((0.11, 0.1, 0.84, 0.2), sharex=upper)
    _plain(upper)
    _plain(lower)
    places = [(number + 0.5) * width for number in range(len(bins))]
    upper.bar(places, [one.accuracy for one in bins], 0.94 * width, color=BLUE, alpha=0.28)
    upper.plot([0, 1], [0, 1], color=GRAY, lw=1.2, ls=(0, (4, 3)))
    upper.plot(
        [one.confidence for one in some],
        [one.accuracy for one in some],
        "o-",
        color=BLUE,
        lw=2,
        ms=6,
        clip_on=False,
    )
    upper.text(0.02, 0.98, "accuracy", color=INK, va="top", weight="bold", fontsize=11)
    upper.text(0.02, 0.9, "dashed: as sure as right", color=GRAY, va="top", fontsize=9.5)
    upper.set(xlim=(0, 1), ylim=(0, 1.02))
    upper.tick_params(labelbottom=False)
    lower.bar(places, [one.share for one in bins], 0.94 * width, color=ORANGE)
    lower.text(
        0.02,
        0.9,
        "share of the rows",
        color=INK,
        va="top",
        weight="bold",
        fontsize=11,
        transform=lower.transAxes,
    )
    lower.set(ylim=(0, 1), yticks=(0.5, 1))
    lower.set_xlabel("confidence: the probability of the predicted class", color=GRAY)
    _percent(upper.yaxis, lower.yaxis, lower.xaxis)
    return write_figure(path, figure)


def draw_abstention(path: Path, curve: Array) -> Path:
    """Draw the accuracy of the answered rows over the share that is answered.

    `curve` has the accuracy of the k surest rows at index k - 1 (n,).
    """
    figure = new_figure(5.0, 4.0)
    axes = figure.add_axes((0.17, 0.13, 0.79, 0.84))
    _plain(axes)
    # With few answered rows the accuracy says little and jumps.
    first = len(curve) // 10
    shares = np.arange(1, len(curve) + 1) / len(curve)
    alone = len(curve) - first == 1
    axes.plot(shares[first:], curve[first:], color=BLUE, lw=2.4, marker="o" if alone else "")
    low = float(curve[first:].min())
    room = max(0.06 * (1.0 - low), 1e-3)
    axes.set(xlim=(1.0, 0.0), ylim=(low - room, min(1.0 + room, 1.01)))
    # The axis goes above 100 %, but needs no tick there.
    axes.set_yticks([tick for tick in axes.get_yticks() if low - room <= tick <= 1.0 + 1e-9])
    axes.set_xlabel("share of the rows that is answered, the surest first", color=GRAY)
    axes.set_ylabel("accuracy of the answered rows", color=GRAY)
    _percent(axes.xaxis, axes.yaxis)
    return write_figure(path, figure)


def draw_robustness(path: Path, curves: Sequence[Curve], classes: int) -> Path:
    """Draw the accuracy over the strength of each of up to four corruptions, on one scale.

    `classes` is their number: guessing is right in one row of so many.
    """
    figure = new_figure(8.2, 5.8)
    places = ((0.08, 0.58), (0.57, 0.58), (0.08, 0.09), (0.57, 0.09))
    colors = (BLUE, GREEN, ORANGE, PINK)
    for curve, place, color in zip(curves, places, colors, strict=True):
        axes = figure.add_axes((*place, 0.41, 0.34))
        _plain(axes)
        axes.axhline(1.0 / classes, color=GRAY, lw=1.0, ls=(0, (4, 3)))
        axes.plot(curve.strengths, curve.accuracy, "o-", color=color, lw=2.4, ms=5)
        axes.set(ylim=(0, 1.03), xticks=curve.strengths)
        axes.set_title(f"{curve.name}, {curve.unit}", loc="left", fontsize=11, color=INK)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        _percent(axes.yaxis)
    figure.axes[0].text(0, 1.0 / classes + 0.02, "guessing", color=GRAY, fontsize=8.5)
    return write_figure(path, figure)


def _plain(axes: Axes) -> None:
    axes.grid(color=PALE, lw=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=9.5, colors=GRAY, length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(PALE)


def _percent(*sides: Any) -> None:
    from matplotlib.ticker import PercentFormatter

    for side in sides:
        side.set_major_formatter(PercentFormatter(xmax=1.0))
