"""A straight rise from 0, then half a wave of a cosine, down."""

from clearprop.maths.schedules.cosine import cosine
from clearprop.maths.schedules.schedule import Schedule
from clearprop.maths.settings import Setting


def warm_up_cosine(t: float, total: float, *, epochs: float, final: float) -> float:
    """Return a straight rise over the first `epochs`, then a cosine fall over the rest."""
    if t < epochs:
        return t / epochs
    return cosine(t - epochs, total - epochs, final=final)


WARM_UP_COSINE = Schedule(
    warm_up_cosine, {"epochs": Setting(1.0, positive=True), "final": Setting(0.0, most=1.0)}
)
