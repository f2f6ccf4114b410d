"""NumPy by hand, as fast as it goes: every array is made once, every result has its place.

Parameters and gradients are views of one flat vector each, so that the optimizer is a few calls
over blocks that stay in the cache, and not a few for every tensor.
"""

import math
import os

import numpy as np

from benchmarks import data
from benchmarks.contenders import Forms
from benchmarks.job import Job

BLOCK = 32_768
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


def forms(job: Job) -> Forms:
    """Return the loop with one BLAS thread, and with one for each core."""
    counts = sorted({os.cpu_count() or 1, 1}, reverse=True)
    return {f"BLAS threads: {n}": lambda n=n: Trainer(job, n) for n in counts}


class Trainer:
    """All arrays of a network and its training."""

    def __init__(self, job: Job, threads: int) -> None:
        from threadpoolctl import ThreadpoolController

        self.job, self.threads, self.blas = job, threads, ThreadpoolController()
        self.rng, self.steps = np.random.default_rng(job.seed), 0
        self.x, y = data.job_rows(job)
        self.targets = data.one_hot(y)
        self._make_parameters()
        self._make_buffers()

    def _make_parameters(self) -> None:
        shapes = [(a, b) for a, b in zip(self.job.layers, self.job.layers[1:], strict=False)]
        count = sum(a * b + b for a, b in shapes)
        self.flat, self.gradient = np.zeros(count, np.float32), np.empty(count, np.float32)
        self.momentum, self.square = np.zeros(count, np.float32), np.zeros(count, np.float32)
        self.weights, self.biases = views(self.flat, shapes)
        self.weight_gradients, self.bias_gradients = views(self.gradient, shapes)
        for weight in self.weights:
            scale = np.float32(math.sqrt(2.0 / len(weight)))
            np.multiply(self.rng.standard_normal(weight.shape, np.float32), scale, out=weight)

    def _make_buffers(self) -> None:
        n, sizes = self.job.batch_size, self.job.layers
        self.activations = [np.empty((n, size), np.float32) for size in sizes]
        self.errors = [np.empty((n, size), np.float32) for size in sizes]
        self.masks = [np.empty((n, size), bool) for size in sizes]
        self.wanted, self.column = (
            np.empty((n, sizes[-1]), np.float32),
            np.empty((n, 1), np.float32),
        )
        self.ones = np.ones(n, np.float32)
        self.scratch = np.empty(min(BLOCK, self.flat.size), np.float32)

    def train(self, epochs: int) -> None:
        """Make the epochs."""
        size = self.job.batch_size
        with self.blas.limit(limits=self.threads, user_api="blas"):
            for _ in range(epochs):
                order = self.rng.permutation(len(self.x))
                for start in range(0, len(order), size):
                    self.step(order[start : start + size])

    def step(self, index: np.ndarray) -> None:
        """Make one update; the last batch of an epoch uses the first rows of every buffer."""
        n = len(index)
        activations = [a[:n] for a in self.activations]
        np.take(self.x, index, axis=0, out=activations[0], mode="clip")
        np.take(self.targets, index, axis=0, out=self.wanted[:n], mode="clip")
        self._forward(activations)
        self._backward(activations, n)
        self.steps += 1
        (self._adam if self.job.optimizer == "adam" else self._sgd)(self._rate())

    def _forward(self, activations: list[np.ndarray]) -> None:
        last = len(self.weights) - 1
        for i, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            z = activations[i + 1]
            np.matmul(activations[i], weight, out=z)
            np.add(z, bias, out=z)
            if i < last:
                np.maximum(z, 0.0, out=z)

    def _backward(self, activations: list[np.ndarray], n: int) -> None:
        error = self._output_error(activations[-1], n)
        for i in range(len(self.weights) - 1, -1, -1):
            np.matmul(activations[i].T, error, out=self.weight_gradients[i])
            np.dot(self.ones[:n], error, out=self.bias_gradients[i])
            if i:
                below, mask = self.errors[i][:n], self.masks[i][:n]
                np.matmul(error, self.weights[i].T, out=below)
                np.greater(activations[i], 0.0, out=mask)
                np.multiply(below, mask, out=below)
                error = below

    def _output_error(self, logits: np.ndarray, n: int) -> np.ndarray:
        # (softmax(z) - targets) / n, in the place of the logits.
        column = self.column[:n]
        np.maximum.reduce(logits, axis=1, keepdims=True, out=column)
        np.subtract(logits, column, out=logits)
        np.exp(logits, out=logits)
        np.add.reduce(logits, axis=1, keepdims=True, out=column)
        np.divide(logits, column, out=logits)
        np.subtract(logits, self.wanted[:n], out=logits)
        return np.multiply(logits, 1.0 / n, out=logits)

    def _rate(self) -> float:
        if self.job.schedule == "constant":
            return self.job.learning_rate
        return self.job.learning_rate * one_cycle((self.steps - 1) / self.job.steps)

    def _sgd(self, rate: float) -> None:
        for i in range(0, self.flat.size, BLOCK):
            g = self.gradient[i : i + BLOCK]
            np.multiply(g, rate, out=g)
            p = self.flat[i : i + BLOCK]
            np.subtract(p, g, out=p)

    def _adam(self, rate: float) -> None:
        # The slots hold Σ β^k·g and Σ β^k·g², the factors (1 - β) being in the rate and in ε.
        first, second = 1.0 - BETA1**self.steps, 1.0 - BETA2**self.steps
        root = math.sqrt((1.0 - BETA2) / second)
        factor, epsilon = rate * (1.0 - BETA1) / first / root, EPSILON / root
        for i in range(0, self.flat.size, BLOCK):
            p, g = self.flat[i : i + BLOCK], self.gradient[i : i + BLOCK]
            m, v, t = self.momentum[i : i + BLOCK], self.square[i : i + BLOCK], self.scratch
            t = t[: len(p)]
            np.multiply(m, BETA1, out=m)
            np.add(m, g, out=m)
            np.multiply(g, g, out=g)
            np.multiply(v, BETA2, out=v)
            np.add(v, g, out=v)
            np.sqrt(v, out=t)
            np.add(t, epsilon, out=t)
            np.divide(m, t, out=t)
            np.multiply(t, factor, out=t)
            np.subtract(p, t, out=p)

    def accuracy(self) -> float:
        """Evaluate."""
        a, y = data.judging(self.job.held_out)
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            a = np.maximum(a @ weight + bias, 0.0)
        return float(((a @ self.weights[-1] + self.biases[-1]).argmax(1) == y).mean())


def views(flat: np.ndarray, shapes: list[tuple[int, int]]) -> tuple[list, list]:
    """Return the weights (a, b) and the biases (b,) that lie one after another in a vector."""
    weights, biases, start = [], [], 0
    for a, b in shapes:
        weights.append(flat[start : start + a * b].reshape(a, b))
        biases.append(flat[start + a * b : start + a * b + b])
        start += a * b + b
    return weights, biases


def one_cycle(share: float) -> float:
    """Return the factor on the rate at a share of training: 0.04 → 1 → 4e-6, both ways a cosine."""
    if share < 0.3:
        return 1.0 - 0.96 * 0.5 * (1.0 + math.cos(math.pi * share / 0.3))
    return 4e-6 + (1.0 - 4e-6) * 0.5 * (1.0 + math.cos(math.pi * (share - 0.3) / 0.7))
