"""What Flax and Equinox share: optax's optimizers, an epoch's order, rows as floats or bytes."""

from typing import Any

import numpy as np

from benchmarks.job import Job


def optimizer(job: Job) -> Any:
    """Return the job's optimizer, with its schedule."""
    import optax

    rate: Any = job.learning_rate
    if job.schedule == "one_cycle":
        rate = optax.cosine_onecycle_schedule(job.steps, rate)
    return optax.adam(rate) if job.optimizer == "adam" else optax.sgd(rate, job.momentum or None)


def floats(x: Any) -> Any:
    """Return rows as floats: uint8 pixels become x/255 within the compiled step."""
    return x.astype("float32") / 255.0 if x.dtype == "uint8" else x


def batches(rng: np.random.Generator, rows: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a new order: the full batches (steps, size), and the rows that remain."""
    order = rng.permutation(rows).astype(np.int32)
    full = rows // size * size
    return order[:full].reshape(-1, size), order[full:]
