"""A recipe: settings, the claim that they must meet, and the source of the claim."""

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from clearprop.data.views import Views
from clearprop.errors import SettingError, known
from clearprop.tasks import METRICS, direction

Range = tuple[int, int]

LONGEST_NAME = 100
# 8 GB at 28×28 pixels: a foreign recipe must not exhaust the memory.
MOST_IMAGES = 10_000_000


class Deformed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rotated and shifted copies of training images, added to the training rows.

    `rotation` is the largest angle in degrees, `shift` the largest distance in pixels.
    """

    images: Annotated[int, msgspec.Meta(ge=1, le=MOST_IMAGES)]
    rotation: float
    shift: float


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A named data set or a file, and how its training rows are used.

    `size` is the height and width to which the pictures of a folder are resized.
    `rows` is the range [first, end) to train on, by default all rows.
    `validation` is a number or fraction of these rows to hold out (0: none), or a disjoint range.
    `validation_seed` chooses the rows to hold out instead of the model's seed, so that networks
    with different seeds share them.
    """

    name: str
    size: tuple[int, int] | None = None
    rows: Range | None = None
    validation: float | int | Range = 0
    validation_seed: int | None = None
    deformed: Deformed | None = None

    def __post_init__(self) -> None:
        for part in (self.rows, self.validation):
            if isinstance(part, tuple) and not 0 <= part[0] < part[1]:
                raise SettingError(f"{list(part)} is not a range of rows; give [first, end]")
        if isinstance(self.validation, tuple) and not _apart(self.rows, self.validation):
            raise SettingError(
                f"the validation rows {list(self.validation)} must lie apart from the training "
                "rows; give both as ranges: rows = [0, 50000]"
            )


class Fit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How to train: epochs (or `steps` instead), rows per step, and which weights to keep.

    With `keep_best` and validation rows, the weights of the best epoch are kept, else the last.
    With `refit`, `clearprop reproduce` trains each seed twice: without the validation rows, to
    measure the network on them, and then from scratch on all rows for the final network.
    """

    epochs: int = 5
    batch_size: int = 128
    steps: int | None = None
    keep_best: bool = True
    refit: bool = False


class Members(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Networks of one recipe, one per seed, with the same settings.

    `recipe` is a name or a TOML file; `settings` are changes to it.
    """

    recipe: str
    seeds: tuple[int, ...]
    settings: dict[str, Any] = {}

    def __post_init__(self) -> None:
        if not self.seeds:
            raise SettingError(f"the committee names no seeds of {self.recipe}: seeds = [0, 1]")
        if any(key.rpartition(".")[2] == "seed" for key in self.settings):
            raise SettingError("a member's seed belongs in its seeds, not in settings")


