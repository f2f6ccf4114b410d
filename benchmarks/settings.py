"""The settings that are tried for a given accuracy, and the ones that `benchmarks.search` chose.

The dynamics of learning are the same in every library that has the schedule, so its accuracies
are searched once, with Clearprop; how long a setting takes, every contender shows itself.
scikit-learn has no one-cycle schedule and neural-network-digits no Adam: each has a list of its
own of the same length, and shows its accuracies itself.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.job import Job

FILE = Path(__file__).with_name("settings.json")
NOT_FOUND = "none of its settings that were tried reaches {} % with the margin (settings.json)"
PERCENTS = (97, 98)

# Hidden sizes, epochs, batch size, peak learning rate.
ONE_CYCLE = (
    ((64,), 3, 128, 0.008), ((64,), 4, 256, 0.012), ((128,), 2, 64, 0.004),
    ((128,), 2, 128, 0.006), ((128,), 3, 256, 0.01), ((128,), 4, 512, 0.015),
    ((128, 64), 2, 128, 0.005), ((128, 64), 3, 256, 0.008), ((128, 64), 8, 128, 0.004),
    ((128, 64), 10, 256, 0.006), ((256,), 2, 128, 0.005), ((256,), 2, 256, 0.008),
    ((256,), 3, 512, 0.012), ((256,), 6, 256, 0.008), ((256,), 7, 256, 0.006),
    ((256,), 8, 256, 0.008), ((256,), 8, 512, 0.01), ((256,), 10, 512, 0.01),
    ((256, 128), 4, 128, 0.004), ((256, 128), 5, 128, 0.003), ((256, 128), 6, 256, 0.005),
    ((256, 128), 6, 512, 0.008), ((256, 128), 7, 512, 0.006), ((256, 128), 8, 512, 0.008),
    ((400,), 5, 256, 0.006), ((400,), 6, 256, 0.005), ((400,), 7, 512, 0.008),
    ((400, 200), 5, 256, 0.004), ((512,), 6, 256, 0.005), ((512, 256), 4, 128, 0.003),
)  # fmt: skip
CONSTANT = (
    ((64,), 4, 64, 0.002), ((64,), 6, 128, 0.003), ((128,), 3, 64, 0.002),
    ((128,), 4, 128, 0.002), ((128,), 5, 128, 0.002), ((128,), 4, 256, 0.004),
    ((128,), 6, 256, 0.003), ((128,), 10, 128, 0.001), ((128, 64), 3, 128, 0.002),
    ((128, 64), 5, 256, 0.002), ((128, 64), 10, 128, 0.001), ((256,), 3, 128, 0.002),
    ((256,), 4, 256, 0.003), ((256,), 5, 512, 0.004), ((256,), 6, 128, 0.001),
    ((256,), 8, 128, 0.001), ((256,), 8, 256, 0.002), ((256,), 10, 256, 0.001),
    ((256,), 12, 512, 0.002), ((256, 128), 4, 128, 0.001), ((256, 128), 6, 128, 0.001),
    ((256, 128), 8, 256, 0.001), ((256, 128), 10, 256, 0.001), ((256, 128), 12, 512, 0.001),
    ((1000,), 8, 256, 0.001), ((400,), 8, 128, 0.001), ((512,), 15, 512, 0.001),
    ((512, 256), 12, 512, 0.001), ((400,), 12, 512, 0.002), ((512,), 10, 256, 0.001),
)  # fmt: skip
COSINE = (
    ((64,), 4, 32, 0.05), ((64,), 6, 64, 0.1), ((128,), 2, 32, 0.05),
    ((128,), 3, 32, 0.05), ((128,), 3, 64, 0.1), ((128,), 4, 64, 0.1),
    ((128,), 4, 128, 0.2), ((128,), 8, 64, 0.1), ((128, 64), 2, 32, 0.05),
    ((128, 64), 3, 64, 0.1), ((128, 64), 8, 64, 0.1), ((256,), 3, 32, 0.05),
    ((256,), 3, 64, 0.1), ((256,), 4, 128, 0.2), ((256,), 5, 32, 0.05),
    ((256,), 5, 64, 0.1), ((256,), 6, 64, 0.1), ((256,), 8, 64, 0.1),
    ((256,), 8, 128, 0.2), ((256, 128), 3, 32, 0.05), ((256, 128), 4, 64, 0.1),
    ((256, 128), 5, 64, 0.1), ((256, 128), 6, 64, 0.1), ((256, 128), 8, 128, 0.1),
    ((400,), 4, 32, 0.05), ((400,), 4, 64, 0.1), ((400,), 5, 64, 0.1),
    ((400,), 6, 64, 0.1), ((400,), 8, 128, 0.2), ((512,), 6, 64, 0.1),
)  # fmt: skip


@dataclass(frozen=True)
class Family:
    """Settings of one kind, who measures their accuracies, and what else they fix."""

    candidates: tuple
    measured_with: str
    fixed: dict[str, Any]

    def jobs(self) -> list[Job]:
        """Return the candidates as jobs."""
        return [
            Job((784, *hidden, 10), size, learning_rate=rate, epochs=epochs, **self.fixed)
            for hidden, epochs, size, rate in self.candidates
        ]


FAMILIES = {
    "one cycle": Family(ONE_CYCLE, "clearprop-jax", {"schedule": "one_cycle"}),
    "constant": Family(CONSTANT, "scikit-learn", {}),
    "cosine": Family(COSINE, "digits-package", {"optimizer": "sgd", "momentum": 0.9}),
}
OTHER_FAMILIES = {"scikit-learn": "constant", "digits-package": "cosine"}


def family_of(contender: str) -> str:
    """Return which list of settings a contender tries."""
    return OTHER_FAMILIES.get(contender, "one cycle")


def words(job: Job) -> str:
    """Return a setting in words; they are also its key in the file."""
    sizes = "-".join(map(str, job.layers))
    return f"{sizes}, {job.epochs} epochs, batch {job.batch_size}, rate {job.learning_rate:g}"


def job_of(contender: str, said: str) -> Job:
    """Return the setting of a contender's list that these words stand for."""
    return {words(job): job for job in FAMILIES[family_of(contender)].jobs()}[said]


def read() -> dict[str, Any]:
    """Return what the search has found so far."""
    found = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    return {"accuracies": {}, "seconds": {}, "chosen": {}} | found


def chosen(percent: int) -> dict[str, tuple[str, Job]]:
    """Return the form and the setting that each contender takes for an accuracy."""
    made = read()["chosen"].get(str(percent), {})
    return {name: (one["form"], job_of(name, one["setting"])) for name, one in made.items()}
