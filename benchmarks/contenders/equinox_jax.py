"""Equinox: `make_step` of its documentation, and the same as one scan over an epoch."""

from typing import Any

import numpy as np

from benchmarks import data
from benchmarks.contenders import Forms
from benchmarks.contenders.optax_rule import batches, floats, optimizer
from benchmarks.job import Job


def forms(job: Job) -> Forms:
    """Return the documentation's loop, and one scan for an epoch, over floats and over pixels."""
    return {
        "filter_jit": lambda: Loop(job, data.job_rows(job)),
        "scan": lambda: Scan(job, data.job_rows(job)),
        "scan, uint8 rows": lambda: Scan(job, data.pixels(job)),
    }


def network(job: Job) -> Any:
    """Return linear layers with ReLU between them."""
    import equinox as eqx
    import jax

    keys = jax.random.split(jax.random.key(job.seed), len(job.layers) - 1)
    parts: list[Any] = []
    for inputs, units, key in zip(job.layers, job.layers[1:], keys, strict=False):
        parts += [eqx.nn.Linear(inputs, units, key=key), eqx.nn.Lambda(jax.nn.relu)]
    return eqx.nn.Sequential(parts[:-1])


def loss_of(model: Any, x: Any, y: Any) -> Any:
    """Return the mean loss of a batch."""
    import jax
    import optax

    return optax.softmax_cross_entropy_with_integer_labels(jax.vmap(model)(x), y).mean()


class Loop:
    """One compiled step, called for every batch."""

    def __init__(self, job: Job, rows: tuple) -> None:
        import equinox as eqx
        import jax.numpy as jnp

        self.job, self.rng = job, np.random.default_rng(job.seed)
        self.x, self.y = (jnp.asarray(a) for a in rows)
        self.model, self.rule = network(job), optimizer(job)
        self.slots = self.rule.init(eqx.filter(self.model, eqx.is_inexact_array))
        self.make_step = eqx.filter_jit(self.one, donate="all-except-first")

    def one(self, rows: tuple, model: Any, slots: Any, index: Any) -> tuple:
        """Return the model and the optimizer's state after one update."""
        import equinox as eqx

        x, y = rows
        gradients = eqx.filter_grad(loss_of)(model, floats(x[index]), y[index])
        trained = eqx.filter(model, eqx.is_inexact_array)
        updates, slots = self.rule.update(gradients, slots, trained)
        return eqx.apply_updates(model, updates), slots

    def train(self, epochs: int) -> None:
        """Make the epochs, and wait for the last update."""
        import equinox as eqx
        import jax

        for _ in range(epochs):
            self.epoch(*batches(self.rng, len(self.x), self.job.batch_size))
        jax.block_until_ready(eqx.filter(self.model, eqx.is_array))

    def epoch(self, full: np.ndarray, rest: np.ndarray) -> None:
        """Make one epoch, a step after the other."""
        for index in (*full, *([rest] if len(rest) else [])):
            self.step(index)

    def step(self, index: np.ndarray) -> None:
        """Make one update on the rows of an index."""
        rows = (self.x, self.y)
        self.model, self.slots = self.make_step(rows, self.model, self.slots, index)

    def accuracy(self) -> float:
        """Evaluate."""
        import jax

        x, y = data.judging(self.job.held_out)
        return float((np.asarray(jax.vmap(self.model)(x)).argmax(1) == y).mean())


class Scan(Loop):
    """All full batches of an epoch as one `lax.scan`; the rows that remain are a step more."""

    def __init__(self, job: Job, rows: tuple) -> None:
        import equinox as eqx

        super().__init__(job, rows)
        self.make_epoch = eqx.filter_jit(self.whole, donate="all-except-first")

    def whole(self, rows: tuple, model: Any, slots: Any, full: Any) -> tuple:
        """Return the model and the optimizer's state after the full batches."""
        import equinox as eqx
        import jax

        arrays, rest = eqx.partition(model, eqx.is_array)

        def body(carry: tuple, index: Any) -> tuple:
            model, slots = self.one(rows, eqx.combine(carry[0], rest), carry[1], index)
            return (eqx.filter(model, eqx.is_array), slots), None

        (arrays, slots), _ = jax.lax.scan(body, (arrays, slots), full)
        return eqx.combine(arrays, rest), slots

    def epoch(self, full: np.ndarray, rest: np.ndarray) -> None:
        """Make one epoch."""
        rows = (self.x, self.y)
        self.model, self.slots = self.make_epoch(rows, self.model, self.slots, full)
        if len(rest):
            self.step(rest)
