"""`python -m benchmarks.overhead`: what the run diagnosis and the checkpoints cost a training.

The diagnosis: fits with and without it in turns, and beside their ratio the time that it was seen
to take, which is steadier than two clocks on a machine that does other things as well. The
checkpoints: what the loop waits for one, and what a thread writes meanwhile, over their interval.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Annotated, Any

from cyclopts import App, Parameter

from benchmarks import results
from clearprop import MLP, Callback, Checkpoints, RunDiagnosis, atomic, datasets
from clearprop.errors import ClearpropError

ROUNDS, EPOCHS, BATCH, INTERVAL = 7, 10, 128, 30.0
OUT = Path(__file__).with_name("results") / "overhead.json"
SMALL = {"784-30-10": [784, 30, 10], "784-128-64-10": [784, 128, 64, 10]}
LARGE = {"784-128-64-10": [784, 128, 64, 10], "784-3000-3000-10": [784, 3000, 3000, 10]}

app = App(name="python -m benchmarks.overhead", version_flags=(), result_action="return_value")


class Clocked(RunDiagnosis):
    """Counts the seconds that it takes itself, and how often it looked."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds, self.looks = 0.0, 0

    def _count(self, act: Callable[[Any], None], fit: Any) -> None:
        began = time.perf_counter()
        act(fit)
        self.seconds += time.perf_counter() - began

    def before_fit(self, fit: Any) -> None:
        """Count the choice of rows too."""
        self._count(super().before_fit, fit)

    def after_stretch(self, fit: Any) -> None:
        """Count a look."""
        self._count(super().after_stretch, fit)

    def after_epoch(self, fit: Any) -> None:
        """Count the look at the history."""
        self._count(super().after_epoch, fit)

    def _look(self, fit: Any) -> None:
        self.looks += 1
        super()._look(fit)


def seconds_of(layers: list[int], engine: str, rows: Any, callbacks: list[Callback]) -> float:
    """Return the wall seconds of a fit that is compiled already."""
    model = MLP(layers, engine=engine)
    began = time.perf_counter()
    model.fit(rows, epochs=EPOCHS, batch_size=BATCH, callbacks=callbacks)
    return time.perf_counter() - began


def diagnosis(layers: list[int], engine: str, rows: Any, rounds: int) -> dict[str, Any]:
    """Return what the diagnosis costs a fit: ratios and shares, one a round."""
    seconds_of(layers, engine, rows, [Clocked()])  # compiles
    without, ratios, shares, looks = [], [], [], []
    for number in range(rounds):
        watch, taken = Clocked(), {}
        for turn in (0, 1) if number % 2 else (1, 0):
            taken[turn] = seconds_of(layers, engine, rows, [watch] if turn else [])
        without.append(taken[0])
        ratios.append(taken[1] / taken[0])
        shares.append(watch.seconds / taken[0])
        looks.append(1000.0 * watch.seconds / watch.looks)
    return {
        "seconds_an_epoch": median(without) / EPOCHS,
        "looks": watch.looks,
        "milliseconds_a_look": median(looks),
        "share": median(shares),
        "ratio": median(ratios),
        "ratios": ratios,
    }


class Handed(Checkpoints):
    """Writes two checkpoints, and times the parts of the second: the first also reads all rows."""

    def _hand_over(self, fit: Any) -> None:
        began = time.perf_counter()
        super()._hand_over(fit)
        self.waited = time.perf_counter() - began
        self._writer.drain()

    def _write(self, fit: Any, standing: Any) -> None:
        began = time.perf_counter()
        super()._write(fit, standing)
        self.written = time.perf_counter() - began


def checkpoints(layers: list[int], engine: str, rows: Any, rounds: int) -> dict[str, Any]:
    """Return what a checkpoint costs: on the loop, beside it, and both over the interval.

    Beside it is the wall time of the thread, with what it waits for the disk; the interval is the
    default one, stretched where `Checkpoints` stretches it.
    """
    waited, written, between = [], [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            saver = Handed(folder, "2steps")
            MLP(layers, engine=engine).fit(rows, steps=4, batch_size=BATCH, callbacks=[saver])
            waited.append(saver.waited)
            written.append(saver.written)
            between.append(max(INTERVAL, saver.least_seconds))
            size = saver.path.stat().st_size
    return {
        "megabytes": size / 1e6,
        "milliseconds_waited": 1000.0 * median(waited),
        "milliseconds_written_beside": 1000.0 * median(written),
        "seconds_between": median(between),
        "share_waited": median(waited) / median(between),
        "share_of_both": (median(waited) + median(written)) / median(between),
    }


@app.default
def measure(
    *,
    out: Annotated[Path | None, Parameter(help="The JSON.")] = None,
    quick: Annotated[bool, Parameter(help="Does it run? Gives no figures.", negative="")] = False,
) -> None:
    """Measure what the run diagnosis and the checkpoints cost a training."""
    rounds, rows = 1 if quick else ROUNDS, datasets.load("mnist").train
    found: dict[str, Any] = {"rounds": rounds, "epochs": EPOCHS, **results.circumstances()}
    for what, act, sizes in (("diagnosis", diagnosis, SMALL), ("checkpoints", checkpoints, LARGE)):
        found[what] = {}
        for name, layers in sizes.items():
            for engine in ("numpy", "jax"):
                made = found[what][f"{name} on {engine}"] = act(layers, engine, rows, rounds)
                figures = (f"{key} {made[key]:.4g}" for key in made if key != "ratios")
                print(f"{what}, {name} on {engine}: {', '.join(figures)}", file=sys.stderr)
    out = out or (OUT.with_name("quick-overhead.json") if quick else OUT)
    atomic.write(out, json.dumps(found, indent=1, allow_nan=False).encode() + b"\n")


if __name__ == "__main__":
    try:
        app()
    except ClearpropError as error:
        sys.exit(str(error))
