"""Which settings a sweep tries: every combination, or draws."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from clearprop.errors import SettingError
from clearprop.maths.randomness import key
from clearprop.search.varied import Range, Settings, Varied

# A larger grid must be a mistake: even at one second each it would take days.
MOST = 100_000


def grid(varied: Sequence[Varied]) -> list[Settings]:
    """Return every combination of values; the last setting changes fastest.

    Raises:
        SettingError: one of them is a range, or there are too many combinations.
    """
    lists = []
    for one in varied:
        if isinstance(one, Range):
            raise SettingError(
                f"{one.key} is a range, but a grid needs values; list some, or draw them: "
                "--search random"
            )
        lists.append(one.values)
    count = math.prod(map(len, lists))
    if count > MOST:
        raise SettingError(f"a grid of {count:,} combinations; draw some: --search random")
    keys = [one.key for one in varied]
    return [dict(zip(keys, values, strict=True)) for values in itertools.product(*lists)]


def drawn(varied: Sequence[Varied], trials: int, seed: int) -> list[Settings]:
    """Return independent draws, without repeats.

    Draw n depends only on the seed and n, so more trials extend the same sequence.
    """
    made: list[Settings] = []
    for trial in range(trials):
        words = np.random.Philox(key=key(seed, "sweep", trial)).random_raw(len(varied))
        shares = ((words >> np.uint64(11)) * 2.0**-53).tolist()
        settings = {one.key: one.at(u) for one, u in zip(varied, shares, strict=True)}
        if settings not in made:
            made.append(settings)
    return made
