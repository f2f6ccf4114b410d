"""What `sweep` and `find-rate` share: a recipe's rows without the test rows, and its models."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from clearprop.cli.learning import build_model, fitted, load_rows, prepare
from clearprop.cli.train import changed_recipe, chosen_recipe
from clearprop.errors import SettingError

if TYPE_CHECKING:
    from clearprop.cli.learning import Prepared
    from clearprop.recipes import Recipe
    from clearprop.search import Candidate
    from clearprop.search.varied import Settings, Varied


class Asked(NamedTuple):
    """What the command line names: the words of a recipe, its data and their changes."""

    recipe: str | None
    data: str | None
    engine: str | None
    epochs: int | None
    seed: int | None
    settings: tuple[str, ...]

    def prepare(self, command: str, data_dir: str | None, offline: bool, quiet: bool) -> Prepared:
        """Return a recipe with its network and its rows, but no test rows.

        Nothing is chosen by these.

        Raises:
            SettingError: no such recipe or key, or a value that does not fit.
        """
        recipe = changed_recipe(chosen_recipe(self.recipe, self.data, command=command), *self[1:])
        rows = dataclasses.replace(load_rows(recipe, data_dir, offline, quiet), test=None)
        if self.recipe is None:
            recipe = fitted(recipe, rows)
        return prepare(recipe, rows)

    def train_command(self, settings: Settings) -> str:
        """Return the command that trains this under some settings more."""
        words = ["clearprop", "train"]
        words += [self.recipe] if self.recipe else []
        named = {"data": self.data, "engine": self.engine, "epochs": self.epochs, "seed": self.seed}
        for name, value in named.items():
            words += [] if value is None else [f"--{name}", str(value)]
        for text in (*self.settings, *map("{0[0]}={0[1]}".format, told(settings).items())):
            words += ["--set", text]
        return shlex.join(words)


def told(settings: Settings) -> dict[str, str]:
    """Return settings with their values as --set takes them."""
    from clearprop.recipes.changes import as_toml

    return {key: v if isinstance(v, str) else as_toml(v) for key, v in settings.items()}


def candidate(recipe: Recipe, settings: Settings, seed: int) -> Candidate:
    """Return a fresh model of a recipe under some settings and a seed, and how long it learns.

    Raises:
        SettingError: no such key, or a value that does not fit.
    """
    from clearprop.recipes import replaced
    from clearprop.search import Candidate

    made = replaced(recipe, {**settings, "model.seed": seed})
    return Candidate(build_model(made), made.fit.epochs, made.fit.batch_size, made.fit.steps)


def check_varied(varied: Sequence[Varied]) -> None:
    """Raise SettingError where a setting of the rows is varied: figures could not be compared."""
    from clearprop.recipes.recipe import Data

    for one in varied:
        part, _, field = one.key.rpartition(".")
        if part == "data" or (not part and field in Data.__struct_fields__):
            raise SettingError(
                f"{one.key} cannot be varied: settings are compared on the same rows; change it "
                f"for all of them with --set {one.key}=..."
            )
