"""A picture of what a hidden layer makes of the rows: t-SNE, in two dimensions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from clearprop.errors import DataError, MissingExtraError
from clearprop.insight.pictures import GRAY, INK, new_figure, write_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = np.ndarray[Any, Any]

# t-SNE takes seconds for a thousand rows and minutes for ten thousand.
PICTURED = 1000
CAPTION = (
    "t-SNE: each dot is an image, its color and the label its true class. What lies near is alike "
    "to the network; the axes mean nothing."
)


def embed(activations: Array, seed: int = 0) -> Array:
    """Return a point in the plane for each row of activations (n, units): neighbors stay neighbors.

    t-SNE (van der Maaten & Hinton 2008), as scikit-learn has it, started from the two principal
    axes. Distances between far groups mean little, and the axes nothing.

    Raises:
        DataError: fewer than three rows or two units.
        MissingExtraError: scikit-learn is not installed.
    """
    if len(activations) < 3 or activations.shape[1] < 2:
        raise DataError(
            f"no picture of {len(activations)} rows on a layer of {activations.shape[1]} units: "
            "t-SNE takes at least three rows and two units"
        )
    try:
        from sklearn.manifold import TSNE
    except ImportError as error:
        raise MissingExtraError(
            "the picture of a hidden layer needs scikit-learn", "sklearn"
        ) from error
    # Its perplexity must be smaller than the number of rows; 30 is its default.
    perplexity = min(30.0, (len(activations) - 1) / 3.0)
    method = TSNE(perplexity=perplexity, init="pca", random_state=seed)
    return method.fit_transform(activations.astype(np.float64))


def draw_hidden_layer(
    path: str | os.PathLike[str],
    activations: Array,
    labels: Array,
    classes: Sequence[str],
    *,
    title: str = "",
) -> Path:
    """Draw the activations (n, units) of labeled rows as PNG: each row a dot, near ones near.

    A thousand rows are enough. Returns the path.

    Raises:
        DataError: fewer than three rows or two units.
        MissingExtraError: matplotlib or scikit-learn is not installed.
    """
    figure = new_figure(7.2, 6.4)
    points = embed(activations)
    axes = figure.add_axes((0.03, 0.06, 0.94, 0.86))
    figure.text(0.03, 0.945, title, fontsize=13, fontweight="bold", color=INK)
    axes.set_axis_off()
    figure.text(0.03, 0.02, CAPTION, fontsize=8.5, color=GRAY)
    for number, name in enumerate(classes):
        own = points[labels == number]
        if len(own):
            _draw_class(axes, own, name, number, len(classes))
    return write_figure(path, figure)


def _draw_class(axes: Axes, points: Array, name: str, number: int, classes: int) -> None:
    from matplotlib import colormaps

    color = colormaps["tab10"](number) if classes <= 10 else colormaps["turbo"](number / classes)
    axes.scatter(points[:, 0], points[:, 1], s=13, color=color, alpha=0.75, linewidths=0)
    # The name goes to the median: the mean would be pulled away by rows among other classes.
    x, y = np.median(points, axis=0)
    box = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": color, "alpha": 0.9}
    axes.text(x, y, name, ha="center", va="center", fontsize=11, color=INK, bbox=box)
