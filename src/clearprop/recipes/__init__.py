"""Recipes: frozen settings, the claim each must meet, and where the claim comes from."""
