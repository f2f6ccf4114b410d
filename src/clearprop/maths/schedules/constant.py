"""A constant learning rate."""

from clearprop.maths.schedules.schedule import Schedule


def constant(t: float, total: float) -> float:
    """Return 1."""
    return 1.0


CONSTANT = Schedule(constant, {})
