"""The package neural-network-digits: its `NeuralNetwork.train_step` over batches in memory.

Its own `Trainer` rotates and shifts every picture and evaluates every epoch; the loop here is the
inner one of it, without what the other contenders do not do.
"""

import math

import numpy as np

from benchmarks import data
from benchmarks.contenders import Forms
from benchmarks.contenders.scikit_learn import blas_threads
from benchmarks.job import Job


def forms(job: Job) -> Forms:
    """Return its one way, with BLAS's own number of threads and with one."""
    return {
        "train_step": lambda: Trainer(job, None),
        "train_step, 1 BLAS thread": lambda: Trainer(job, 1),
    }


class Trainer:
    """A network and its rows; the rate follows its command line's cosine where epochs are known."""

    def __init__(self, job: Job, threads: int | None) -> None:
        from nn_digits.neural_net.network import NeuralNetwork

        if job.optimizer != "sgd":
            raise ValueError("neural-network-digits has SGD with momentum only")
        self.threads = threads
        self.job, self.rng, self.done = job, np.random.default_rng(job.seed), 0
        self.x, y = data.job_rows(job)
        self.targets = data.one_hot(y)
        self.net = NeuralNetwork(job.layers, "relu", seed=job.seed)

    def train(self, epochs: int) -> None:
        """Make the epochs."""
        with blas_threads(self.threads):
            for _ in range(epochs):
                self.epoch()

    def epoch(self) -> None:
        """Make one epoch."""
        job, rate = self.job, self.rate()
        order = self.rng.permutation(len(self.x))
        for start in range(0, len(order), job.batch_size):
            rows = order[start : start + job.batch_size]
            self.net.train_step(self.x[rows], self.targets[rows], rate, job.momentum, job.l2)
        self.done += 1

    def rate(self) -> float:
        """Return the learning rate of the next epoch."""
        if self.job.epochs is None:
            return self.job.learning_rate
        return self.job.learning_rate * 0.5 * (1 + math.cos(math.pi * self.done / self.job.epochs))

    def accuracy(self) -> float:
        """Evaluate."""
        x, y = data.judging(self.job.held_out)
        return float((self.net.predict(x).argmax(1) == y).mean())
