"""Constant, then a straight line down."""

from clearprop.maths.schedules.schedule import Schedule, elapsed
from clearprop.maths.settings import Setting


def linear(t: float, total: float, *, fall: float, final: float) -> float:
    """Return 1, then over the last share `fall` of training a straight line down to `final`.

    With a warm-up before it, it is the trapezoid of long trainings (Zhai et al. 2022).
    """
    share = elapsed(t - (1.0 - fall) * total, fall * total)
    return 1.0 + (final - 1.0) * min(max(share, 0.0), 1.0)


LINEAR = Schedule(
    linear, {"fall": Setting(1.0, most=1.0, positive=True), "final": Setting(0.0, most=1.0)}
)
