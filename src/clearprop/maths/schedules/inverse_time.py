"""A fall that slows down."""

from clearprop.maths.schedules.schedule import Schedule
from clearprop.maths.settings import Setting


def inverse_time(t: float, total: float, *, decay: float) -> float:
    """Return 1/(1 + d·t) (Robbins & Monro 1951)."""
    return 1.0 / (1.0 + decay * t)


INVERSE_TIME = Schedule(inverse_time, {"decay": Setting(0.01)})
