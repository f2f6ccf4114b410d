"""Gradients, the optimizers' updates and the moving average, written into arrays that exist.

The equations of `maths/` make a new array with every operation. On a processor that costs
more than the arithmetic: the memory of ten arrays as large as the parameters instead of three.
Here each rule is spelled as sums and products into arrays that exist; the tests hold every one
against its equation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt
from typing import Any

import numpy as np

from clearprop.maths.max_norm import max_norm
from clearprop.maths.optimizers import OPTIMIZERS
from clearprop.network import Program, State, is_weight
from clearprop.network.operations import Operation

Arrays = dict[str, np.ndarray]
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


def _toward_square(square: np.ndarray, g: np.ndarray, share: float, spare: np.ndarray) -> None:
    np.multiply(g, g, out=spare)
    spare -= square
    spare *= share
    square += spare


UPDATES: dict[str, Callable] = {
    "adam": adam,
    "adamw": adam,
    "momentum": momentum,
    "nesterov": nesterov,
    "rmsprop": rmsprop,
    "sgd": sgd,
}


class InPlace:
    """A network's parameters and slots in one vector each, so that an update is one rule.

    Attributes:
        state: the state that the vectors began with; its parameters and slots are parts of them.
    """

    def __init__(self, program: Program, state: State) -> None:
        self._rule = UPDATES[program.optimizer]
        self._flat, params = _in_one(state.params)
        self._gradient, self._gradients = _in_one(state.params)
        self._spare, self._flat_slots = np.empty_like(self._flat), []
        slots = dict(state.slots)  # in the order in which they came
        for slot in OPTIMIZERS[program.optimizer].slots:
            names = [f"{name}/{slot}" for name in state.params]
            flat, parts = _in_one({name: state.slots[name] for name in names})
            self._flat_slots.append(flat)
            slots |= parts
        stats, average = ({n: a.copy() for n, a in p.items()} for p in (state.stats, state.average))
        self.state = State(params, stats, slots, average)

    def affine_vjp(
        self, xp: Any, op: Operation, saved: Any, g: np.ndarray
    ) -> tuple[np.ndarray | None, Arrays]:
        """Return what `maths.affine.affine_vjp` returns, written into the vector of gradients."""
        x, weight, has_bias = saved
        names = (op.parameter("weight"), op.parameter("bias"))[: 1 + has_bias]
        made = {name: self._gradients[name] for name in names}
        np.matmul(x.T, g, out=made[names[0]])
        if has_bias:
            np.add.reduce(g, axis=0, out=made[names[1]])
        return (g @ weight.T if op.layer else None), made

    def updated(
        self, xp: Any, program: Program, gradients: Arrays, state: State, values: Row
    ) -> tuple[Arrays, Arrays]:
        """Do what `network.step.updated` does, to the arrays of its own state."""
        for name, g in gradients.items():
            if g is not self._gradients[name]:
                self._gradients[name][...] = g
            if "weight_decay" in values and is_weight(name):
                state.params[name][...] *= 1.0 - values["learning_rate"] * values["weight_decay"]
        self._rule(self._flat, self._gradient, self._flat_slots, values, self._spare)
        if "max_norm" in program.options:
            for name in filter(is_weight, gradients):
                state.params[name][...] = max_norm(np, state.params[name], values["max_norm"])
        return state.params, state.slots

    def averaged(self, xp: Any, average: Arrays, current: Arrays, share: float) -> Arrays:
        """Do what `network.step.averaged` does."""
        for name, old in average.items():
            spare = self._spare[: old.size].reshape(old.shape)
            np.subtract(current[name], old, out=spare)
            spare *= share
            old += spare
        return average


def _in_one(arrays: Arrays) -> tuple[np.ndarray, Arrays]:
    """Return a copy of arrays as one vector, and the parts of it that hold each of them."""
    flat = np.concatenate([a.reshape(-1) for a in arrays.values()])
    ends = np.cumsum([a.size for a in arrays.values()])
    parts = zip(arrays.items(), np.split(flat, ends[:-1]), strict=True)
    return flat, {name: part.reshape(a.shape) for (name, a), part in parts}
