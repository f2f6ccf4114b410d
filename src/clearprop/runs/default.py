"""The default network for a data set without a recipe."""

import msgspec

from clearprop.data import Dataset
from clearprop.errors import DataError
from clearprop.recipes import Recipe
from clearprop.recipes.recipe import Data, Fit
from clearprop.runs.prepared import outputs_of

# A picture of 128×128; beyond that, the first layer alone would have millions of weights.
MOST_INPUTS = 16_384


def default_recipe(data: str) -> Recipe:
    """Return the recipe for a data set without one: Adam, ten epochs, the best one kept."""
    rows, title = Data(data, validation=0.1), "a sensible network"
    return Recipe(title, rows, {"engine": "auto"}, fit=Fit(epochs=10))


def fitted(recipe: Recipe, data: Dataset) -> Recipe:
    """Return a default recipe with two hidden layers and the inputs and outputs of the data.

    Raises:
        DataError: too many inputs for a network of this kind.
    """
    features = data.train.images[0].size
    if features > MOST_INPUTS and "layers" not in recipe.model:
        raise DataError(
            f"{data.name} has {features:,} numbers a row, more than {MOST_INPUTS:,}: resize its "
            'pictures with --set size=[28,28], or choose layers with --set "layers=[...]"'
        )
    layers = {"layers": [features, 128, 64, outputs_of(data)[0]]}
    title = f"a sensible network for {data.name}"
    return msgspec.structs.replace(recipe, name=data.name, title=title, model=layers | recipe.model)
