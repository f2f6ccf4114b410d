"""Losses, one a file, and the table of them."""

from clearprop.maths.losses.cross_entropy import CROSS_ENTROPY, cross_entropy, cross_entropy_vjp
from clearprop.maths.losses.loss import Loss
from clearprop.maths.losses.sigmoid_cross_entropy import (
    SIGMOID_CROSS_ENTROPY,
    sigmoid_cross_entropy,
    sigmoid_cross_entropy_vjp,
)
from clearprop.maths.losses.squared_error import SQUARED_ERROR, squared_error, squared_error_vjp
from clearprop.maths.losses.targets import one_hot, smooth

__all__ = [
    "LOSSES",
    "Loss",
    "cross_entropy",
    "cross_entropy_vjp",
    "one_hot",
    "sigmoid_cross_entropy",
    "sigmoid_cross_entropy_vjp",
    "smooth",
    "squared_error",
    "squared_error_vjp",
]

LOSSES = {
    "cross_entropy": CROSS_ENTROPY,
    "sigmoid_cross_entropy": SIGMOID_CROSS_ENTROPY,
    "squared_error": SQUARED_ERROR,
}
