"""Recipes: frozen settings, the claim each must meet, and the source of the claim."""

from clearprop.recipes.changes import as_claimed, changed, checked, replaced, value_of, variants_of
from clearprop.recipes.files import load, names, source
from clearprop.recipes.members import Seed, bare, members_of, seeds_of
from clearprop.recipes.recipe import Recipe
from clearprop.recipes.rows import divided

__all__ = [
    "Recipe",
    "Seed",
    "as_claimed",
    "bare",
    "changed",
    "checked",
    "divided",
    "load",
    "members_of",
    "names",
    "replaced",
    "seeds_of",
    "source",
    "value_of",
    "variants_of",
]
