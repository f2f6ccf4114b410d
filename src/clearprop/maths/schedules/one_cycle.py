"""One cycle: up, then down to less than the start."""

from clearprop.maths.schedules.schedule import Schedule, elapsed, half_cosine
from clearprop.maths.settings import Setting


def one_cycle(t: float, total: float, *, rise: float, start: float, final: float) -> float:
    """Return a cosine rise from `start` to 1, then a cosine fall to `final` (Smith 2018).

    Args:
        t: epochs since training began.
        total: epochs of the whole training.
        rise: the share of training spent rising.
        start: the factor at the beginning.
        final: the factor at the end.
    """
    share = t / total
    if share < rise:
        return 1.0 + (start - 1.0) * half_cosine(share / rise)
    return final + (1.0 - final) * half_cosine(elapsed(share - rise, 1.0 - rise))


ONE_CYCLE = Schedule(
    one_cycle,
    {
        "rise": Setting(0.3, most=1.0, positive=True),
        "start": Setting(0.04, most=1.0),
        "final": Setting(4e-6, most=1.0),
    },
)