class Committee(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Networks whose probabilities are averaged.

    Attributes:
        members: the networks.
        temperature: whether to fit a temperature on the validation rows.
        views: transformed copies of each picture to average over, or None.
    """

    members: tuple[Members, ...]
    temperature: bool = False
    views: Views | None = None

    def __post_init__(self) -> None:
        named = [
            (one.recipe, str(one.settings), seed) for one in self.members for seed in one.seeds
        ]
        if len(named) < 2 or len(set(named)) < len(named):
            raise SettingError("a committee needs at least two members, none of them twice")


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A metric that must be reached, on which rows, and its source.

    Attributes:
        metrics: one metric and its bound: {"accuracy": 0.98}; an upper bound if less is better,
            as for "rmse".
        source: who made the claim.
        rows: the rows it is measured on; the test rows are read once, at the end.
        last_epochs: the number of last epochs to average over, on validation rows.
        seeds: the number of seeds to average over, from the recipe's own upwards.
        settings: changes to the recipe under which the claim was made.
        holds: false if the claim was tried and could not be reached.
        reference: another figure to show for comparison.
        reference_source: the source of that figure.
    """

    metrics: dict[str, float]
    source: str
    rows: Literal["test", "validation"] = "test"
    last_epochs: int = 1
    seeds: int = 1
    settings: dict[str, Any] = {}
    holds: bool = True
    reference: float | None = None
    reference_source: str = ""

    def __post_init__(self) -> None:
        if len(self.metrics) != 1:
            raise SettingError("a claim is about one metric: metrics.accuracy = 0.98")
        known("metric", self.metric, METRICS)
        figure = METRICS[self.metric]
        if not figure.least <= self.value <= figure.most:
            raise SettingError(
                f"the claim is {self.value:g}; {figure.title} lies between {figure.least:g} and "
                f"{figure.most:g}"
            )
        if min(self.last_epochs, self.seeds) < 1:
            raise SettingError("last_epochs and seeds of a claim are at least 1")
        if self.rows == "test" and self.last_epochs > 1:
            raise SettingError(
                "a mean over several epochs is taken on validation rows: test rows are read once"
            )

    @property
    def metric(self) -> str:
        """The name of the metric."""
        return next(iter(self.metrics))

    @property
    def value(self) -> float:
        """The bound to reach."""
        return self.metrics[self.metric]

    def met_by(self, measured: float) -> bool:
        """Return whether a value is as good as the claim."""
        return direction(self.metric) * (measured - self.value) >= 0.0


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same recipe with other settings, reported with it but without a claim."""

    title: str
    settings: dict[str, Any]


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A recipe as its TOML file holds it.

    Attributes:
        title: a short description.
        data: the rows.
        model: the keywords of `clearprop.MLP`.
        fit: how to train.
        committee: networks of other recipes to average, in place of `model`.
        claim: what must be reached.
        variants: other settings to report as well.
        name: by default that of the file.
        output: what a training prints: one line per "epoch", full-batch "iterations", or
            one-image "steps".
        show: what else to print.
        long: whether `clearprop reproduce` trains it only when named.
        minutes: rough time on one core for a seed, or for a committee with all its members.
    """

    title: str
    data: Data
    model: dict[str, Any] = {}
    fit: Fit = Fit()
    committee: Committee | None = None
    claim: Claim | None = None
    variants: tuple[Variant, ...] = ()
    name: str = ""
    output: Literal["epochs", "iterations", "steps"] = "epochs"
    show: tuple[Literal["test_each_epoch", "five_predictions", "hidden_layer"], ...] = ()
    long: bool = False
    minutes: float | None = None

    def __post_init__(self) -> None:
        # The name becomes that of a folder, which a foreign recipe must not choose freely.
        if not _names_a_folder(self.name):
            raise SettingError(f"a recipe cannot be called {self.name!r}: it names a folder")
        if self.committee is not None and (self.model or self.fit != Fit()):
            raise SettingError(
                "a committee has no network and no fit of its own; change its members' with "
                "settings = {...} in committee.members"
            )
        if self.fit.refit:
            self._check_refit()
        if self.claim is not None and self.claim.rows == "validation":
            self._check_validation()
        if self.claim is not None and self.fit.steps is None:
            self._check_epochs(self.claim.last_epochs)

    def _check_refit(self) -> None:
        rows, held_out = self.data.rows, self.data.validation
        if not held_out:
            raise SettingError(
                "fit.refit needs validation rows; give data.validation, or refit = false"
            )
        if self.fit.keep_best:
            raise SettingError(
                "fit.refit needs fit.keep_best = false: the second network has no validation rows "
                "to choose an epoch by"
            )
        if isinstance(held_out, tuple) and rows and not _side_by_side(rows, held_out):
            raise SettingError(
                f"data.rows = {list(rows)} and data.validation = {list(held_out)} are not "
                "adjacent, so no network can be refitted on both; choose others, or refit = false"
            )

    def _check_epochs(self, last: int) -> None:
        if last > max(self.fit.epochs, 1):
            raise SettingError(
                f"the claim is a mean over the last {last} epochs, but there are {self.fit.epochs}"
            )

    def _check_validation(self) -> None:
        if not self.data.validation:
            raise SettingError("the claim is about validation rows, but data.validation is 0")
        if self.fit.keep_best:
            raise SettingError(
                "a claim about validation rows needs fit.keep_best = false: measured on the rows "
                "that chose the epoch, the result would be biased"
            )


def _names_a_folder(name: str) -> bool:
    within = name == Path(name).name and name != ".." and "\\" not in name
    return within and name.isprintable() and len(name) <= LONGEST_NAME


def _apart(rows: Range | None, others: Range) -> bool:
    return rows is not None and (rows[1] <= others[0] or others[1] <= rows[0])


def _side_by_side(rows: Range, others: Range) -> bool:
    return rows[1] == others[0] or others[1] == rows[0]
