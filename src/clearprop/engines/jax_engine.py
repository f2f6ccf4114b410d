"""The JAX engine: the same step, compiled by XLA, any stretch of steps as one loop.

The start and the stop of the loop are run-time values, so one compiled program serves every
stretch; between stretches there is room for progress, callbacks and Ctrl-C. Gradients come
from automatic differentiation or, with `gradients="derived"`, from the hand-derived VJPs.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from clearprop.engines.contract import Job, Measured
from clearprop.engines.jax_setup import jax, jnp
from clearprop.network import (
    Network,
    Outcome,
    Preparation,
    Program,
    Rows,
    State,
    Ways,
    batch_loss,
    derived_gradient,
    forward,
    gather,
    outline,
    prepare,
    step,
)

CHUNK = 2048


def autodiff_gradient(
    xp: Any, network: Network, params: dict, batch: Any, values: dict
) -> tuple[dict, Outcome]:
    """Return the gradient of the batch's loss by automatic differentiation, and the outcome."""

    def loss(params: dict) -> tuple[Any, Outcome]:
        return batch_loss(xp, network, params, batch, values)

    return jax.grad(loss, has_aux=True)(params)


GRADIENTS = {"auto": autodiff_gradient, "derived": derived_gradient}


@partial(jax.jit, static_argnames=("program", "preparation"), donate_argnames=("carry",))
def _stretch(
    program: Program,
    preparation: Preparation,
    carry: tuple,
    rows: Rows,
    order: Any,
    table: dict,
    hyper: dict,
    start: Any,
    stop: Any,
) -> tuple:
    ways = Ways(GRADIENTS[program.gradients])

    def body(i: Any, carry: tuple) -> tuple:
        state, loss, correct = carry
        batch = gather(jnp, rows, order[i], preparation, loss.dtype)
        values = hyper | {name: column[i] for name, column in table.items()}
        state, outcome = step(jnp, program, ways, state, batch, values)
        return state, loss.at[i].set(outcome.loss), correct.at[i].set(outcome.correct)

    return jax.lax.fori_loop(start, stop, body, carry)


@partial(jax.jit, static_argnames=("network", "preparation", "dtype"))
def _logits(network: Network, state: tuple, x: Any, preparation: Preparation, dtype: str) -> Any:
    params, stats = state
    return forward(jnp, network, params, stats, prepare(jnp, x, preparation, jnp.dtype(dtype)))


class JaxRun:
    """A network in training: compiled stretches over arrays that stay on the device."""

    def __init__(self, job: Job, state: State, rows: Rows) -> None:
        self.job, self.rows = job, rows
        # JAX sorts the names in a dictionary; layers.10 would then stand before layers.2.
        self.names = [list(part) for part in state]
        with self._precision():
            # A copy of each, since donation would otherwise hand XLA the caller's memory.
            self.state = jax.device_put(jax.tree.map(np.array, state))

    def _precision(self) -> Any:
        return precision(self.job.program.dtype)

    def begin_epoch(self, order: np.ndarray, table: dict[str, np.ndarray]) -> None:
        """Take an epoch's row order and table to the device."""
        dtype = self.job.program.dtype
        with self._precision():
            self.order = jax.device_put(order)
            self.table = {
                name: jax.device_put(c if name == "noise" else c.astype(dtype))
                for name, c in table.items()
            }
            self.loss, self.correct = jax.device_put(
                [np.zeros(len(order), dtype) for _ in range(2)]
            )

    def advance(self, start: int, stop: int) -> None:
        """Make the steps as one compiled loop, and wait for it."""
        job = self.job
        with self._precision():
            carry = (self.state, self.loss, self.correct)
            made = _stretch(
                job.program, job.preparation, carry, self.rows, self.order, self.table,
                job.hyper, start, stop,
            )  # fmt: skip
            self.state, self.loss, self.correct = jax.block_until_ready(made)

    def measured(self) -> Measured:
        """Return what the epoch's steps showed."""
        return Measured(np.array(self.loss), np.array(self.correct))

    def fetch(self) -> State:
        """Return a copy of the state; a live view would silently disable donation."""
        parts = zip(self.names, self.state, strict=True)
        return State(*({name: np.array(part[name]) for name in names} for names, part in parts))


class JaxEngine:
    """Runs networks with JAX, on the device that JAX chooses."""

    name = "jax"

    def place(self, rows: Rows, dtype: str) -> Rows:
        """Return the rows on the device; uint8 stays uint8."""
        with precision(dtype):
            return jax.device_put(rows)

    def begin(self, job: Job, state: State, placed: Rows) -> JaxRun:
        """Return a run from this state on these rows."""
        return JaxRun(job, state, placed)

    def logits(
        self,
        network: Network,
        state: tuple[dict, dict],
        x: np.ndarray,
        preparation: Preparation,
        dtype: str,
    ) -> np.ndarray:
        """Return the logits of all rows, in chunks of one size so that one program serves."""
        # A power of two: a program for every number of rows would be compiled otherwise.
        size = min(CHUNK, 1 << (len(x) - 1).bit_length())
        with precision(dtype):
            state = jax.device_put(state)
            made = []
            for i in range(0, len(x), size):
                chunk = x[i : i + size]
                padded = np.pad(chunk, ((0, size - len(chunk)), (0, 0)))
                out = _logits(outline(network), state, padded, preparation, dtype)
                made.append(np.asarray(out)[: len(chunk)])
        return np.concatenate(made)


def precision(dtype: str) -> Any:
    """Return a context in which JAX computes in `dtype`; never switched on globally."""
    return jax.enable_x64(dtype == "float64")
