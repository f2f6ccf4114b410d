"""A drop every so many epochs."""

import math

from clearprop.maths.schedules.schedule import Schedule
from clearprop.maths.settings import Setting


def step(t: float, total: float, *, every: float, factor: float) -> float:
    """Return factor^⌊t/every⌋: a drop every so many epochs."""
    # Epoch 10 of 0.1-epoch steps arrives as 9.99999…: it is meant to be the tenth.
    return factor ** math.floor(t / every + 1e-9)


STEP = Schedule(step, {"every": Setting(10.0, positive=True), "factor": Setting(0.5, most=1.0)})
