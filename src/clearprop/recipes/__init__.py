"""Recipes: frozen settings, the claim each must meet, and the source of the claim."""

from clearprop.recipes.changes import (
    as_claimed,
    validated,
    value_of,
    variants_of,
    with_settings,
    with_values,
)
from clearprop.recipes.files import load, names, source
from clearprop.recipes.members import Seed, members_of, seeds_of, training_only
from clearprop.recipes.recipe import Recipe
from clearprop.recipes.rows import split_rows

__all__ = [
    "Recipe",
    "Seed",
    "as_claimed",
    "load",
    "members_of",
    "names",
    "seeds_of",
    "source",
    "split_rows",
    "training_only",
    "validated",
    "value_of",
    "variants_of",
    "with_settings",
    "with_values",
]
