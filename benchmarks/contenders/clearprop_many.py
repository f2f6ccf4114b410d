"""Clearprop training many networks as one program: seeds × learning rates, an order for each."""

from typing import Any

import numpy as np

from benchmarks.contenders import Forms
from benchmarks.contenders.clearprop_fit import model_of, splits_of
from benchmarks.job import Job

RATE_FACTORS = (0.5, 1.0, 1.5, 2.0)


def forms(job: Job) -> Forms:
    """Return the one way of writing it."""
    return {"fit_many": lambda: ManyFit(job)}


def fit_together(models: list[Any], split: Any, epochs: int, batch_size: int) -> None:
    """Train all the models; the one place that knows how Clearprop is asked to."""
    from clearprop import fit_many

    fit_many(models, split, epochs=epochs, batch_size=batch_size)


class ManyFit:
    """The networks of a job, each called again to go on from where it stood."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.rows, self.judged = splits_of(job)
        self.models = [model_of(one, "jax") for one in members(job)]

    def train(self, epochs: int) -> None:
        """Train all of them."""
        fit_together(self.models, self.rows, epochs, self.job.batch_size)

    def accuracy(self) -> float:
        """Return the median over the networks."""
        return float(np.median([model.evaluate(self.judged).accuracy for model in self.models]))


def members(job: Job) -> list[Job]:
    """Return the jobs of the single networks: learning rates in turn, and a new seed after each."""
    count = len(RATE_FACTORS)
    return [
        job.changed(
            networks=1, seed=i // count, learning_rate=job.learning_rate * RATE_FACTORS[i % count]
        )
        for i in range(job.networks)
    ]
