"""The points of `benchmarks.growth`: five sweeps around one network, and what each comes to."""

import itertools
from statistics import median
from typing import Any, NamedTuple

from benchmarks.job import ALL_ROWS, Job
from benchmarks.race import QUICK_ROWS

SWEEPS = {
    "rows": (1_000, 3_000, 10_000, 30_000, 60_000),
    "width": (8, 32, 128, 512, 1_000, 2_000),
    "depth": (1, 2, 4, 8, 16),
    "batch size": (1, 8, 32, 128, 512, 2_048, 8_192),
    "networks": (1, 2, 4, 8, 16, 32),
}
BASE, BATCH = (784, 128, 64, 10), 128
FORMULA = "rows x (4 x first layer's weights + 6 x the other layers' weights) / seconds / 1e9"
# What a step may cost on some machine, only to find rows whose epoch takes about AIM_SECONDS.
STEP_SECONDS, OPERATIONS_A_SECOND, AIM_SECONDS, LEAST_STEPS = 1.5e-4, 6e10, 0.12, 4
ROWS_TOGETHER = 40_960  # of all networks: a call takes about as long for few as for many
BYTES_A_PARAMETER = 16  # float32: the weight, its gradient, Adam's two averages


class Point(NamedTuple):
    """One value of one sweep, and the job that it makes."""

    sweep: str
    at: int
    job: Job


def points(quick: bool) -> list[Point]:
    """Return the points of all sweeps, or the two ends of each on few rows."""
    made = []
    for sweep, values in SWEEPS.items():
        for at in (values[0], values[-1]) if quick else values:
            job = job_of(sweep, at)
            few = job.changed(rows=min(job.rows, QUICK_ROWS))
            made.append(Point(sweep, at, few if quick else job))
    return made


def job_of(sweep: str, at: int) -> Job:
    """Return the base's job with one thing changed, on rows that take a fraction of a second."""
    layers = {"width": (784, at, 10), "depth": (784, *(128,) * at, 10)}.get(sweep, BASE)
    if sweep == "networks":
        return Job(layers, BATCH, ROWS_TOGETHER // at, networks=at)
    size = at if sweep == "batch size" else BATCH
    return Job(layers, size, at if sweep == "rows" else enough_rows(layers, size))


def enough_rows(layers: tuple[int, ...], batch_size: int) -> int:
    """Return the rows of whole steps that take about `AIM_SECONDS`, of MNIST at most all."""
    step = STEP_SECONDS + batch_size * operations_a_row(layers) / OPERATIONS_A_SECOND
    return min(ALL_ROWS, batch_size * max(LEAST_STEPS, round(AIM_SECONDS / step)))


def operations_a_row(layers: tuple[int, ...]) -> int:
    """Return the products' operations for a row; nobody wants the gradient of the inputs."""
    first, *others = (a * b for a, b in itertools.pairwise(layers))
    return 4 * first + 6 * sum(others)


def figures(job: Job, epochs: list[float]) -> dict[str, Any]:
    """Return what the seconds of an epoch, for each network, come to: the rounds' median."""
    seconds = median(epochs)
    gigaflops = operations_a_row(job.layers) * job.rows / seconds / 1e9
    return {
        "epoch_seconds": epochs, "seconds_a_step": seconds / job.steps_per_epoch,
        "seconds_a_row": seconds / job.rows, "gigaflops": gigaflops,
    }  # fmt: skip


def described(point: Point, measured: dict[str, list[float]]) -> dict[str, Any]:
    """Return a point and everybody's figures as JSON holds them."""
    job = point.job
    parameters = sum((a + 1) * b for a, b in itertools.pairwise(job.layers))
    return {
        "sweep": point.sweep, "at": point.at, "layers": list(job.layers),
        "batch_size": job.batch_size, "rows": job.rows, "networks": job.networks,
        "parameters": parameters, "megabytes_of_state": parameters * BYTES_A_PARAMETER / 1e6,
        "contenders": {name: figures(job, epochs) for name, epochs in measured.items()},
    }  # fmt: skip
