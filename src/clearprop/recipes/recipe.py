"""What a recipe is: settings, the claim that they must meet, and where the claim comes from."""

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from clearprop.errors import SettingError, known
from clearprop.recipes.committee import Committee
from clearprop.tasks import FIGURES, direction

Range = tuple[int, int]

LONGEST_NAME = 100
# Of 28×28 pixels these take 8 GB: a recipe from elsewhere shall not ask for more.
MOST_IMAGES = 10_000_000


class Deformed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rotated and shifted copies of training images, added to the training rows.

    `rotation` is the largest angle in degrees, `shift` the largest distance in pixels.
    """

    images: Annotated[int, msgspec.Meta(ge=1, le=MOST_IMAGES)]
    rotation: float
    shift: float


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which rows: a named data set or a file, and which of its training rows are used.

    `size` is the height and width to which the pictures of a folder are resized. `rows` is the
    range [first, end) to learn from; by default all. `validation` is held out of these: a number
    of rows or a fraction, chosen by the seed (0: none); or it is a range of its own beside them.
    `validation_seed` chooses them instead of the model's seed, so that networks of several seeds
    hold out the same rows.
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
                raise SettingError(f"{list(part)} is no range of rows; give [first, end]")
        if isinstance(self.validation, tuple) and not _apart(self.rows, self.validation):
            raise SettingError(
                f"the validation rows {list(self.validation)} must lie apart from the rows that "
                "are learned from; give both as ranges: rows = [0, 50000]"
            )


class Fit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How long: epochs (or steps, if given), rows a step, and which weights are kept.

    With `keep_best` and validation rows, the weights of the best epoch are kept, else the last.
    With `refit`, `clearprop reproduce` trains each seed twice: without the validation rows, on
    which that network is measured, and then from the start on all rows, for the network that is
    used.
    """

    epochs: int = 5
    batch_size: int = 128
    steps: int | None = None
    keep_best: bool = True
    refit: bool = False


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must be reached, on which rows, and who says so.

    Attributes:
        metrics: one metric by its name, and what it must reach: {"accuracy": 0.98}. Where less is
            better, as for "rmse", it is the most that it may be.
        source: who claims it.
        rows: the rows it is measured on; the test rows are read once, at the end.
        last_epochs: measured as the mean over this many last epochs, on validation rows.
        seeds: measured as the mean over this many seeds, the recipe's own and those after it.
        settings: other settings than the recipe's, under which the claim was made.
        holds: false where it was tried seriously and is not reached: shown, never met.
        reference: a figure to show next to it.
        reference_source: who says so.
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
        known("metric", self.metric, FIGURES)
        figure = FIGURES[self.metric]
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
        """What it must reach."""
        return self.metrics[self.metric]

    def met_by(self, measured: float) -> bool:
        """Return whether a figure is as good as the claim."""
        return direction(self.metric) * (measured - self.value) >= 0.0


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same recipe with other settings, reported beside it and held to no claim."""

    title: str
    settings: dict[str, Any]


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A recipe as its TOML file holds it.

    Attributes:
        title: what it is, in a few words.
        data: which rows.
        model: the keywords of `clearprop.MLP`.
        fit: how long.
        committee: networks of other recipes that are averaged, in place of `model`.
        claim: what must be reached.
        variants: other settings to report next to it.
        name: the file's, unless it says otherwise.
        output: what a training prints: a line an "epoch"; full-batch "iterations"; or one-image
            "steps".
        show: what it shows besides.
        long: takes so long that `clearprop reproduce` trains it only if it is named.
        minutes: roughly how long a seed, or a whole committee, takes on one core.
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
        # The name becomes a folder's: a recipe from elsewhere shall not choose which.
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
                "a recipe that is refitted needs rows that the first network does not learn from; "
                "give data.validation, or refit = false"
            )
        if self.fit.keep_best:
            raise SettingError(
                "fit.refit needs fit.keep_best = false: the second network has no validation rows "
                "that could choose an epoch"
            )
        if isinstance(held_out, tuple) and rows and not _side_by_side(rows, held_out):
            raise SettingError(
                f"data.rows = {list(rows)} and data.validation = {list(held_out)} do not lie side "
                "by side, so no network can be refitted on both; choose others, or refit = false"
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
                "that chose the epoch, it would flatter"
            )


def _names_a_folder(name: str) -> bool:
    within = name == Path(name).name and name != ".." and "\\" not in name
    return within and name.isprintable() and len(name) <= LONGEST_NAME


def _apart(rows: Range | None, others: Range) -> bool:
    return rows is not None and (rows[1] <= others[0] or others[1] <= rows[0])


def _side_by_side(rows: Range, others: Range) -> bool:
    return rows[1] == others[0] or others[1] == rows[0]
