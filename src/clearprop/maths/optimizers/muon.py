"""Muon (Jordan 2024): a hidden weight matrix moves by an orthogonal matrix.

The momentum of a weight matrix is nearly of low rank: a few directions dominate. Muon gives every
direction the same size, by replacing M = U·S·Vᵀ with approximately U·Vᵀ.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from clearprop.maths.optimizers.adam import ADAM
from clearprop.maths.optimizers.optimizer import Optimizer
from clearprop.maths.settings import Setting, share

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace, Scalar

    Matrix = Float[Array, "rows columns"]
    Slots = dict[str, Float[Array, "rows columns"]]
    Row = Mapping[str, Scalar]

# Of a·s + b·s³ + c·s⁵, chosen for its slope at 0: five steps lift a singular value of 0.002.
QUINTIC = (3.4445, -4.7750, 2.0315)
STEPS = 5
TINY = 1e-8


def muon(xp: Namespace, gradient: Matrix, slots: Slots, row: Row) -> tuple[Matrix, Slots]:
    """Return -η·√max(1, units/inputs)·O(g + μ·v) with the velocity v ← μ·v + g.

    O makes a matrix orthogonal; the root keeps the size of what a unit receives the same for
    every shape. The row says what `inputs` and `units` are, since a matrix may come transposed.
    """
    velocity = row["momentum"] * slots["velocity"] + gradient
    made = orthogonalized(xp, gradient + row["momentum"] * velocity)
    return -row["learning_rate"] * stretch(row) * made, {"velocity": velocity}


def stretch(row: Row) -> float:
    """Return √max(1, units/inputs) of a weight matrix."""
    return math.sqrt(max(1.0, row["units"] / row["inputs"]))


def orthogonalized(xp: Namespace, matrix: Matrix) -> Matrix:
    """Return about U·Vᵀ of M = U·S·Vᵀ, by five Newton-Schulz steps.

    X = M/‖M‖ has singular values in [0, 1]. With A = X·Xᵀ the step X ← a·X + (b·A + c·A²)·X keeps
    U and V and makes of every singular value s the value a·s + b·s³ + c·s⁵; five of them bring
    all that are not tiny into [0.68, 1.14]. The smaller side is put first, since A is of its size.
    """
    if matrix.shape[0] > matrix.shape[1]:
        return orthogonalized(xp, matrix.T).T
    a, b, c = QUINTIC
    x = matrix / (xp.sqrt(xp.sum(matrix * matrix)) + TINY)
    for _ in range(STEPS):
        square = x @ x.T
        x = a * x + (b * square + c * (square @ square)) @ x
    return x


SETTINGS = {
    "momentum": share(0.95),
    "weight_decay": Setting(0.01),
    "adam_factor": Setting(0.1),
    **ADAM.settings,
}
# Hidden weights by Muon, and the rest by Adam at a share of the rate.
MUON = ADAM._replace(
    settings=SETTINGS,
    factor="adam_factor",
    hidden=Optimizer(muon, ("velocity",), SETTINGS, columns=ADAM.columns),
)
