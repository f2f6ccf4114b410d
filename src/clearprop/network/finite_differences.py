"""The slope of a function by finite differences: what no derivation can get wrong."""

from collections.abc import Callable
from typing import Any

import numpy as np

# A power of two: x + h and x - h are then exact for nearly every x, and so is their distance.
STEP = 2.0**-10


def finite_differences(value: Callable[[np.ndarray], Any], x: np.ndarray) -> np.ndarray:
    """Return ∂value/∂x, element by element, by central differences.

    D(h) = (f(x + h) - f(x - h))/(2h) is wrong by c·h² + O(h⁴), so (4·D(h/2) - D(h))/3 is
    wrong by O(h⁴) only (Richardson). With h = 2⁻¹⁰ that and the rounding of f are both near
    1e-12.

    Args:
        value: f, from an array of x's shape to a number.
        x: float64; it stays as it is.
    """

    def moved(index: tuple[int, ...], h: float) -> Any:
        there = x.copy()
        there[index] += h
        return value(there)

    def slope(index: tuple[int, ...], h: float) -> Any:
        return (moved(index, h) - moved(index, -h)) / (2.0 * h)

    def refined(index: tuple[int, ...]) -> Any:
        return (4.0 * slope(index, STEP / 2.0) - slope(index, STEP)) / 3.0

    return np.reshape([refined(index) for index in np.ndindex(x.shape)], x.shape)
