"""Recipes: frozen settings, the claim each must meet, and where the claim comes from."""

from clearprop.recipes.changes import as_claimed, changed, checked, replaced, variants_of
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
    "variants_of",
]
