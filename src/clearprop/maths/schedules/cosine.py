"""Half a wave of a cosine, down."""

from clearprop.maths.schedules.schedule import Schedule, elapsed, half_cosine
from clearprop.maths.settings import Setting


def cosine(t: float, total: float, *, final: float) -> float:
    """Return final + (1 - final)·(1 + cos(π·t/total))/2 (Loshchilov & Hutter 2017)."""
    return final + (1.0 - final) * half_cosine(elapsed(t, total))


COSINE = Schedule(cosine, {"final": Setting(0.0, most=1.0)})
