"""What all pictures share: a figure without global state, colors, a file written whole.

matplotlib is imported here and nowhere else, through its object interface: `pyplot` would keep
every figure alive and choose a window system.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from clearprop import atomic
from clearprop.errors import MissingExtraError, OutputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's palette, told apart by colour-blind readers and in gray print.
BLUE, ORANGE, GREEN, PINK = "#0072B2", "#E69F00", "#009E73", "#CC79A7"
RED = "#C8102E"
INK, GRAY, PALE = "#222222", "#6B6B6B", "#D9D9D9"

DOTS_PER_INCH = 150


def shortened(name: str, longest: int) -> str:
    """Return a name of at most so many letters."""
    return name if len(name) <= longest else name[: longest - 1] + "…"


def new_figure(width: float, height: float) -> Figure:
    """Return an empty white figure, its size in inches, with a canvas that draws into memory.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("pictures need matplotlib", "plots") from error
    figure = Figure(figsize=(width, height), dpi=DOTS_PER_INCH, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def write_figure(path: str | os.PathLike[str], figure: Figure) -> Path:
    """Write a figure as PNG, whole or not at all, and return the path.

    Raises:
        OutputError: the file cannot be written.
    """
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    try:
        return atomic.write(path, buffer.getvalue())
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error
