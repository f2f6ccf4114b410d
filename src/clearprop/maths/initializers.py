"""Initial weights: how widely the first draw of a layer spreads.

Each function maps (inputs, units) of a layer to the standard deviation of its weights. A
variance of 1/n_in keeps a signal's size through an affine map; ReLU halves it, so He doubles.
"""

import math
from collections.abc import Callable
from typing import NamedTuple


def lecun(inputs: int, units: int) -> float:
    """Return 1/√n_in (LeCun et al. 1998, §4.6)."""
    return 1.0 / math.sqrt(inputs)


def standard(inputs: int, units: int) -> float:
    """Return 1: the plain N(0, 1) of first lessons, which saturates sigmoids at once."""
    return 1.0


def he(inputs: int, units: int) -> float:
    """Return √(2/n_in) (He et al. 2015, eq. 10)."""
    return math.sqrt(2.0 / inputs)


def glorot(inputs: int, units: int) -> float:
    """Return √(2/(n_in + n_out)) (Glorot & Bengio 2010, eq. 12)."""
    return math.sqrt(2.0 / (inputs + units))


def unit_interval(inputs: int, units: int) -> float:
    """Return 1/√(3·n_in): of the uniform distribution on ±1/√n_in, the plainest bounded draw."""
    return 1.0 / math.sqrt(3.0 * inputs)


def orthogonal(inputs: int, units: int) -> float:
    """Return 1/√max(n_in, n_out): of an orthogonal matrix, whose columns or rows have norm 1.

    All its singular values are 1, and the gain of a deep linear network then is 1 in every
    direction (Saxe et al. 2014).
    """
    return 1.0 / math.sqrt(max(inputs, units))


class Initializer(NamedTuple):
    """A distribution's shape ("normal", "uniform", "orthogonal") and its standard deviation."""

    shape: str
    deviation: Callable[[int, int], float]


INITIALIZERS = {
    "glorot_normal": Initializer("normal", glorot),
    "glorot_uniform": Initializer("uniform", glorot),
    "he_normal": Initializer("normal", he),
    "he_uniform": Initializer("uniform", he),
    "lecun_normal": Initializer("normal", lecun),
    "lecun_uniform": Initializer("uniform", lecun),
    "orthogonal": Initializer("orthogonal", orthogonal),
    "standard_normal": Initializer("normal", standard),
    "uniform": Initializer("uniform", unit_interval),
}
