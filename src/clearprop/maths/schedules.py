"""Learning-rate schedules: the factor on the learning rate at a moment of training.

Each takes the time t in epochs since training began (a real number: it moves with every step
and never restarts) and the `total` number of epochs, and returns a plain Python float. The
engine is fed the finished table, so a schedule is never compiled.
"""

from __future__ import annotations

import math
from collections.abc import Callable


def constant(t: float, total: float) -> float:
    """Return 1."""
    return 1.0


def step(t: float, total: float, *, every: float = 10.0, factor: float = 0.5) -> float:
    """Return factor^⌊t/every⌋: a drop every so many epochs."""
    # Epoch 10 of 0.1-epoch steps arrives as 9.99999…: it is meant to be the tenth.
    return factor ** math.floor(t / every + 1e-9)


def exponential(t: float, total: float, *, factor: float = 0.95) -> float:
    """Return factorᵗ: the rate is multiplied by the factor over every epoch."""
    return factor**t


def inverse_time(t: float, total: float, *, decay: float = 0.01) -> float:
    """Return 1/(1 + d·t) (Robbins & Monro 1951)."""
    return 1.0 / (1.0 + decay * t)


def cosine(t: float, total: float, *, final: float = 0.0) -> float:
    """Return final + (1 - final)·(1 + cos(π·t/total))/2 (Loshchilov & Hutter 2017)."""
    return final + (1.0 - final) * _half_cosine(_share(t, total))


def linear(t: float, total: float, *, fall: float = 1.0, final: float = 0.0) -> float:
    """Return 1, then over the last share `fall` of training a straight line down to `final`.

    With a warm-up before it, it is the trapezoid of long trainings (Zhai et al. 2022).
    """
    share = _share(t - (1.0 - fall) * total, fall * total)
    return 1.0 + (final - 1.0) * min(max(share, 0.0), 1.0)


def one_cycle(
    t: float, total: float, *, rise: float = 0.3, start: float = 0.04, final: float = 4e-6
) -> float:
    """Return a cosine rise from `start` to 1, then a cosine fall to `final` (Smith 2018).

    Args:
        t: epochs since training began.
        total: epochs of the whole training.
        rise: the share of training spent rising.
        start: the factor at the beginning.
        final: the factor at the end.
    """
    share = t / total
    if share < rise:
        return 1.0 + (start - 1.0) * _half_cosine(share / rise)
    return final + (1.0 - final) * _half_cosine(_share(share - rise, 1.0 - rise))


def warm_up(t: float, total: float, *, epochs: float = 1.0) -> float:
    """Return min(1, t/epochs): a straight rise from 0, then constant."""
    return min(1.0, t / epochs)


def warm_up_cosine(t: float, total: float, *, epochs: float = 1.0, final: float = 0.0) -> float:
    """Return a straight rise over the first `epochs`, then a cosine fall over the rest."""
    if t < epochs:
        return t / epochs
    return cosine(t - epochs, total - epochs, final=final)


def _share(t: float, total: float) -> float:
    # A rise may fill all of training: the fall then has no time, and has not begun at its end.
    return t / total if total > 0.0 else 0.0


def _half_cosine(share: float) -> float:
    return 0.5 * (1.0 + math.cos(math.pi * min(share, 1.0)))


SCHEDULES: dict[str, Callable[..., float]] = {
    "constant": constant,
    "cosine": cosine,
    "exponential": exponential,
    "inverse_time": inverse_time,
    "linear": linear,
    "one_cycle": one_cycle,
    "step": step,
    "warm_up": warm_up,
    "warm_up_cosine": warm_up_cosine,
}
