"""A drawing of a network: its layers as columns of neurons, its weights as lines."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from clearprop.insight.pictures import BLUE, GRAY, GREEN, INK, ORANGE, new_figure, write_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]

_SHOWN = 16  # the most neurons in a column; of more, the first and last half, and three dots
_APART = 2.1  # inches between columns
_STEP = 0.27  # inches between neurons
_FOOT, _HEAD, _SIDE = 1.15, 0.85, 0.95  # inches


def draw_architecture(
    path: str | os.PathLike[str],
    sizes: Sequence[int],
    activations: Sequence[str],
    *,
    parameters: Sequence[int] | None = None,
    joined: Sequence[bool] | None = None,
    between: Sequence[str] = (),
    classes: Sequence[str] = (),
    title: str = "",
) -> Path:
    """Draw a network as PNG: neurons, connections, sizes, activations, weights, parameters.

    Args:
        path: the file to write; its folder is made if needed.
        sizes: neurons of each layer, the input first: [784, 128, 64, 10].
        activations: one name for each layer after the input: ["relu", "relu", "softmax"].
        parameters: how many each layer after the input has; by default (in + 1) · out.
        joined: whether each layer after the input is connected to all units before it (the
            default) or one to one.
        between: words in place of the sizes on both sides of each layer after the input, or "".
        classes: names of the outputs, written next to them if there are at most 16.
        title: a line above the drawing; by default the sizes, "784 – 128 – 64 – 10".

    Returns:
        The path.

    Raises:
        MissingExtraError: matplotlib is not installed.
        OutputError: the file cannot be written.
    """
    pairs = list(itertools.pairwise(sizes))
    full = list(joined) if joined is not None else [True] * len(pairs)
    counts = list(parameters) if parameters is not None else [(n + 1) * m for n, m in pairs]
    names = [name for name in classes if len(classes) <= _SHOWN]
    figure, axes = _sheet(sizes, max(map(len, names), default=0))
    width, height = figure.get_size_inches()
    middle = (height - _HEAD + _FOOT) / 2
    columns = [(_SIDE + _APART * i, middle + _heights(size)) for i, size in enumerate(sizes)]
    for (left, right), every in zip(itertools.pairwise(columns), full, strict=True):
        _draw_weights(axes, left, right, every=every)
    for place, (x, ys) in enumerate(columns):
        _draw_neurons(axes, x, ys, _color(place, len(sizes)), dots=sizes[place] > _SHOWN)
        _write(axes, x, 0.72, f"{sizes[place]:,}", fontsize=15, color=INK, weight="bold")
        _write(axes, x, 0.44, ["input", *activations][place], fontsize=11, color=GRAY)
    for place, (pair, count) in enumerate(zip(pairs, counts, strict=True)):
        words = f"{pair[0]:,} × {pair[1]:,}" if full[place] else "one by one"
        words = between[place] or words if between else words
        x = _SIDE + _APART * (place + 0.5)
        _write(axes, x, 0.72, words, fontsize=10, color=INK)
        _write(axes, x, 0.44, f"{count:,}", fontsize=10, color=GRAY)
    _draw_classes(axes, *columns[-1], names)
    _draw_head(axes, width, height, title or " – ".join(map(str, sizes)), sum(counts))
    return write_figure(path, figure)


def _sheet(sizes: Sequence[int], letters: int) -> tuple[Figure, Axes]:
    """Axes that measure in inches from the lower left corner, with room for the names."""
    right = max(_SIDE, 0.5 + 0.085 * letters)
    width = max(_SIDE + _APART * (len(sizes) - 1) + right, 5.0)
    height = _FOOT + _HEAD + _STEP * max(6, min(_SHOWN + 1, max(sizes)))
    figure = new_figure(width, height)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.axis("off")
    return figure, axes


def _heights(size: int) -> Array:
    """Where a layer's neurons lie above and below its middle, in inches, top first."""
    if size <= _SHOWN:
        return _STEP * ((size - 1) / 2 - np.arange(size))
    half = np.arange(_SHOWN // 2) + 1.0
    return _STEP * np.concatenate([half[::-1], -half])


def _draw_weights(
    axes: Axes, left: tuple[float, Array], right: tuple[float, Array], *, every: bool
) -> None:
    from matplotlib.collections import LineCollection

    pairs = itertools.product(left[1], right[1]) if every else zip(left[1], right[1], strict=True)
    lines = [[(left[0], a), (right[0], b)] for a, b in pairs]
    axes.add_collection(LineCollection(lines, colors=GRAY, linewidths=0.45, alpha=0.28, zorder=1))


def _draw_neurons(axes: Axes, x: float, ys: Array, color: str, *, dots: bool) -> None:
    axes.scatter(np.full(len(ys), x), ys, s=150, color=color, edgecolors="white", lw=1.2, zorder=3)
    if dots:
        around = ys.mean() + 0.09 * np.arange(-1, 2)
        axes.scatter(np.full(3, x), around, s=26, color="white", zorder=3)
        axes.scatter(np.full(3, x), around, s=9, color=INK, zorder=4)


def _color(place: int, count: int) -> str:
    return GREEN if place == 0 else ORANGE if place == count - 1 else BLUE


def _write(axes: Axes, x: float, y: float, words: str, **style: Any) -> None:
    axes.text(x, y, words, **({"ha": "center", "va": "center"} | style))


def _draw_classes(axes: Axes, x: float, ys: Array, classes: Sequence[str]) -> None:
    if len(classes) == len(ys):
        for y, name in zip(ys, classes, strict=True):
            axes.text(x + 0.18, y, name, va="center_baseline", fontsize=9.5, color=INK)


def _draw_head(axes: Axes, width: float, height: float, title: str, total: int) -> None:
    size = min(15.0, 100.0 * (width - 2.7) / len(title))  # so that there is room for the count
    axes.text(0.35, height - 0.38, title, va="center", fontsize=size, color=INK, weight="bold")
    count = f"{total:,} parameters"
    _write(axes, width - 0.35, height - 0.38, count, ha="right", fontsize=12, color=GRAY)
