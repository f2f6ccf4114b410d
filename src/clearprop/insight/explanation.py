"""The explanation of a batch as text: name, formula, shape, and a corner of the values."""

from collections.abc import Sequence

import numpy as np

from clearprop.insight.explain import Explained

CORNER = 3


def render(steps: Sequence[Explained], rows: int, *, adversarial: float = 0.0) -> str:
    """Return the steps as text; `rows` is the batch size m, `adversarial` the training's ε.

    The corner that is shown begins at the first column (or row) with anything but zeros, since a
    digit's edge pixels are all black.
    """
    lines = [f"One batch of m = {rows} rows, forward and back, by the rules that train:"]
    if adversarial:
        lines.append(
            "(Training takes the mean of these gradients and of those with every row of X moved "
            f"by {adversarial:g} up the loss, which are not shown.)"
        )
    lines.append("")
    for step in steps:
        lines += _lines(step, rows)
    return "\n".join(lines)


def _lines(step: Explained, rows: int) -> list[str]:
    if not isinstance(step.value, np.ndarray):
        return [f"{step.name:<9}= {step.formula} = {step.value:.6f}", ""]
    head = f"{step.name:<9}= {step.formula}"
    # A parameter's gradient has no row for each sample, even if the sizes are equal.
    shape = _shape(step.value.shape, rows if step.of_rows else None)
    # Rows with axes of their own are shown with all their numbers in a line.
    value = step.value if step.value.ndim < 3 else step.value.reshape(len(step.value), -1)
    top, left = _start(value)
    corner = np.atleast_2d(value)[top : top + CORNER, left : left + CORNER]
    where = f"[{top}:, {left}:]" if value.ndim == 2 else f"[{left}:]"
    body = [f"    {where if i == 0 else '':<12}{_numbers(row)}" for i, row in enumerate(corner)]
    return [f"{head:<62} {shape}", *body, ""]


def _shape(shape: tuple[int, ...], rows: int | None) -> str:
    sizes = [
        f"m={size}" if i == 0 and len(shape) > 1 and size == rows else str(size)
        for i, size in enumerate(shape)
    ]
    return f"({'×'.join(sizes)})" if len(sizes) > 1 else f"({sizes[0]},)"


def _start(value: np.ndarray) -> tuple[int, int]:
    there = np.atleast_2d(value) != 0
    top = int(np.argmax(there.any(axis=1)))
    left = int(np.argmax(there[top]))
    height, width = there.shape
    return max(0, min(top, height - CORNER)), max(0, min(left, width - CORNER))


def _numbers(row: np.ndarray) -> str:
    shown = (f"{x:>11.4e}" if 0 < abs(x) < 1e-3 else f"{x:>11.6f}" for x in row)
    return "  ".join([*shown, "…"])
