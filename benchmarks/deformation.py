"""`python -m benchmarks.deformation`: what deforming pictures adds to a training step.

The same network steps over the same rows with more and more of the deformation on, in turns on
each engine; the figure is the processor's time for a step, and its ratio to the plain step.
"""

import time
from statistics import median
from typing import Annotated

from cyclopts import App, Parameter

from benchmarks import results
from clearprop import MLP, datasets
from clearprop.data import Split

AFFINE = {"rotation": 15.0, "scale": 0.15, "shear": 0.1, "shift": 1.0}
FORMS = {
    "plain": None,
    "erasing and mixup": {"erase": 8.0, "mixup": 0.3},
    "affine": AFFINE,
    "affine and elastic": AFFINE | {"elastic": 1.1, "smoothness": 5.5},
}
LAYERS, BATCH = [784, 1000, 500, 10], 128

app = App(name="python -m benchmarks.deformation", version_flags=(), result_action="return_value")


@app.default
def main(
    *,
    rounds: Annotated[int, Parameter(help="How often each form takes its turn.")] = 7,
    steps: Annotated[int, Parameter(help="Steps of a turn.")] = 100,
) -> int:
    """Print the milliseconds of a step, and their ratio to the plain one, for each engine."""
    where = results.circumstances()
    print(f"{'-'.join(map(str, LAYERS))}, batch {BATCH}: {where['machine']}, {where['date']}")
    for engine in ("jax", "numpy"):
        found = measured(engine, datasets.load("mnist").train, rounds, steps)
        for form, values in found.items():
            ratio = median(a / b for a, b in zip(values, found["plain"], strict=True))
            print(f"{engine:<6} {form:<20} {1e3 * median(values):6.2f} ms   {ratio:.2f}")
    return 0


def measured(engine: str, rows: Split, rounds: int, steps: int) -> dict[str, list[float]]:
    """Return the processor's seconds for a step, one a round, of every form.

    Args:
        engine: "jax" or "numpy".
        rows: pictures.
        rounds: how often each form takes its turn.
        steps: how many steps a turn has.
    """
    sizes = [rows.images[0].size, *LAYERS[1:]]
    models = {form: MLP(sizes, deformation=how, engine=engine) for form, how in FORMS.items()}
    for model in models.values():
        model.fit(rows, steps=2, batch_size=BATCH)  # compiles
    found: dict[str, list[float]] = {form: [] for form in FORMS}
    for _ in range(rounds):
        for form, model in models.items():
            began = time.process_time()
            model.fit(rows, steps=steps, batch_size=BATCH)
            found[form].append((time.process_time() - began) / steps)
    return found


if __name__ == "__main__":
    raise SystemExit(app())
