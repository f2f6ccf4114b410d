"""The optimizers' updates, written into existing arrays, each the equation of its name.

New arrays cost more than the arithmetic: ten arrays as large as the parameters instead of three.
Each rule takes parameters p, their gradient g, which it overwrites, the slots, the row, and a spare
array of p's shape. The tests compare each with its equation.
"""

from collections.abc import Callable, Mapping
from math import sqrt

import numpy as np

from clearprop.maths.optimizers import adam as adams
from clearprop.maths.optimizers import lion as lions
from clearprop.maths.optimizers import momentum as momentums
from clearprop.maths.optimizers import muon as muons
from clearprop.maths.optimizers import nesterov as nesterovs
from clearprop.maths.optimizers import rmsprop as rmsprops
from clearprop.maths.optimizers import sgd as sgds
from clearprop.maths.optimizers.muon import orthogonalized, stretch

Row = Mapping[str, float]


def sgd(p: np.ndarray, g: np.ndarray, slots: list, row: Row, spare: np.ndarray) -> None:
    """Do p ← p - η·g."""
    g *= row["learning_rate"]
    p -= g


def momentum(p: np.ndarray, g: np.ndarray, slots: list, row: Row, spare: np.ndarray) -> None:
    """Do v ← μ·v + g, p ← p - η·v."""
    (velocity,) = slots
    velocity *= row["momentum"]
    velocity += g
    p -= np.multiply(velocity, row["learning_rate"], out=g)


def nesterov(p: np.ndarray, g: np.ndarray, slots: list, row: Row, spare: np.ndarray) -> None:
    """Do v ← μ·v + g, p ← p - η·(g + μ·v)."""
    (velocity,) = slots
    velocity *= row["momentum"]
    velocity += g
    g += np.multiply(velocity, row["momentum"], out=spare)
    g *= row["learning_rate"]
    p -= g


def rmsprop(p: np.ndarray, g: np.ndarray, slots: list, row: Row, spare: np.ndarray) -> None:
    """Do s ← ρ·s + (1 - ρ)·g², p ← p - η·g/(√s + ε)."""
    (square,) = slots
    _toward_square(square, g, row["rest_of_decay"], spare)
    np.sqrt(square, out=spare)
    spare += row["epsilon"]
    g /= spare
    g *= row["learning_rate"]
    p -= g


def adam(p: np.ndarray, g: np.ndarray, slots: list, row: Row, spare: np.ndarray) -> None:
    """Do m ← m + (1 - β₁)·(g - m), v likewise with g², p ← p - η·m̂/(√v̂ + ε).

    With c₁ = 1 - β₁ᵗ and c₂ = 1 - β₂ᵗ, η·(m/c₁)/(√(v/c₂) + ε) is (η·√c₂/c₁)·m/(√v + ε·√c₂):
    the corrections touch two numbers in place of two arrays.
    """
    mean, square = slots
    _toward_square(square, g, row["rest_of_beta2"], spare)
    g -= mean
    g *= row["rest_of_beta1"]
    mean += g
    root = sqrt(row["correction2"])
    np.sqrt(square, out=spare)
    spare += row["epsilon"] * root
    np.divide(mean, spare, out=spare)
    spare *= row["learning_rate"] * root / row["correction1"]
    p -= spare


def lion(p: np.ndarray, g: np.ndarray, slots: list, row: Row, spare: np.ndarray) -> None:
    """Do p ← p - η·sign(m + (1 - β₁)·(g - m)), m ← m + (1 - β₂)·(g - m)."""
    (mean,) = slots
    g -= mean
    np.multiply(g, row["rest_of_beta1"], out=spare)
    spare += mean
    np.sign(spare, out=spare)
    spare *= row["learning_rate"]
    p -= spare
    g *= row["rest_of_beta2"]
    mean += g


def muon(p: np.ndarray, g: np.ndarray, slots: list, row: Row, spare: np.ndarray) -> None:
    """Do v ← μ·v + g, p ← p - η·√max(1, units/inputs)·O(g + μ·v), for one matrix."""
    (velocity,) = slots
    velocity *= row["momentum"]
    velocity += g
    g += np.multiply(velocity, row["momentum"], out=spare)
    p -= np.multiply(orthogonalized(np, g), row["learning_rate"] * stretch(row), out=spare)


def _toward_square(square: np.ndarray, g: np.ndarray, share: float, spare: np.ndarray) -> None:
    np.multiply(g, g, out=spare)
    spare -= square
    spare *= share
    square += spare


# By equation; one without is run as it is.
UPDATES: dict[Callable, Callable] = {
    adams.adam: adam,
    lions.lion: lion,
    momentums.momentum: momentum,
    muons.muon: muon,
    nesterovs.nesterov: nesterov,
    rmsprops.rmsprop: rmsprop,
    sgds.sgd: sgd,
}
