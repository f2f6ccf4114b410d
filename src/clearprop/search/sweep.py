"""A sweep: settings are trained with several seeds and ranked on validation rows only."""

from collections.abc import Callable, Iterable, Sequence

from clearprop.data import Split
from clearprop.errors import SettingError, known
from clearprop.search.journal import Journal, identity
from clearprop.search.outcomes import Outcome, Trial, ranked
from clearprop.search.proposals import TreeParzen, drawn, grid
from clearprop.search.together import Make, Planned, groups, trained
from clearprop.search.varied import Range, Settings, varied

SEARCHES = ("grid", "optuna", "random")
TRIALS = 20


class Sweep:
    """Settings, each trained with several seeds and measured on validation rows.

    >>> from clearprop import MLP
    >>> from clearprop.data import from_arrays
    >>> from clearprop.search import Candidate, Sweep
    >>> rows = from_arrays([[0.0], [0.1], [0.9], [1.0]], [0, 0, 1, 1])
    >>> def make(settings, seed):
    ...     return Candidate(MLP([1, 2], seed=seed, **settings), epochs=50, batch_size=4)
    >>> sweep = Sweep(make, rows, rows, ["learning_rate=1e-6,0.5"], seeds=(0, 1))
    >>> [trial.settings for trial in sweep.run()]
    [{'learning_rate': 0.5}, {'learning_rate': 1e-06}]

    Args:
        make: makes a fresh model from settings and a seed.
        train: the rows to learn from.
        validation: the rows on which settings are ranked; never test rows.
        vary: "key=value,value" or "key=low..high", one for each setting to vary.
        seeds: the seeds with which all settings are trained.
        search: "grid" tries every combination, "random" draws, "optuna" uses a tree-structured
            Parzen estimator; the default is "random" if there is a range, else "grid".
        trials: how many settings to draw or propose, by default `TRIALS`.
        seed: the seed of the draws.
        journal: the outcomes so far; new ones are added to it.
        told: called after each group of trainings with their outcomes, how many trainings are
            done, and how many there are.

    Raises:
        SettingError: the arguments are invalid.
        MissingExtraError: optuna is not installed.
    """

    def __init__(
        self,
        make: Make,
        train: Split,
        validation: Split,
        vary: Iterable[str] = (),
        *,
        seeds: Sequence[int] = (0,),
        search: str | None = None,
        trials: int | None = None,
        seed: int = 0,
        journal: Journal | None = None,
        told: Callable[[Sequence[Outcome], int, int], None] = lambda outcomes, done, planned: None,
    ) -> None:
        self.varied = varied(vary)
        usual = "random" if any(isinstance(one, Range) for one in self.varied) else "grid"
        self.search = search or usual
        known("search", self.search, SEARCHES)
        if self.search == "grid" and trials is not None:
            raise SettingError(
                "a grid tries every combination: --trials goes with random or optuna"
            )
        self._count = TRIALS if trials is None else trials
        if self._count < 1 or not seeds:
            raise SettingError("give at least one trial and one seed")
        self._make, self._train, self._validation = make, train, validation
        self.seeds, self._seed, self._told = tuple(seeds), seed, told
        self.journal = Journal() if journal is None else journal
        self._settings = self._listed()
        self._estimator = TreeParzen(self.varied, seed) if self.search == "optuna" else None
        self._asked: dict[bytes, Settings] = {}
        self.planned = self.done = 0

    def run(self) -> list[Trial]:
        """Try all settings, and return the trials, the best first.

        Raises:
            KeyboardInterrupt: on Ctrl-C; `trials` and the journal keep what is done.
        """
        if self._estimator is None:
            self._try(self._settings)
        else:
            self._propose(self._estimator)
        return self.trials()

    def trials(self) -> list[Trial]:
        """Return the settings with an outcome so far, the best first."""
        made = [Trial(one, tuple(self._outcomes(one))) for one in self._asked.values()]
        return ranked(trial for trial in made if trial.outcomes)

    def check(self) -> None:
        """Make a model with each value, and the first values of the other settings.

        Raises:
            SettingError: a key or value is unknown or invalid.
        """
        usual = {one.key: one.extremes[0] for one in self.varied}
        self._make(usual, self.seeds[0])
        for one in self.varied:
            for value in one.extremes[1:]:
                self._make({**usual, one.key: value}, self.seeds[0])

    def _listed(self) -> list[Settings]:
        if self.search == "random":
            return drawn(self.varied, self._count, self._seed)
        return grid(self.varied) if self.search == "grid" else []

    def _propose(self, estimator: TreeParzen) -> None:
        self.planned = self._count * len(self.seeds)
        for _ in range(self._count):
            settings = estimator.ask()
            self._try([settings])
            estimator.tell(Trial(settings, tuple(self._outcomes(settings))).score)

    def _try(self, settings: Sequence[Settings]) -> None:
        self._asked |= {identity(one, 0): one for one in settings}
        planned = [Planned(one, seed) for one in settings for seed in self.seeds]
        self.planned = max(self.planned, len(planned))
        # `groups` makes every model before the first is trained, and so finds mistakes early.
        left = [one for one in planned if self.journal.find(*one) is None]
        self.done += len(planned) - len(left)
        for group in list(groups(self._make, left, len(self._train))):
            outcomes = trained(self._make, group, self._train, self._validation)
            for outcome in outcomes:
                self.journal.add(outcome)
            self.done += len(outcomes)
            self._told(outcomes, self.done, self.planned)

    def _outcomes(self, settings: Settings) -> list[Outcome]:
        found = (self.journal.find(settings, seed) for seed in self.seeds)
        return [outcome for outcome in found if outcome is not None]
