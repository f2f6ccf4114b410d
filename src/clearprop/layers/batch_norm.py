"""Batch normalization of every unit, over the rows and all axes but the last."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clearprop.layers.operation import Array, Arrays, Operation, Parameter, Pass, Statistic
from clearprop.maths.normalization import batch_norm, batch_norm_inference, batch_norm_vjp


@dataclass(frozen=True, eq=False)
class BatchNorm(Operation):
    """γ·(Z - μ)/√(v + ε) + β: statistics of the batch in training, running ones afterwards."""

    letter = "N"

    @property
    def over_batch(self) -> bool:
        return True

    @cached_property
    def _keys(self) -> tuple[str, str]:
        return self.key("gamma"), self.key("beta")

    @cached_property
    def _statistics(self) -> tuple[str, str]:
        return self.key("mean"), self.key("variance")

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        (gamma, beta), units = self._keys, self.at.shape[-1:]
        return {gamma: Parameter(units, 1.0), beta: Parameter(units)}

    @cached_property
    def statistics(self) -> dict[str, Statistic]:
        (mean, variance), units = self._statistics, self.at.shape[-1:]
        return {mean: Statistic(units, 0.0), variance: Statistic(units, 1.0)}

    def infer(self, xp: Any, params: Arrays, stats: Arrays, x: Array) -> Array:
        gamma, beta = (params[name] for name in self._keys)
        mean, variance = (stats[name] for name in self._statistics)
        return batch_norm_inference(xp, x, gamma, beta, mean, variance, self.at.epsilon)

    def train(self, xp: Any, now: Pass, x: Array) -> tuple[Array, Any]:
        gamma, beta = (now.params[name] for name in self._keys)
        if x.ndim == 2:
            return batch_norm(xp, x, gamma, beta, now.real, self.at.epsilon)
        # To the statistics, every position of a row is a row of its own.
        rows, places = x.shape[0], math.prod(x.shape[1:-1])
        real = xp.reshape(xp.broadcast_to(now.real[:, None], (rows, places)), (-1,))
        flat = xp.reshape(x, (rows * places, x.shape[-1]))
        made, saved = batch_norm(xp, flat, gamma, beta, real, self.at.epsilon)
        return xp.reshape(made, x.shape), saved

    def vjp(self, xp: Any, saved: Any, g: Array, need: bool) -> tuple[Array, dict[str, Array]]:
        flat = g if g.ndim == 2 else xp.reshape(g, (-1, g.shape[-1]))
        g_input, *learned = batch_norm_vjp(xp, saved, flat)
        g_input = g_input if g.ndim == 2 else xp.reshape(g_input, g.shape)
        return g_input, dict(zip(self._keys, learned, strict=True))

    def observed(self, saved: Any) -> dict[str, Array]:
        return dict(zip(self._statistics, (saved.mean, saved.variance), strict=True))

    def formula(self) -> str:
        n = self.at.number
        return f"γ{n}·({self.at.source} - mean)/√(variance + ε) + β{n}, over the batch"

    def backward_formula(self, g: str) -> str:
        n, z = self.at.number, self.at.source
        return f"({g}∘γ{n} less its part along 1 and along the normalized {z})/√(…)"

    def learned(self, g: str) -> dict[str, tuple[str, str]]:
        n, z = self.at.number, self.at.source
        return {
            self._keys[0]: (f"dγ{n}", f"the sum of {g}·normalized {z} over the rows"),
            self._keys[1]: (f"dβ{n}", f"the sum of {g} over the rows"),
        }
