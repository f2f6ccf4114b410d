"""Pictures of predicted real numbers: against the true ones, and their errors."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from clearprop.insight.pictures import BLUE, GRAY, INK, PALE, new_figure, write_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = np.ndarray[Any, Any]

PANELS, COLUMNS = 6, 3
SIDE, HEIGHT = 3.3, 2.3  # inches
MOST_DOTS = 5_000


def draw_true_and_predicted(
    path: str | os.PathLike[str],
    true: Array,
    predicted: Array,
    names: Sequence[str],
    *,
    title: str = "",
) -> Path:
    """Draw predicted over true values (n, columns) as PNG, a panel for each of up to six columns.

    Of more than five thousand rows only some are drawn.

    Raises:
        MissingExtraError: matplotlib is not installed.
        OutputError: the file cannot be written.
    """
    shown = np.unique(np.linspace(0, len(true) - 1, min(len(true), MOST_DOTS)).astype(int))
    figure, panels = _panels(len(names), SIDE, title)
    for k, axes in enumerate(panels):
        _draw_column(axes, true[shown, k], predicted[shown, k])
        axes.set_title(names[k][:40], loc="left", fontsize=11, color=INK, parse_math=False)
    figure.tight_layout()
    return write_figure(path, figure)


def draw_errors(path: str | os.PathLike[str], errors: Array, names: Sequence[str]) -> Path:
    """Draw a histogram of predicted less true (n, columns) as PNG, a panel for up to six columns.

    Raises:
        MissingExtraError: matplotlib is not installed.
        OutputError: the file cannot be written.
    """
    figure, panels = _panels(len(names), HEIGHT)
    for k, axes in enumerate(panels):
        axes.hist(errors[:, k], bins=min(60, max(8, len(errors) // 12)), color=BLUE, alpha=0.75)
        axes.axvline(0.0, color=GRAY, lw=1.2, ls=(0, (4, 3)))
        axes.set_xlabel(f"error of {names[k][:40]}", fontsize=10, color=GRAY, parse_math=False)
        axes.set_ylabel("rows", fontsize=10, color=GRAY)
        _plain(axes)
    figure.tight_layout()
    return write_figure(path, figure)


def _panels(count: int, height: float, title: str = "") -> tuple[Any, list[Axes]]:
    count = min(count, PANELS)
    across = min(count, COLUMNS)
    down = -(-count // across)
    figure = new_figure(max(SIDE * across, 4.4) + 0.4, height * down + 0.5)
    if title:
        figure.suptitle(title, x=0.03, ha="left", fontsize=11.5, color=INK, weight="bold")
    return figure, [figure.add_subplot(down, across, k + 1) for k in range(count)]


def _draw_column(axes: Axes, true: Array, predicted: Array) -> None:
    low, high = float(min(true.min(), predicted.min())), float(max(true.max(), predicted.max()))
    axes.plot([low, high], [low, high], color=GRAY, lw=1.2, ls=(0, (4, 3)))
    faint = 0.85 if len(true) < 500 else 0.35
    axes.plot(true, predicted, "o", color=BLUE, ms=4, alpha=faint, mew=0)
    axes.set_xlabel("true", fontsize=10, color=GRAY)
    axes.set_ylabel("predicted", fontsize=10, color=GRAY)
    _plain(axes)


def _plain(axes: Axes) -> None:
    # More long numbers would run into each other.
    axes.locator_params(nbins=4)
    axes.tick_params(labelsize=9, colors=GRAY, length=0)
    axes.grid(color=PALE, lw=0.7)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)
