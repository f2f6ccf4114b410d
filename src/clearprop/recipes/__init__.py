"""Recipes: frozen settings, the claim each must meet, and where the claim comes from."""

from clearprop.recipes.recipe import Recipe, changed, load, names, source, variant_of

__all__ = ["Recipe", "changed", "load", "names", "source", "variant_of"]
