"""The contenders: who takes part, what each needs, and the file that says how it trains.

A contender's file has one function, `forms(job)`: the ways in which an ordinary user would write
the job with that library, each a function that makes a trainer. Its worker tries them all on the
very work and goes on with the fastest, so that nobody runs in a slow form.
"""

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.job import Job


class Trainer(Protocol):
    """A network in training."""

    def train(self, epochs: int) -> None:
        """Train so many epochs, and return when the last update is really made."""

    def accuracy(self) -> float:
        """Return the share of the test rows (or those held out) that it gets right."""


Forms = dict[str, Callable[[], Trainer]]


@dataclass(frozen=True)
class Contender:
    """Who takes part.

    Attributes:
        title: what the table calls it.
        module: its file in this folder.
        packages: what it imports; memory is counted above an interpreter that has imported them.
        environment: variables that its documentation has one set.
    """

    title: str
    module: str
    packages: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)

    def missing(self) -> str | None:
        """Return in words which package is not installed, or None."""
        absent = [name for name in self.packages if importlib.util.find_spec(name) is None]
        return f"{', '.join(absent)} is not installed" if absent else None

    def forms(self, job: Job) -> Forms:
        """Return the ways of writing a job."""
        return importlib.import_module(f"benchmarks.contenders.{self.module}").forms(job)


# XLA prints false alarms about the machine's features where this is not set.
XLA = {"TF_CPP_MIN_LOG_LEVEL": "2"}

# Clearprop keeps compiled programs only where it is the one that imports jax.
OUR_JAX = ("clearprop.engines.jax_setup", "jax")

CONTENDERS = {
    "clearprop-jax": Contender("Clearprop, JAX", "clearprop_jax", OUR_JAX, XLA),
    "clearprop-numpy": Contender("Clearprop, NumPy", "clearprop_numpy", ("clearprop",)),
    "clearprop-many": Contender("Clearprop, many networks", "clearprop_many", OUR_JAX, XLA),
    "pytorch": Contender("PyTorch", "pytorch", ("torch",)),
    "pytorch-side-by-side": Contender("PyTorch, side by side", "pytorch_side_by_side", ("torch",)),
    "pytorch-compiled": Contender("PyTorch, compiled", "pytorch_compiled", ("torch",)),
    "keras": Contender(
        "Keras on JAX", "keras_on_jax", ("keras", "jax"), {**XLA, "KERAS_BACKEND": "jax"}
    ),
    "flax": Contender("Flax NNX", "flax_nnx", ("flax", "optax", "jax"), XLA),
    "equinox": Contender("Equinox", "equinox_jax", ("equinox", "optax", "jax"), XLA),
    "scikit-learn": Contender("scikit-learn", "scikit_learn", ("sklearn",)),
    "numpy-in-place": Contender("NumPy in place", "numpy_in_place", ("numpy", "threadpoolctl")),
    "digits-package": Contender("neural-network-digits", "digits_package", ("nn_digits",)),
    "floor": Contender("the products alone", "floor", ("numpy", "threadpoolctl")),
}
