"""The works: what is measured, by whom, and what it must show."""

import os
from dataclasses import dataclass
from typing import Any, Protocol

from benchmarks.claims import Claim
from benchmarks.contenders import CONTENDERS
from benchmarks.job import Job
from benchmarks.memory import DATA, Memory
from benchmarks.race import Race, Tick
from benchmarks.start_times import HELP, IMPORT, NUMPY, PREDICT, StartTimes
from benchmarks.to_accuracy import ToAccuracy

# A round of a small network takes seconds: more of them make up for the machine's moods.
ROUNDS, SMALL_ROUNDS = 7, 15

OURS = ("clearprop-jax", "clearprop-numpy")
JAX, NUMPY_ENGINE = OURS[:1], OURS[1:]
TORCH = ("pytorch", "pytorch-compiled")
OTHERS = ("flax", "equinox", "keras", "scikit-learn")
LIBRARIES = (*TORCH, *OTHERS)
PEERS = (*LIBRARIES, "numpy-in-place")
STARTING_LIBRARIES = (*LIBRARIES, "digits-package")
STARTERS = (*OURS, *STARTING_LIBRARIES, "numpy-in-place")

SMALL = (784, 128, 64, 10)
WIDE = (784, 1000, 500, 10)
DEEP = (784, 2500, 2000, 1500, 1000, 500, 10)
# Rows of a timed unit: a whole epoch of the largest network takes minutes.
WIDE_ROWS, DEEP_ROWS = 20_000, 5_120


class Measure(Protocol):
    """How a work is measured."""

    unit: str

    @property
    def contenders(self) -> tuple[str, ...]:
        """Who takes part."""

    def run(self, rounds: int, quick: bool, tick: Tick) -> dict[str, dict[str, Any]]:
        """Return each contender's record; `tick` is told of `rounds` + 1 rounds in all."""


@dataclass(frozen=True)
class Work:
    """One thing that is measured.

    Attributes:
        name: what `--only` calls it.
        title: what the table calls it.
        measure: how.
        claims: what it must show.
        minutes: about how long `rounds` rounds take, for the time left.
        rounds: how many are made where nobody says otherwise.
    """

    name: str
    title: str
    measure: Measure
    claims: tuple[Claim, ...]
    minutes: float
    rounds: int = ROUNDS


def everybody(job: Job, names: tuple[str, ...]) -> Race:
    """Return a race in which all have the same job."""
    return Race(dict.fromkeys(names, job))


def epoch_works() -> list[Work]:
    """Return an epoch beside every peer, on networks of four sizes."""
    batch_128, batch_32 = Job(SMALL, 128), Job(SMALL, 32)
    wide, deep = Job(WIDE, 128, WIDE_ROWS), Job(DEEP, 128, DEEP_ROWS)
    torch, others, peers = "against PyTorch", "against the other libraries", "against the best peer"
    everyone = (*OURS, *PEERS)
    return [
        Work("epoch-128", "epoch, 784-128-64-10, batch 128", everybody(batch_128, everyone),
             (Claim(torch, JAX, TORCH, at_least=2.5), Claim(others, JAX, OTHERS, at_least=2.0)), 4,
             SMALL_ROUNDS),
        Work("epoch-32", "epoch, 784-128-64-10, batch 32", everybody(batch_32, everyone),
             (Claim(torch, JAX, TORCH, at_least=4.0), Claim(others, JAX, OTHERS, at_least=2.0)), 8,
             SMALL_ROUNDS),
        Work("epoch-wide", "epoch, 784-1000-500-10, batch 128", everybody(wide, everyone),
             (Claim(peers, JAX, PEERS, at_least=1.2),), 8),
        Work("epoch-deep", "epoch, 12 million weights, batch 128", everybody(deep, everyone),
             (Claim(peers, JAX, PEERS, at_least=1.05),), 12),
    ]  # fmt: skip


def floor_works() -> list[Work]:
    """Return an epoch beside its matrix products alone, plain and with all that regularizes."""
    sizes = {"small": (SMALL, 60_000), "wide": (WIDE, WIDE_ROWS), "deep": (DEEP, DEEP_ROWS)}
    made = []
    for size, (layers, rows) in sizes.items():
        job = Job(layers, 128, rows, optimizer="sgd", learning_rate=0.1)
        shape = "12 million weights" if size == "deep" else "-".join(map(str, layers))
        for suffix, more, most in (("", "", 1.25), ("-regularized", ", regularized", 1.5)):
            jobs = {"clearprop-jax": job.changed(regularized=bool(more)), "floor": job}
            claim = Claim("over the products alone", JAX, ("floor",), at_most=most)
            title = f"epoch, {shape}, SGD{more}"
            rounds = SMALL_ROUNDS if size == "small" else ROUNDS
            made.append(Work(f"floor-{size}{suffix}", title, Race(jobs), (claim,), 3, rounds))
    return made


