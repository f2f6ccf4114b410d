"""A recipe with its network and its rows, ready to train."""

import difflib
import inspect
from dataclasses import replace
from typing import NamedTuple

from clearprop.data import Dataset, Split, datasets
from clearprop.errors import DataError, SettingError, in_one_line
from clearprop.model import MLP
from clearprop.recipes import Recipe, split_rows
from clearprop.recipes.changes import as_toml
from clearprop.tasks import AUTO, TASKS
from clearprop.tasks.matching import renumbered


class Prepared(NamedTuple):
    """A recipe with everything it needs.

    Attributes:
        recipe: the recipe.
        model: its network.
        data: its data set.
        train: its training rows.
        held_out: its validation rows; None where it has none.
    """

    recipe: Recipe
    model: MLP
    data: Dataset
    train: Split
    held_out: Split | None

    def shown(self) -> tuple[str, Split]:
        """Return rows to show predictions on, and what they are: test rows if there are any.

        Their classes are those of the network, which may have more than the rows show.
        """
        what, rows = "training", self.train
        if self.held_out is not None:
            what, rows = "validation", self.held_out
        if self.data.test is not None:
            what, rows = "test", self.data.test
        if rows.task != "classes":
            return what, rows
        known = self.model.classes
        return what, replace(
            rows, labels=renumbered(rows.labels, rows.classes, known), classes=known
        )


def load_rows(
    recipe: Recipe, data_dir: str | None = None, offline: bool = False, quiet: bool = False
) -> Dataset:
    """Return a recipe's data set.

    Args:
        recipe: the recipe.
        data_dir: the folder of the data sets; None for the user's cache.
        offline: never download.
        quiet: show no progress of downloads.
    """
    name, size = recipe.data.name, recipe.data.size
    task = str(recipe.model.get("task", AUTO))
    return datasets.load(
        name, size=size, data_dir=data_dir, offline=offline or None, quiet=quiet, task=task
    )


def build_model(recipe: Recipe, task: str = AUTO) -> MLP:
    """Return the untrained network of a recipe.

    Args:
        recipe: the recipe.
        task: used where the recipe names none.

    Raises:
        SettingError: a key of its [model] table is not a keyword of `MLP`.
    """
    allowed = list(inspect.signature(MLP).parameters)
    for key in recipe.model:
        if key not in allowed:
            close = difflib.get_close_matches(key, allowed, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            shown = in_one_line(repr(key), 100)
            raise SettingError(f"unknown key {shown}: {hint}known are {', '.join(sorted(allowed))}")
    if "layers" not in recipe.model:
        raise SettingError(f"recipe {recipe.name} lacks model.layers, as [784, 128, 10]")
    return MLP(**{"task": task, **recipe.model})


def prepare(recipe: Recipe, data: Dataset) -> Prepared:
    """Return a recipe with its network and its rows of a data set.

    Raises:
        DataError: the rows do not fit the recipe's network.
    """
    model = build_model(recipe)
    # The rows decide the task; a single output can only answer yes or no.
    is_single = data.train.task == "classes" and model.network.outputs == 1
    if len(data.train.classes) == 2 or not is_single:
        model = build_model(recipe, "labels" if is_single else data.train.task)
    network, features, outputs = model.network, data.train.images[0].size, outputs_of(data)
    if network.features != features or network.outputs not in outputs:
        fit = as_toml([features, *recipe.model["layers"][1:-1], outputs[0]])
        raise DataError(
            f"{data.name} has {features:,} numbers a row and {targets_of(data.train)}, but the "
            f"network has {network.features:,} inputs and {network.outputs} outputs; make them "
            f"fit: --set 'layers={fit}'"
        )
    return Prepared(recipe, model, data, *split_rows(recipe, data))


def targets_of(rows: Split) -> str:
    """Return in words what targets rows have, such as "10 classes"."""
    count = len(rows.classes) if rows.labels.ndim == 1 else rows.labels.shape[1]
    return TASKS[rows.task].counted(count)


def outputs_of(data: Dataset) -> tuple[int, ...]:
    """Return how many outputs a network for these rows may have, the usual number first."""
    if data.train.task != "classes":
        return (data.train.labels.shape[1],)
    count = len(data.train.classes)
    # Two classes take two outputs, or a single one.
    return (count, 1) if count == 2 else (count,)
