"""Which settings a sweep tries: every combination, or draws."""

import itertools
import math
from collections.abc import Sequence

import numpy as np

from clearprop.errors import SettingError
from clearprop.maths.randomness import key
from clearprop.search.varied import Range, Settings, Varied

# A grid of more is a slip of the pen: even at a second each it would take days.
MOST = 100_000


def grid(varied: Sequence[Varied]) -> list[Settings]:
    """Return every combination of values; the last setting changes fastest.

    Raises:
        SettingError: one of them is a range, or there are far too many combinations.
    """
    lists = []
    for one in varied:
        if isinstance(one, Range):
            raise SettingError(
                f"{one.key} is a range, of which a grid has no values; list some, or draw them: "
                "--search random"
            )
        lists.append(one.values)
    count = math.prod(map(len, lists))
    if count > MOST:
        raise SettingError(f"a grid of {count:,} combinations; draw some: --search random")
    keys = [one.key for one in varied]
    return [dict(zip(keys, values, strict=True)) for values in itertools.product(*lists)]


def drawn(varied: Sequence[Varied], trials: int, seed: int) -> list[Settings]:
    """Return independent random draws, without repetitions.

    Draw number n depends on the seed and n alone, so more trials add to the same ones.
    """
    made: list[Settings] = []
    for trial in range(trials):
        words = np.random.Philox(key=key(seed, "sweep", trial)).random_raw(len(varied))
        shares = ((words >> np.uint64(11)) * 2.0**-53).tolist()
        settings = {one.key: one.at(u) for one, u in zip(varied, shares, strict=True)}
        if settings not in made:
            made.append(settings)
    return made
