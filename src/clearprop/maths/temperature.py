"""Temperature: how sure a softmax is of itself, without a change in what it holds most likely.

Dividing logits by T > 1 makes all probabilities of a row more alike, T < 1 less alike (Guo et al.
2017, §4.2). One number, fitted on rows that nothing was learned from, corrects most of a network's
overconfidence. Here several answers to the same rows (of networks, of views of a picture) share
one T, and it is their average that it is fitted for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearprop.maths.softmax import log_softmax, softmax

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace, Scalar

    Rows = Float[Array, "batch classes"]
    Answers = Float[Array, "answers batch classes"]


def tempered(xp: Namespace, logits: Rows, temperature: Scalar) -> Rows:
    """Return softmax(z/T).

    Args:
        xp: the array namespace.
        logits: z.
        temperature: T > 0; 1 leaves the softmax as it is.
    """
    return softmax(xp, logits / temperature)


def log_tempered(xp: Namespace, logits: Rows, temperature: Scalar) -> Rows:
    """Return log softmax(z/T), exact also where the probability rounds to zero."""
    return log_softmax(xp, logits / temperature)


def likelihood(
    xp: Namespace, logits: Answers, targets: Rows, temperature: Scalar
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Return the negative log-likelihood L of averaged probabilities, and its slope ∂L/∂(log T).

    With u_k = z_k/T, the answers' probabilities s_k = softmax(u_k) and their average
    p = (1/K)·Σ_k s_k, row by row,

        L = -(1/n)·Σ_i Σ_c t_ic·log p_ic.

    T = exp(τ), so ∂u/∂τ = -u, and since log s_kc = u_kc - log Σ_j exp(u_kj),

        ∂(log s_kc)/∂τ = -u_kc + Σ_j s_kj·u_kj.

    Of p's logarithm every answer moves its share w_kc = s_kc/Σ_m s_mc, because
    ∂(log p_c)/∂τ = Σ_k ∂s_kc/∂τ / Σ_m s_mc = Σ_k w_kc·∂(log s_kc)/∂τ. Together

        ∂L/∂τ = (1/n)·Σ_i Σ_c t_ic·Σ_k w_kc·(u_kc - Σ_j s_kj·u_kj).

    Args:
        xp: the array namespace.
        logits: z_k of every answer.
        targets: t, a row of probabilities for each row: one-hot for labels.
        temperature: T.
    """
    answers, n, classes = logits.shape
    u = logits / temperature
    flat = log_softmax(xp, xp.reshape(u, (answers * n, classes)))
    logs = xp.reshape(flat, (answers, n, classes))
    # Over the answers' highest: an average of very small probabilities keeps its digits.
    highest = xp.max(logs, axis=0)
    parts = xp.exp(logs - highest)
    total = xp.sum(parts, axis=0)
    mean = xp.sum(xp.exp(logs) * u, axis=-1, keepdims=True)
    moved = xp.sum(parts / total * (u - mean), axis=0)
    average = highest + xp.log(total / answers)
    return -xp.sum(targets * average) / n, xp.sum(targets * moved) / n
