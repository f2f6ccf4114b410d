"""The rows of a recipe: which it trains on, and which it holds out for validation."""

import msgspec

from clearprop.data import Dataset, Split, hold_out
from clearprop.data.deformed import with_deformed
from clearprop.data.splits import row_range
from clearprop.errors import SettingError
from clearprop.recipes.recipe import Range, Recipe


def split_rows(recipe: Recipe, dataset: Dataset) -> tuple[Split, Split | None]:
    """Return the training rows of a recipe, and its validation rows or None.

    Both come from the data set's training rows; only rows that are trained on get deformed copies.

    Raises:
        SettingError: the data set has fewer rows than the recipe asks for.
    """
    data, seed = recipe.data, recipe.model.get("seed", 0)
    train = _range(dataset, "rows", data.rows) if data.rows else dataset.train
    validation = None
    if isinstance(data.validation, tuple):
        validation = _range(dataset, "validation", data.validation)
    elif data.validation:
        train, validation = hold_out(train, data.validation, validation_seed(recipe))
    if data.deformed is not None:
        made = data.deformed
        train = with_deformed(train, made.images, made.rotation, made.shift, seed)
    return train, validation


def on_all_rows(recipe: Recipe) -> Recipe:
    """Return a recipe that trains on its validation rows too, without `fit.refit`."""
    data, rows = recipe.data, recipe.data.rows
    if isinstance(data.validation, tuple) and rows is not None:
        # The recipe has checked that these are adjacent.
        rows = (min(rows[0], data.validation[0]), max(rows[1], data.validation[1]))
    whole = msgspec.structs.replace(data, rows=rows, validation=0, validation_seed=None)
    once = msgspec.structs.replace(recipe.fit, refit=False)
    return msgspec.structs.replace(recipe, data=whole, fit=once)


def validation_seed(recipe: Recipe) -> int:
    """Return the seed that chooses the validation rows; by default, the model's."""
    chosen = recipe.data.validation_seed
    return int(recipe.model.get("seed", 0)) if chosen is None else chosen


def cut(recipe: Recipe) -> tuple:
    """Return a key that is equal for recipes with the same validation rows."""
    data = recipe.data
    by_seed = bool(data.validation) and not isinstance(data.validation, tuple)
    seed = validation_seed(recipe) if by_seed else None
    return data.name, data.size, data.rows, data.validation, seed


def _range(dataset: Dataset, key: str, rows: Range) -> Split:
    if rows[1] > len(dataset.train):
        raise SettingError(
            f"the recipe has data.{key} = [{rows[0]}, {rows[1]}], but {dataset.name} has "
            f"{len(dataset.train):,} training rows; choose others (--set rows=... and --set "
            "validation=...): disjoint ranges, or a number of validation rows to hold out"
        )
    return row_range(dataset.train, *rows)
