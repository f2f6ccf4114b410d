"""Runs of the JAX engine: any stretch of steps as one compiled loop, over several networks.

The start and the stop of the loop are run-time values, so one compiled program serves every
stretch; between stretches there is room for progress, callbacks and Ctrl-C. Gradients come
from automatic differentiation or, with `gradients="derived"`, from the hand-derived VJPs.
Every array has an axis for the networks first: one network is a group of one.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from clearprop.engines.contract import Job, Measured
from clearprop.engines.cores import cores
from clearprop.engines.jax_setup import jax, jnp
from clearprop.inputs import Scaling
from clearprop.network import (
    Network,
    Outcome,
    Program,
    Rows,
    State,
    StepParts,
    batch_loss,
    derived_gradient,
    gather,
    gather_deformed,
    matrices,
    step,
    updated,
    work,
)

# Multiplications for a row in one program, of all its networks; larger networks run alone.
STACKED = 200_000


def autodiff_gradient(
    xp: Any, network: Network, params: dict, batch: Any, values: dict, inputs: bool = False
) -> tuple[dict, Outcome]:
    """Return what `derived_gradient` returns, by automatic differentiation."""

    def loss(params: dict, x: Any) -> tuple[Any, Outcome]:
        return batch_loss(xp, network, transposed(network, params), batch._replace(x=x), values)

    if not inputs:
        return jax.grad(loss, has_aux=True)(params, batch.x)
    (gradients, g), outcome = jax.grad(loss, (0, 1), has_aux=True)(params, batch.x)
    return gradients | {"inputs": g}, outcome


def compiled_gradient(
    xp: Any, network: Network, params: dict, batch: Any, values: dict, inputs: bool = False
) -> tuple[dict, Outcome]:
    """Return what `derived_gradient` returns, with matrices transposed as on the device."""
    params = transposed(network, params)
    gradients, outcome = derived_gradient(xp, network, params, batch, values, inputs=inputs)
    return transposed(network, gradients), outcome


def transposed(network: Network, arrays: dict) -> dict:
    """Return matrices (inputs, units) as (units, inputs), or back, and an optimizer's of them.

    The device keeps them transposed: their gradient then comes out of its product as it is stored,
    and XLA need not transpose it before the update.
    """
    found = matrices(network)
    return {n: a.swapaxes(-1, -2) if n.split("/")[0] in found else a for n, a in arrays.items()}


GRADIENTS = {"auto": autodiff_gradient, "derived": compiled_gradient}

# Row numbers are always in bounds; jax.numpy's own `take` would look at every element again.
IN_BOUNDS = SimpleNamespace(**{**vars(jnp), "take": partial(jnp.take, mode="clip")})


class Fed(NamedTuple):
    """What is fed to a stretch of steps, each with an axis for the networks first.

    Attributes:
        order: row numbers (networks, steps, batch).
        table: columns of step values (networks, steps).
        hyper: the settings' values (networks,).
        preparation: the numbers by which inputs are prepared (networks,).
    """

    order: Any
    table: dict
    hyper: dict
    preparation: Scaling


@partial(jax.jit, static_argnames=("program",), donate_argnames=("carry",))
def _stretch(
    program: Program,
    carry: tuple,
    rows: Rows,
    fed: Fed,
    start: Any,
    stop: Any,
) -> tuple:
    parts = StepParts(GRADIENTS[program.gradients], partial(updated, transposed=True))

    def one_network(fed: Fed, i: Any, carry: tuple) -> tuple:
        state, measured = carry
        values = fed.hyper | {name: column[i] for name, column in fed.table.items()}
        index, plan, preparation = fed.order[i], program.deformation, fed.preparation
        if plan is None:
            batch = gather(IN_BOUNDS, rows, index, preparation, measured.loss.dtype)
        else:
            batch = gather_deformed(
                IN_BOUNDS, plan, rows, index, preparation, measured.loss.dtype, values
            )
        state, outcome = step(IN_BOUNDS, program, parts, state, batch, values)
        sums = {name: a.at[i].set(outcome.sums[name]) for name, a in measured.sums.items()}
        return state, Measured(measured.loss.at[i].set(outcome.loss), sums)

    def all_networks(i: Any, carry: tuple) -> tuple:
        return jax.vmap(one_network, (0, None, 0))(fed, i, carry)

    if len(fed.order) > 1:
        return jax.lax.fori_loop(start, stop, all_networks, carry)
    # A single network goes without the axis: with it, XLA transposes every gradient before its use.
    alone, carry = jax.tree.map(lambda a: a[0], (fed, carry))
    carry = jax.lax.fori_loop(start, stop, partial(one_network, alone), carry)
    return jax.tree.map(lambda a: a[None], carry)


class Group:
    """Networks whose steps are one compiled program, over arrays that stay on the device."""

    def __init__(self, jobs: Sequence[Job], states: Sequence[State], rows: Rows) -> None:
        self.job, self.rows, self._networks = jobs[0], rows, len(jobs)
        # JAX sorts the names in a dictionary; layers.10 would then stand before layers.2.
        self.names = [list(part) for part in states[0]]
        with self._precision():
            # Stacking copies: donation would otherwise hand XLA the caller's memory.
            network = self.job.program.network
            laid = [State(*(transposed(network, part) for part in state)) for state in states]
            self.state = jax.device_put(_stacked(laid))
            self.hyper = jax.device_put(_stacked([job.hyper for job in jobs], self._dtype))
            scalings = [job.preparation.scaling(self._dtype) for job in jobs]
            self.scaling = jax.device_put(_stacked(scalings))

    @property
    def _dtype(self) -> str:
        return self.job.program.dtype

    def _precision(self) -> Any:
        return precision(self._dtype)

    def begin_epoch(
        self, orders: Sequence[np.ndarray], tables: Sequence[dict[str, np.ndarray]]
    ) -> None:
        """Take an epoch's row orders and tables to the device."""
        columns = _stacked(tables)
        columns = {
            n: c if c.dtype == np.uint32 else c.astype(self._dtype) for n, c in columns.items()
        }
        size = np.shape(orders)[:2]
        with self._precision():
            order, columns = jax.device_put((np.stack(orders), columns))
            self.fed = Fed(order, columns, self.hyper, self.scaling)
            asked = self.job.program.network.task_type
            nothing = Measured.nothing(size, asked, self._dtype)
            self.measured = jax.device_put(nothing)

    def advance(self, start: int, stop: int) -> None:
        """Make the steps as one compiled loop, and wait for it."""
        with self._precision():
            carry = (self.state, self.measured)
            made = _stretch(self.job.program, carry, self.rows, self.fed, start, stop)
            self.state, self.measured = jax.block_until_ready(made)

    def fetch(self) -> list[State]:
        """Return copies of the states; a live view would silently disable donation."""
        parts = [
            {name: np.array(part[name]) for name in names}
            for names, part in zip(self.names, self.state, strict=True)
        ]
        network, several = self.job.program.network, range(self._networks)
        return [State(*(_one(network, part, k) for part in parts)) for k in several]


