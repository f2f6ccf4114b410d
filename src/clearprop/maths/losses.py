"""Losses: a weighted sum over rows of how wrong each row's output is.

Every loss takes `weight`, a number for each row. Weights of 1/batch make it the mean over the
batch; a padded row has weight 0; class and sample weights are factors of it. The targets are
one row of numbers for each sample: `one_hot` makes them from integer labels, soft labels are
taken as they are, and `smooth` softens either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearprop.maths.activations import sigmoid, softplus
from clearprop.maths.softmax import log_softmax

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Int, Namespace, Scalar

    Rows = Float[Array, "batch classes"]
    Saved = tuple[Rows, Rows, Float[Array, " batch"]]


def one_hot(
    xp: Namespace, labels: Int[Array, " batch"], classes: int, dtype: object
) -> Float[Array, "batch classes"]:
    """Return a row for each label, 1 in the label's column and 0 elsewhere."""
    columns = xp.arange(classes, dtype=labels.dtype)
    return xp.astype(labels[:, None] == columns[None, :], dtype)


def smooth(xp: Namespace, targets: Rows, amount: Scalar) -> Rows:
    """Return (1 - ε)·t + ε/K: label smoothing over K classes (Szegedy et al. 2016, §7)."""
    return (1.0 - amount) * targets + amount / targets.shape[-1]


def cross_entropy(
    xp: Namespace, logits: Rows, targets: Rows, weight: Float[Array, " batch"]
) -> tuple[Float[Array, ""], Saved]:
    """Return the softmax cross-entropy L = -Σ_i w_i Σ_k t_ik·log softmax(z_i)_k.

    With integer labels this is the negative log-likelihood of the true class. Saved are the
    logarithms of the probabilities, which the way back needs again.
    """
    log_probabilities = log_softmax(xp, logits)
    rows = -xp.sum(targets * log_probabilities, axis=-1)
    return xp.sum(weight * rows), (log_probabilities, targets, weight)


def cross_entropy_vjp(xp: Namespace, saved: Saved, g: Scalar) -> Rows:
    """Return ∂L/∂z = g·w_i·(softmax(z_i)·Σ_j t_ij - t_i).

    ∂(log s_j)/∂z_k = δ_jk - s_k, hence -Σ_j t_j·(δ_jk - s_k) = s_k·Σ_j t_j - t_k. Targets
    that are probabilities sum to 1, which leaves the well-known s - t.
    """
    log_probabilities, targets, weight = saved
    total = xp.sum(targets, axis=-1, keepdims=True)
    return (g * weight)[:, None] * (xp.exp(log_probabilities) * total - targets)


def sigmoid_cross_entropy(
    xp: Namespace, logits: Rows, targets: Rows, weight: Float[Array, " batch"]
) -> tuple[Float[Array, ""], Saved]:
    """Return L = -Σ_i w_i Σ_k (t·log σ(z) + (1 - t)·log(1 - σ(z))).

    Since log σ(z) = z - softplus(z) and log(1 - σ(z)) = -softplus(z), each term is
    softplus(z) - t·z, which is finite for every z.
    """
    rows = xp.sum(softplus(xp, logits) - targets * logits, axis=-1)
    return xp.sum(weight * rows), (logits, targets, weight)


def sigmoid_cross_entropy_vjp(xp: Namespace, saved: Saved, g: Scalar) -> Rows:
    """Return ∂L/∂z = g·w_i·(σ(z) - t), the derivative of softplus(z) - t·z."""
    logits, targets, weight = saved
    return (g * weight)[:, None] * (sigmoid(xp, logits) - targets)


def squared_error(
    xp: Namespace, outputs: Rows, targets: Rows, weight: Float[Array, " batch"]
) -> tuple[Float[Array, ""], Saved]:
    """Return L = Σ_i w_i·½·Σ_k (a_ik - t_ik)²."""
    difference = outputs - targets
    rows = 0.5 * xp.sum(difference * difference, axis=-1)
    return xp.sum(weight * rows), (outputs, targets, weight)


def squared_error_vjp(xp: Namespace, saved: Saved, g: Scalar) -> Rows:
    """Return ∂L/∂a = g·w_i·(a - t): the ½ cancels the exponent's 2."""
    outputs, targets, weight = saved
    return (g * weight)[:, None] * (outputs - targets)
