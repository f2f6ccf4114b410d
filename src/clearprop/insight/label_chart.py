"""A picture of several labels: which are found, missed, and wrongly found."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from clearprop.insight.pictures import BLUE, GRAY, INK, ORANGE, PALE, new_figure, write_figure

Array = np.ndarray[Any, Any]

MOST = 30
"""The most labels that are drawn: those with the most rows."""


def draw_labels(
    path: str | os.PathLike[str],
    true: Array,
    taken: Array,
    names: Sequence[str],
    *,
    title: str = "",
) -> Path:
    """Draw a bar for each label as PNG: found in blue, missed in orange, wrongly found in gray.

    Args:
        path: the file to write.
        true: whether each row has the label (n, labels).
        taken: whether the label was predicted (n, labels).
        names: of the labels.
        title: a line above.

    Raises:
        MissingExtraError: matplotlib is not installed.
        OutputError: the file cannot be written.
    """
    order = np.sort(np.argsort(-true.sum(axis=0), kind="stable")[:MOST])
    true, taken = true[:, order], taken[:, order]
    found, missed = (true & taken).sum(axis=0), (true & ~taken).sum(axis=0)
    wrongly = (~true & taken).sum(axis=0)
    places = np.arange(len(order))[::-1]
    figure = new_figure(7.2, 1.3 + 0.3 * len(order))
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontsize=11.5, color=INK, weight="bold")
    parts = ((found, BLUE, "found"), (missed, ORANGE, "missed"), (wrongly, PALE, "wrongly found"))
    left = np.zeros(len(order))
    for part, color, name in parts:
        axes.barh(places, part, left=left, color=color, height=0.72, label=name)
        left = left + part
    axes.set_yticks(places, [names[k][:24] for k in order], fontsize=9.5, parse_math=False)
    axes.set_xlabel("rows", fontsize=10, color=GRAY)
    axes.tick_params(labelsize=9.5, colors=GRAY, length=0)
    axes.spines[:].set_visible(False)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, frameon=False, fontsize=9.5)
    figure.tight_layout()
    return write_figure(path, figure)
