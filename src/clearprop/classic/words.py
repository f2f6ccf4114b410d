"""The classic names of optimizers, losses and activations, and what `clearprop.MLP` calls them."""

from typing import Any

from clearprop.errors import SettingError


class SGD:
    """Stochastic gradient descent: W ← W - η·∂C/∂W, the gradient of a batch at each step."""


class Adam:
    """Adam (Kingma & Ba 2015) with its usual settings; learning rates near 0.001 suit it."""


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
# W ~ N(0, 1/n_in) keeps the size of a signal; ReLU halves it, so He doubles the variance.
INITIALIZERS: dict[type, str] = {Sigmoid: "lecun_normal", ReLU: "he_normal"}


def translated(kind: str, value: Any, words: dict[type, str]) -> str:
    """Return what `clearprop.MLP` calls a classic name, given as a class or an instance of it.

    Args:
        kind: the argument that it was given for.
        value: what was given.
        words: the names that there are.

    Raises:
        SettingError: it is none of them; the message lists those.
    """
    name = value if isinstance(value, type) else type(value)
    if name not in words:
        known = " or ".join(word.__name__ for word in words)
        raise SettingError(f"{kind} is {value!r}; it must be {known}, from clearprop.classic")
    return words[name]
