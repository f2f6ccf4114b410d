"""The table of some steps: every number that changes from step to step.

Learning rates, bias corrections, the average's decay and the noise keys are made here, on the
host, and fed to the step as data. Computed inside the step they would turn float32 parameters
into float64 under NumPy and recompile under JAX.
"""

import numpy as np

from clearprop.maths.averaging import warmed_decay
from clearprop.maths.noise import bits
from clearprop.maths.optimizers import OPTIMIZERS
from clearprop.maths.randomness import key
from clearprop.network.choices import optimizer_settings
from clearprop.network.deformation import STREAMS, left, strengths
from clearprop.network.operations import every_operation, streams
from clearprop.network.schedule import factor
from clearprop.network.spec import Network, Training

Table = dict[str, np.ndarray]


def table(
    network: Network,
    training: Training,
    *,
    first: int,
    fit_first: int,
    steps: int,
    per_epoch: int,
    total: float | None = None,
) -> Table:
    """Return a column for every value that changes over the next `steps` steps.

    Args:
        network: says how many noise streams there are.
        training: the settings.
        first: steps made before these since the network began.
        fit_first: steps made before these since this fit began; its schedule counts them.
        steps: how many rows the table has.
        per_epoch: steps in an epoch, the schedule's unit of time.
        total: the length of the fit in epochs; by default `training.epochs`.

    Returns:
        "learning_rate", the optimizer's own, such as Adam's "correction1" and "correction2", and
        "average_share" (1 - decay), all float64 (steps,), and the keys of draws where there are
        any: "noise" (dropout's), "gaussian" and "deformation" (of pictures), uint32 (steps,
        streams, 2); with the last also the strengths, such as "deformation.rotation", float64
        (steps,).
    """
    settings = optimizer_settings(training.optimizer)
    numbers = OPTIMIZERS[training.optimizer.name].columns
    rows = [numbers(settings, first + i + 1) for i in range(steps)]
    columns = {name: [row[name] for row in rows] for name in numbers(settings, 1)}
    times = [(fit_first + i) / per_epoch for i in range(steps)]
    total = float(max(training.epochs, 1)) if total is None else total
    columns["learning_rate"] = [
        training.learning_rate * factor(training.schedule, time, total) for time in times
    ]
    if training.moving_average:
        decay = training.moving_average
        columns["average_share"] = [1.0 - warmed_decay(decay, first + i) for i in range(steps)]
    if deformation := training.deformation:
        faded = [strengths(deformation, left(deformation, time, total)) for time in times]
        columns |= {name: [row[name] for row in faded] for name in strengths(deformation)}
    made = {name: np.asarray(column, dtype=np.float64) for name, column in columns.items()}
    for purpose in sorted({one.draws for one in every_operation(network)} - {""}):
        made[purpose] = noise_keys(training.seed, streams(network), first, steps, purpose)
    if training.deformation:
        made["deformation"] = noise_keys(training.seed, STREAMS, first, steps, "deformation")
    return made


def noise_keys(
    seed: int, streams: int, first: int, steps: int, purpose: str = "noise"
) -> np.ndarray:
    """Return the keys of draws in `steps` steps from step `first` on, uint32 (steps, streams, 2).

    A stream's own key hashes the step numbers, so any part of the steps can be made alone.
    """
    counter = np.arange(first, first + steps, dtype=np.uint64).astype(np.uint32)
    made = np.empty((steps, streams, 2), np.uint32)
    for stream in range(streams):
        words = np.frombuffer(key(seed, purpose, stream).to_bytes(16, "little"), "<u4")
        made[:, stream, 0] = bits(np, words[:2].astype(np.uint32), counter)
        made[:, stream, 1] = bits(np, words[2:].astype(np.uint32), counter)
    return made
