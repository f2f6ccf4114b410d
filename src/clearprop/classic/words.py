"""The classic names of optimizers, losses and activations, and their `clearprop.MLP` keywords."""

from typing import Any

from clearprop.errors import SettingError


class SGD:
    """Stochastic gradient descent: W ← W - η·∂C/∂W, with the gradient of one batch."""


class Adam:
    """Adam (Kingma & Ba 2015) with its usual settings; use learning rates near 0.001."""


class CrossEntropyLoss:
    """The cross-entropy of sigmoid outputs, -Σ (y·log a + (1 - y)·log(1 - a)), mean over rows."""


class MeanSquaredError:
    """Nielsen's quadratic cost ½·Σ (a - y)², mean over rows."""


class Sigmoid:
    """Hidden layers of 1/(1 + e⁻ᶻ)."""


class ReLU:
    """Hidden layers of max(z, 0); the output stays a sigmoid."""


OPTIMIZERS: dict[type, str] = {SGD: "sgd", Adam: "adam"}
LOSSES: dict[type, str] = {
    CrossEntropyLoss: "sigmoid_cross_entropy",
    MeanSquaredError: "squared_error",
}
ACTIVATIONS: dict[type, str] = {Sigmoid: "sigmoid", ReLU: "relu"}
# W ~ N(0, 1/n_in) preserves the variance of a signal; ReLU halves it, so He doubles it again.
INITIALIZERS: dict[type, str] = {Sigmoid: "lecun_normal", ReLU: "he_normal"}


def keyword(argument: str, value: Any, table: dict[type, str]) -> str:
    """Return the `clearprop.MLP` keyword for a classic class, or an instance of one.

    Raises:
        SettingError: the table lacks the class; the message lists those in it.
    """
    kind = value if isinstance(value, type) else type(value)
    if kind not in table:
        known = " or ".join(one.__name__ for one in table)
        raise SettingError(f"{argument} is {value!r}; it must be {known}, from clearprop.classic")
    return table[kind]
