"""A straight rise from 0, then constant."""

from clearprop.maths.schedules.schedule import Schedule
from clearprop.maths.settings import Setting


def warm_up(t: float, total: float, *, epochs: float) -> float:
    """Return min(1, t/epochs): a straight rise from 0, then constant."""
    return min(1.0, t / epochs)


WARM_UP = Schedule(warm_up, {"epochs": Setting(1.0, positive=True)})
