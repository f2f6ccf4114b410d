"""`python -m benchmarks.growth`: how the cost of training grows, and what bounds it.

Both engines, under Adam, beside the floor: the same matrix products by NumPy, on arrays made once.
An epoch is timed from one `after_epoch` to the next, the first of a fit left out: it may compile.
`fit_many` takes no callbacks: a repeated call is divided by its epochs, and nothing taken off it.
"""

import itertools
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Annotated, Any

from cyclopts import App, Parameter

from benchmarks import growth_chart, results
from benchmarks.contenders import floor
from benchmarks.contenders.clearprop_fit import model_of
from benchmarks.growth_points import FORMULA, Point, described, points
from benchmarks.job import Job
from benchmarks.worker import fastest, timed
from clearprop import Callback, atomic, datasets, fit_many
from clearprop.errors import ClearpropError

ENGINES = ("numpy", "jax")
ROUNDS, EPOCHS = 5, 4
OUT = Path(__file__).with_name("results") / "growth.json"

app = App(name="python -m benchmarks.growth", version_flags=(), result_action="return_value")


class Clock(Callback):
    """Notes when every epoch ended."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    def after_epoch(self, fit: Any) -> None:
        """Note the moment."""
        self.ends.append(time.perf_counter())


def one_fit(model: Any, job: Job, rows: tuple[Any, Any]) -> float:
    """Return the seconds of an epoch of a fit: the median, without the first."""
    clock = Clock()
    model.fit(*rows, epochs=EPOCHS, batch_size=job.batch_size, callbacks=[clock])
    return median(b - a for a, b in itertools.pairwise(clock.ends))


def one_call(models: list[Any], job: Job, rows: tuple[Any, Any]) -> float:
    """Return the seconds of an epoch of `fit_many` for each network, all of the call in it."""
    began = time.perf_counter()
    fit_many(models, *rows, epochs=EPOCHS, batch_size=job.batch_size)
    return (time.perf_counter() - began) / EPOCHS / len(models)


def turns(point: Point, split: Any) -> dict[str, Callable[[], float]]:
    """Return, by name, what measures a point once: seconds of an epoch for each network."""
    job, made = point.job, {}
    rows = split.images[: job.rows], split.labels[: job.rows]
    for engine in ENGINES:
        models = [model_of(job.changed(seed=seed), engine) for seed in range(job.networks)]
        if point.sweep == "networks":
            one_call(models, job, rows)  # compiles
            made[engine] = lambda models=models: one_call(models, job, rows)
        else:
            made[engine] = lambda models=models: one_fit(models[0], job, rows)
    blas = {name: form for name, form in floor.forms(job).items() if name.startswith("NumPy")}
    products, _ = fastest(blas)
    return {**made, "floor": lambda: median(timed(products) for _ in range(EPOCHS - 1))}


@app.default
def measure(
    *,
    out: Annotated[Path | None, Parameter(help="The JSON; the chart goes beside it.")] = None,
    quick: Annotated[bool, Parameter(help="Does it run? Gives no figures.", negative="")] = False,
) -> None:
    """Measure how the cost of training grows with rows, width, depth, batch and networks."""
    rounds, split = 1 if quick else ROUNDS, datasets.load("mnist").train
    out = out or (OUT.with_name("quick-growth.json") if quick else OUT)
    found = {"formula": FORMULA, "rounds": rounds, "quick": quick, **results.circumstances()}
    print("compiling, and choosing the floor's threads", file=sys.stderr)
    sweep = [(point, turns(point, split), defaultdict(list)) for point in points(quick)]
    for done in range(1, rounds + 1):
        for point, made, kept in sweep:
            for name, turn in made.items():
                kept[name].append(turn())
            print(f"round {done} of {rounds}: {point.sweep} {point.at}", file=sys.stderr)
        found["points"] = [described(point, kept) for point, _, kept in sweep]
        atomic.write(out, json.dumps(found, indent=1, allow_nan=False).encode() + b"\n")
    growth_chart.draw(found, out.with_suffix(".png"))


if __name__ == "__main__":
    try:
        app()
    except ClearpropError as error:
        sys.exit(str(error))
