"""The same factor over every epoch."""

from clearprop.maths.schedules.schedule import Schedule
from clearprop.maths.settings import Setting


def exponential(t: float, total: float, *, factor: float) -> float:
    """Return factorᵗ: the rate is multiplied by the factor over every epoch."""
    return factor**t


EXPONENTIAL = Schedule(exponential, {"factor": Setting(0.95, most=1.0)})
