"""What a user asks to train: a recipe or a data set, with some settings changed."""

import dataclasses
import shlex
from pathlib import Path
from typing import NamedTuple

import msgspec

from clearprop import recipes
from clearprop.data import names
from clearprop.errors import SettingError
from clearprop.recipes import Recipe, with_settings, with_values
from clearprop.recipes.changes import as_toml
from clearprop.runs.default import default_recipe, fitted
from clearprop.runs.folder import AUTO, recipe_of
from clearprop.runs.prepared import Prepared, load_rows, prepare
from clearprop.search.varied import Settings


class Request(NamedTuple):
    """The words of a command that say what to train.

    Attributes:
        recipe: a recipe's name, or a TOML file.
        data: the data set, in place of the recipe's own.
        engine: the engine.
        epochs: how many epochs.
        seed: the seed.
        settings: further changes, as `--set` takes them.
    """

    recipe: str | None = None
    data: str | None = None
    engine: str | None = None
    epochs: int | None = None
    seed: int | None = None
    settings: tuple[str, ...] = ()

    def find(self, resume: str | None = None, command: str = "train") -> Recipe:
        """Return the recipe that is meant; one that was changed makes no claim.

        Args:
            resume: the folder whose recipe is meant where nothing else is named.
            command: the command that messages show.

        Raises:
            SettingError: no recipe is named, or there is none of that name; an unknown key, or a
                value that does not fit.
        """
        recipe = self._named(resume, command)
        named = {
            "data.name": self.data,
            "model.engine": self.engine,
            "fit.epochs": self.epochs,
            "model.seed": self.seed,
        }
        given = {key: value for key, value in named.items() if value is not None}
        if self.settings or given:
            recipe = msgspec.structs.replace(recipe, claim=None, variants=())
        return with_values(with_settings(recipe, self.settings), given)

    def _named(self, resume: str | None, command: str) -> Recipe:
        recipe, data = self.recipe, self.data
        if recipe is None and data is None and resume not in (None, AUTO):
            return recipe_of(Path(str(resume)))
        if recipe is None and data is None:
            raise SettingError(
                f"name a recipe or a data set: clearprop {command} --data mnist\n"
                f"The recipes are {', '.join(recipes.names())}."
            )
        if recipe is None:
            return default_recipe(str(data))
        is_file = not recipe.endswith(".toml") and Path(recipe).exists()
        if recipe in names() or (is_file and recipe not in recipes.names()):
            raise SettingError(
                f"{recipe} is data, not a recipe: clearprop {command} --data {recipe}"
            )
        return recipes.load(recipe)

    def prepare(self, command: str, data_dir: str | None, offline: bool, quiet: bool) -> Prepared:
        """Return the recipe with its network and its rows, without test rows to choose by."""
        recipe = self.find(command=command)
        rows = dataclasses.replace(load_rows(recipe, data_dir, offline, quiet), test=None)
        return prepare(recipe if self.recipe else fitted(recipe, rows), rows)

    def train_command(self, settings: Settings) -> str:
        """Return the command that trains this with some more settings."""
        words = ["clearprop", "train"]
        words += [self.recipe] if self.recipe else []
        named = {"data": self.data, "engine": self.engine, "epochs": self.epochs, "seed": self.seed}
        for name, value in named.items():
            words += [] if value is None else [f"--{name}", str(value)]
        for text in (*self.settings, *map("{0[0]}={0[1]}".format, as_text(settings).items())):
            words += ["--set", text]
        return shlex.join(words)


def as_text(settings: Settings) -> dict[str, str]:
    """Return settings with their values as `--set` takes them."""
    return {key: v if isinstance(v, str) else as_toml(v) for key, v in settings.items()}
