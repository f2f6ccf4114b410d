"""Which settings a sweep tries: every combination, draws, or the proposals of an estimator."""

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from clearprop.errors import MissingExtraError, SettingError
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


class TreeParzen:
    """Tree-structured Parzen estimator (Bergstra et al. 2011), by Optuna.

    The same seed and scores give the same proposals, so a resumed sweep repeats its own.

    Args:
        varied: the settings to vary.
        seed: the seed of the draws.

    Raises:
        MissingExtraError: optuna is not installed.
    """

    def __init__(self, varied: Sequence[Varied], seed: int) -> None:
        try:
            import optuna
        except ImportError as error:
            raise MissingExtraError(
                "--search optuna needs optuna", "tune", "use --search random"
            ) from error
        self._varied = {one.key: one for one in varied}
        distributions = optuna.distributions
        self._space = {one.key: _distribution(distributions, one) for one in varied}
        verbosity = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        try:
            # Optuna's seeds have 32 bits.
            sampler = optuna.samplers.TPESampler(seed=seed % 2**32)
            self._study = optuna.create_study(direction="maximize", sampler=sampler)
        finally:
            optuna.logging.set_verbosity(verbosity)
        self._asked: Any = None

    def ask(self) -> Settings:
        """Return the next settings to try."""
        self._asked = self._study.ask(self._space)
        return {key: self._value(key, given) for key, given in self._asked.params.items()}

    def tell(self, score: float) -> None:
        """Report the score of the last proposal; larger is better."""
        self._study.tell(self._asked, score)

    def _value(self, key: str, given: Any) -> Any:
        one = self._varied[key]
        return one.rounded(given) if isinstance(one, Range) else one.values[given]


def _distribution(distributions: Any, one: Varied) -> Any:
    if not isinstance(one, Range):
        # Indices, since Optuna warns about lists and tables as values.
        return distributions.CategoricalDistribution(tuple(range(len(one.values))))
    if one.whole:
        return distributions.IntDistribution(int(one.low), int(one.high), log=one.log)
    return distributions.FloatDistribution(one.low, one.high, log=one.log)
