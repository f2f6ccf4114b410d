"""The JAX engine: it places rows, begins runs, and evaluates."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from clearprop.engines.contract import Job
from clearprop.engines.jax_run import JaxRun, precision
from clearprop.engines.jax_setup import jax, jnp
from clearprop.engines.mapped_file import give_back
from clearprop.inputs import Preparation, Scaling, prepare
from clearprop.network import Network, Rows, State, forward, outline

CHUNK = 2048


@partial(jax.jit, static_argnames=("network", "dtype"))
def _logits(network: Network, state: tuple, x: Any, preparation: Scaling, dtype: str) -> Any:
    params, stats = state
    return forward(jnp, network, params, stats, prepare(jnp, x, preparation, jnp.dtype(dtype)))


class JaxEngine:
    """Runs networks with JAX, on the device that JAX chooses."""

    name = "jax"

    def place(self, rows: Rows, dtype: str) -> Rows:
        """Return the rows on the device; uint8 stays uint8."""
        with precision(dtype):
            placed = jax.block_until_ready(jax.device_put(rows))
        give_back(rows.x)
        return placed

    def begin(self, jobs: Sequence[Job], states: Sequence[State], placed: Rows) -> JaxRun:
        """Return a run from these states on these rows."""
        return JaxRun(jobs, states, placed)

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
            state, scaling = jax.device_put((state, preparation.scaling(dtype)))
            made = []
            for i in range(0, len(x), size):
                chunk = x[i : i + size]
                padded = np.pad(chunk, ((0, size - len(chunk)), (0, 0)))
                out = _logits(outline(network), state, padded, scaling, dtype)
                made.append(np.asarray(out)[: len(chunk)])
        return np.concatenate(made)
