"""Settings proposed by a tree-structured Parzen estimator (Bergstra et al. 2011), with Optuna."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clearprop.errors import MissingExtraError
from clearprop.search.varied import Range, Settings, Varied


class TreeParzen:
    """Proposes settings from the scores of earlier ones.

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