def _one(network: Network, part: dict, k: int) -> dict:
    """Return one network's share of a part of the state, in the usual layout."""
    mine = transposed(network, {name: a[k] for name, a in part.items()})
    return {name: np.ascontiguousarray(a) for name, a in mine.items()}


class JaxRun:
    """Networks in training: groups of them, each a compiled program.

    Several groups run side by side, each in a thread, so that networks too small to occupy every
    core leave none of them idle.
    """

    def __init__(self, jobs: Sequence[Job], states: Sequence[State], rows: Rows) -> None:
        size = group_size(len(jobs), work(jobs[0].program.network), cores())
        self.cuts = [slice(i, i + size) for i in range(0, len(jobs), size)]
        self.groups = [Group(jobs[cut], states[cut], rows) for cut in self.cuts]
        self._pool = ThreadPoolExecutor(cores())
        # One after another at first: groups of one size share a program, which the first compiles.
        self._all: Callable = map

    def begin_epoch(
        self, orders: Sequence[np.ndarray], tables: Sequence[dict[str, np.ndarray]]
    ) -> None:
        """Take an epoch's row orders and tables."""
        for group, cut in zip(self.groups, self.cuts, strict=True):
            group.begin_epoch(orders[cut], tables[cut])

    def advance(self, start: int, stop: int) -> None:
        """Make the steps of every network."""
        list(self._all(lambda group: group.advance(start, stop), self.groups))
        self._all = map if len(self.groups) == 1 else self._pool.map

    def measured(self) -> list[Measured]:
        """Return what the epoch's steps showed."""
        shown = [group.measured.each(np.array) for group in self.groups]
        return [
            of_group.each(lambda a, k=k: a[k])
            for of_group in shown
            for k in range(len(of_group.loss))
        ]

    def fetch(self) -> list[State]:
        """Return copies of the states."""
        return [state for group in self.groups for state in group.fetch()]


def group_size(networks: int, work: int, cores: int) -> int:
    """Return how many networks are stacked in one program.

    Stacked, small networks share the cost of starting an operation; large ones only push each
    other out of the processor's cache. Measured in docs/experiments.md.
    """
    return max(1, min(-(-networks // cores), STACKED // max(work, 1)))


def _stacked(trees: Sequence[Any], dtype: str | None = None) -> Any:
    """Return trees of arrays or numbers as one, with an axis for the trees first."""
    return jax.tree.map(lambda *leaves: np.stack([np.asarray(a, dtype) for a in leaves]), *trees)


def precision(dtype: str) -> Any:
    """Return a context in which JAX computes in `dtype`; never switched on globally."""
    return jax.enable_x64(dtype == "float64")
