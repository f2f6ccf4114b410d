"""Hold a recipe's result against its claim."""

from collections.abc import Callable
from typing import Any

from clearprop.data import Dataset
from clearprop.errors import ClearpropError
from clearprop.recipes import Recipe, variants_of
from clearprop.runs.laboratory.fresh import FreshTrainings
from clearprop.runs.laboratory.stored import StoredTrainings


def reproduced(
    recipe: Recipe,
    name: str,
    load: Callable[[], Dataset],
    trainings: FreshTrainings | StoredTrainings,
) -> dict[str, Any]:
    """Train a recipe and return its claim beside what was measured.

    Args:
        recipe: the recipe.
        name: what the user called it.
        load: returns its data set.
        trainings: train it and measure.

    Returns:
        What `clearprop reproduce --json` prints of a recipe. One that cannot be measured has a
        "message" and an "exit_code", so that the results of the others are not lost.
    """
    claim, row = recipe.claim, _claim(recipe)
    try:
        data = load()
        row |= trainings.measure(recipe, name, data)
        row["met"] = None if claim is None else claim.met_by(row["measured"])
        row["variants"] = [
            {"title": one.title} | trainings.measure_variant(recipe, variant, one.settings, data)
            for one, variant in zip(recipe.variants, variants_of(recipe), strict=True)
        ]
    except ClearpropError as error:
        row |= {"message": str(error), "exit_code": error.exit_code}
    return row


def _claim(recipe: Recipe) -> dict[str, Any]:
    claim = recipe.claim
    return {
        "recipe": recipe.name,
        "title": recipe.title,
        "metric": claim.metric if claim else "accuracy",
        "claim": claim.value if claim else None,
        "source": claim.source if claim else None,
        "settings": claim.settings if claim else {},
        "holds": claim.holds if claim else None,
        "reference": claim.reference if claim else None,
        "reference_source": claim.reference_source if claim else "",
        "measured_on": claim.rows if claim else "test",
        "measured": None,
        "metrics": None,
        "test_metrics": None,
        "met": None,
    }