def numpy_works() -> list[Work]:
    """Return the NumPy engine beside NumPy by hand."""
    made = []
    for optimizer, rate in (("adam", 1e-3), ("sgd", 0.1)):
        for size in (128, 32):
            job = Job(SMALL, size, optimizer=optimizer, learning_rate=rate)
            title = f"epoch, NumPy, 784-128-64-10, {optimizer}, batch {size}"
            claim = Claim("over NumPy in place", NUMPY_ENGINE, ("numpy-in-place",), at_most=1.1)
            race = everybody(job, ("clearprop-numpy", "numpy-in-place"))
            name = f"numpy-{optimizer}-{size}"
            made.append(Work(name, title, race, (claim,), 1, SMALL_ROUNDS))
    return made


def many_works() -> list[Work]:
    """Return sixteen networks as one program, beside one alone and beside runs of PyTorch."""
    made = []
    for name, layers, size, most in (
        ("many-128", SMALL, 128, 0.85), ("many-10", (784, 30, 10), 10, 0.5),
    ):  # fmt: skip
        job = Job(layers, size)
        several = job.changed(networks=os.cpu_count() or 1)
        jobs = {
            "clearprop-many": job.changed(networks=16), "clearprop-jax": job, "pytorch": job,
            "pytorch-side-by-side": several,
        }  # fmt: skip
        many, torch = ("clearprop-many",), ("pytorch", "pytorch-side-by-side")
        claims = (
            Claim("over one network alone", many, JAX, at_most=most),
            Claim("against 16 PyTorch runs", many, torch, at_least=3.0),
        )
        title = f"16 networks, {'-'.join(map(str, layers))}, batch {size}, for each"
        made.append(Work(name, title, Race(jobs), claims, 6))
    return made


def start_works() -> list[Work]:
    """Return what is measured from a process's start to its end."""
    over = f"over python -c '{NUMPY}'"
    return [
        *(
            Work(f"start-{percent}", f"process start to {percent} % on MNIST",
                 ToAccuracy(percent, STARTERS), (
                     Claim("against the best library", OURS, STARTING_LIBRARIES, at_least=least),
                     Claim("against the best peer", OURS, STARTERS[2:], at_least=least),
                 ), 8)
            for percent, least in ((97, None), (98, 3.0))
        ),
        Work("memory", "peak memory, training on MNIST",
             Memory(Job(SMALL, 128, epochs=1), (*OURS, *PEERS)), (
                 Claim("JAX engine, over the uint8 data", JAX, (DATA,), at_most=3.0),
                 Claim("NumPy engine, over the uint8 data", NUMPY_ENGINE, (DATA,), at_most=3.0),
             ), 4, rounds=3),
        Work("start", "start times", StartTimes(), (
            Claim(f"{IMPORT}, {over}", (IMPORT,), (NUMPY,), at_most=1.5),
            Claim(f"{HELP}, {over}", (HELP,), (NUMPY,), at_most=2.0),
            Claim(f"{PREDICT}, {over}", (PREDICT,), (NUMPY,), at_most=4.0),
        ), 1, rounds=25),
    ]  # fmt: skip


def digits_works() -> list[Work]:
    """Return the default network of neural-network-digits, as that package trains it."""
    job = Job((784, 64, 32, 10), 32, optimizer="sgd", learning_rate=0.05, momentum=0.9, l2=1e-4)
    claim = Claim("against neural-network-digits", OURS, ("digits-package",))
    race = everybody(job, (*OURS, "digits-package"))
    title = "epoch, 784-64-32-10, momentum, batch 32"
    return [Work("digits-package", title, race, (claim,), 1, SMALL_ROUNDS)]


WORKS = {
    work.name: work
    for work in (
        *epoch_works(), *floor_works(), *numpy_works(), *many_works(), *start_works(),
        *digits_works(),
    )
}  # fmt: skip


def title_of(name: str) -> str:
    """Return what the table calls a contender, or a command that is none."""
    return CONTENDERS[name].title if name in CONTENDERS else name.replace("-data", " data")
