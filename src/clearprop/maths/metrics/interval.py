"""A confidence interval for a share."""

import math

# 95 % of a normal distribution is within this many standard deviations of the mean.
NORMAL_95 = 1.959963984540054


def wilson_interval(right: int, rows: int, z: float = NORMAL_95) -> tuple[float, float]:
    """Return Wilson's score interval of a share (Wilson 1927): where the true one may well lie.

    These are the shares p from which the share that was seen, p̂ = right / rows, is at most z
    standard deviations √(p·(1 - p)/n) away:

        (p̂ + z²/2n ± z·√(p̂·(1 - p̂)/n + z²/4n²)) / (1 + z²/n).

    Unlike p̂ ± z·√(p̂·(1 - p̂)/n) it stays within [0, 1], and has a width also where p̂ is 1.

    Args:
        right: how many rows are right.
        rows: n, of how many, at least 1.
        z: how many standard deviations; the default holds for 95 %.

    >>> low, high = wilson_interval(98, 100)
    >>> f"{low:.3f} to {high:.3f}"
    '0.930 to 0.994'
    """
    share, square = right / rows, z * z / rows
    middle = share + square / 2.0
    reach = z * math.sqrt(share * (1.0 - share) / rows + square / (4.0 * rows))
    return (middle - reach) / (1.0 + square), (middle + reach) / (1.0 + square)
