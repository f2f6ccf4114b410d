"""The floor: the matrix products of an epoch and nothing else, with the best BLAS present.

For each step the forward X·W and the weights' gradient Xᵀ·G of every layer, and the input's
gradient G·Wᵀ of every layer but the first, on float32 arrays that are made once.
"""

import importlib.util
import itertools
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.contenders import Forms
from benchmarks.job import Job


def forms(job: Job) -> Forms:
    """Return every BLAS that is here, with one thread and with one for each core."""
    made: Forms = {}
    for n in sorted({os.cpu_count() or 1, 1}, reverse=True):
        made[f"NumPy's BLAS, threads: {n}"] = lambda n=n: NumpyFloor(job, n)
        if importlib.util.find_spec("torch"):
            made[f"torch.mm, threads: {n}"] = lambda n=n: TorchFloor(job, n)
    if importlib.util.find_spec("jax"):
        made["XLA"] = lambda: XlaFloor(job)
    return made


def sizes(job: Job) -> list[int]:
    """Return how many rows each step of an epoch has."""
    full, rest = divmod(job.rows, job.batch_size)
    return [job.batch_size] * full + [rest] * (rest > 0)


def arrays(job: Job, rows: int) -> tuple[list, list, list]:
    """Return activations (rows, size), weights (a, b) and errors (rows, b) of a job's layers."""
    rng = np.random.default_rng(0)
    layers = job.layers

    def draw(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape, np.float32)

    pairs = itertools.pairwise(layers)
    activations, errors = [draw(rows, n) for n in layers], [draw(rows, n) for n in layers[1:]]
    return activations, [draw(a, b) for a, b in pairs], errors


class Floor:
    """The products of a step, through one library's `matmul(a, b, out=)`."""

    def __init__(self, job: Job) -> None:
        self.sizes = sizes(job)
        self.steps = {n: self.products(*self.placed(arrays(job, n))) for n in set(self.sizes)}

    def placed(self, made: tuple[list, list, list]) -> tuple[list, list, list]:
        """Return the arrays as the library takes them."""
        return made

    def products(self, activations: list, weights: list, errors: list) -> Callable[[], None]:
        """Return a function that makes the products of one step."""
        multiply, calls = self.multiply, []
        for i, weight in enumerate(weights):
            calls.append((activations[i], weight, self.empty(errors[i])))
        for i, weight in reversed(list(enumerate(weights))):
            calls.append((activations[i].T, errors[i], self.empty(weight)))
            if i:
                calls.append((errors[i], weight.T, self.empty(activations[i])))

        def run() -> None:
            for a, b, out in calls:
                multiply(a, b, out=out)

        return run

    def train(self, epochs: int) -> None:
        """Make the products of so many epochs."""
        for _ in range(epochs):
            for n in self.sizes:
                self.steps[n]()

    def accuracy(self) -> float:
        """Products alone learn nothing."""
        return float("nan")


class NumpyFloor(Floor):
    """NumPy's own BLAS."""

    multiply, empty = staticmethod(np.matmul), staticmethod(np.empty_like)

    def __init__(self, job: Job, threads: int) -> None:
        from threadpoolctl import ThreadpoolController

        self.threads, self.blas = threads, ThreadpoolController()
        super().__init__(job)

    def train(self, epochs: int) -> None:
        """Make the products."""
        with self.blas.limit(limits=self.threads, user_api="blas"):
            super().train(epochs)


class TorchFloor(Floor):
    """What PyTorch brings: MKL or oneDNN."""

    def __init__(self, job: Job, threads: int) -> None:
        import torch

        self.torch, self.threads = torch, threads
        self.multiply, self.empty = torch.mm, torch.empty_like
        super().__init__(job)

    def placed(self, made: tuple[list, list, list]) -> tuple[list, list, list]:
        """Return tensors."""
        return tuple([self.torch.from_numpy(a) for a in part] for part in made)

    def train(self, epochs: int) -> None:
        """Make the products."""
        self.torch.set_num_threads(self.threads)
        with self.torch.inference_mode():
            super().train(epochs)


class XlaFloor(Floor):
    """XLA's products, all full steps of an epoch in one loop."""

    def __init__(self, job: Job) -> None:
        import jax

        self.jax = jax
        self.sizes = sizes(job)
        self.counts = {n: self.sizes.count(n) for n in set(self.sizes)}
        self.inputs = {n: jax.tree.map(jax.numpy.asarray, arrays(job, n)) for n in self.counts}
        self.outputs = {n: self.step(*made) for n, made in self.inputs.items()}
        self.loop = jax.jit(self.repeat, donate_argnums=2)

    def step(self, activations: Any, weights: Any, errors: Any) -> Any:
        """Return the products of one step."""
        forward = [a @ w for a, w in zip(activations, weights, strict=False)]
        gradients = [a.T @ e for a, e in zip(activations, errors, strict=False)]
        below = [e @ w.T for e, w in zip(errors[1:], weights[1:], strict=True)]
        return forward, gradients, below

    def repeat(self, inputs: Any, count: Any, outputs: Any) -> Any:
        """Return the products after so many steps, all of which are made."""

        def body(i: Any, outputs: Any) -> Any:
            # The barrier hides from XLA that every step multiplies the same numbers.
            held, _ = self.jax.lax.optimization_barrier((inputs, (i, outputs)))
            return self.step(*held)

        return self.jax.lax.fori_loop(0, count, body, outputs)

    def train(self, epochs: int) -> None:
        """Make the products."""
        for _ in range(epochs):
            for n, count in self.counts.items():
                self.outputs[n] = self.loop(self.inputs[n], count, self.outputs[n])
        self.jax.block_until_ready(self.outputs)
