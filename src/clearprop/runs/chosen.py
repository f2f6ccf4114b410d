"""Which recipe is meant by a name, a data set and changed settings."""

from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from clearprop.errors import SettingError
from clearprop.runs.default import default_recipe, fitted
from clearprop.runs.folder import AUTO, recipe_of
from clearprop.runs.prepared import load_rows, prepare

if TYPE_CHECKING:
    from clearprop.recipes import Recipe
    from clearprop.runs.prepared import Prepared
    from clearprop.search.varied import Settings


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


def chosen_recipe(
    recipe: str | None, data: str | None, resume: str | None = None, command: str = "train"
) -> Recipe:
    """Return the recipe that was named, or the default one of a data set.

    Raises:
        SettingError: none was named, or there is none of that name.
    """
    from clearprop import recipes
    from clearprop.data import names as data_names

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
    if recipe in data_names() or (is_file and recipe not in recipes.names()):
        raise SettingError(f"{recipe} is data, not a recipe: clearprop {command} --data {recipe}")
    return recipes.load(recipe)


def changed_recipe(
    recipe: Recipe,
    data: str | None,
    engine: str | None,
    epochs: int | None,
    seed: int | None,
    settings: tuple[str, ...],
) -> Recipe:
    """Return the recipe under what the command line says; it then claims nothing any more.

    Raises:
        SettingError: no such key, or a value that does not fit.
    """
    import msgspec

    from clearprop.recipes import changed, replaced

    named = {"data.name": data, "model.engine": engine, "fit.epochs": epochs, "model.seed": seed}
    given = {key: value for key, value in named.items() if value is not None}
    if settings or given:
        # The claim is about the recipe as it stands.
        recipe = msgspec.structs.replace(recipe, claim=None, variants=())
    return replaced(changed(recipe, settings), given)
