"""Sweeps over the settings of a recipe."""

from collections.abc import Sequence

from clearprop.errors import SettingError
from clearprop.recipes import Recipe, with_values
from clearprop.recipes.recipe import Data
from clearprop.runs.prepared import build_model
from clearprop.search import Candidate
from clearprop.search.varied import Settings, Varied


def candidate(recipe: Recipe, settings: Settings, seed: int) -> Candidate:
    """Return an untrained model with some settings and a seed, and how long to train it.

    Raises:
        SettingError: no such key, or a value that does not fit.
    """
    made = with_values(recipe, {**settings, "model.seed": seed})
    return Candidate(build_model(made), made.fit.epochs, made.fit.batch_size, made.fit.steps)


def check_varied(varied: Sequence[Varied]) -> None:
    """Raise SettingError if a setting of the data is varied: results could not be compared."""
    for one in varied:
        part, _, field = one.key.rpartition(".")
        if part == "data" or (not part and field in Data.__struct_fields__):
            raise SettingError(
                f"{one.key} cannot be varied: settings are compared on the same rows; change it "
                f"for all of them with --set {one.key}=..."
            )
