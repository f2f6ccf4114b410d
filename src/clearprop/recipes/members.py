"""The members of a committee: the same trainings that `reproduce` makes of their recipes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from clearprop.errors import SettingError
from clearprop.recipes.changes import as_claimed, with_values
from clearprop.recipes.files import load
from clearprop.recipes.recipe import Recipe
from clearprop.recipes.rows import cut, on_all_rows

REFIT = ("refit", "fit.refit")


class Seed(NamedTuple):
    """One training of a recipe.

    Attributes:
        recipe: what is trained, with its seed, but without a claim and the like, which do not
            affect the training.
        number: the seed.
        place: its folder, relative to that of all trainings.
        settings: the changes to the recipe.
        refit: the same training on all rows, validation rows included, if the recipe asks for it;
            its network is then the final one.
    """

    recipe: Recipe
    number: int
    place: Path
    settings: Mapping[str, Any]
    refit: Seed | None = None


def seeds_of(
    recipe: Recipe, numbers: Iterable[int], settings: Mapping[str, Any] | None = None
) -> list[Seed]:
    """Return the trainings of a recipe's seeds, in `NAME/seed-K` (and `NAME/refit-K`).

    Args:
        recipe: the recipe, with the changes.
        numbers: the seeds.
        settings: the changes; with any, the folder is `NAME/with-DIGITS/seed-K`, where the digits
            are a hash of them.
    """
    settings = settings or {}
    place = Path(recipe.name)
    # The first training is the same with and without a refit.
    if decisive := {key: settings[key] for key in settings if key not in REFIT}:
        text = json.dumps(decisive, sort_keys=True)
        place /= f"with-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    return [_seed(recipe, number, place, settings) for number in numbers]


def _seed(recipe: Recipe, number: int, place: Path, settings: Mapping[str, Any]) -> Seed:
    title = f"{recipe.name}, seed {number}"
    seeded = training_only(with_values(recipe, {"model.seed": number}), title)
    made = Seed(seeded, number, place / f"seed-{number}", settings)
    if not recipe.fit.refit:
        return made
    whole = msgspec.structs.replace(on_all_rows(seeded), title=f"{title}, on all rows")
    return made._replace(refit=Seed(whole, number, place / f"refit-{number}", settings))


def members_of(recipe: Recipe) -> list[Seed]:
    """Return the trainings of a committee.

    Raises:
        SettingError: a member is a committee, or their data sets or validation rows differ.
    """
    assert recipe.committee is not None
    made = []
    for members in recipe.committee.members:
        whole = load(members.recipe)
        if whole.committee is not None:
            raise SettingError(f"{whole.name} is a committee and cannot be a member of another")
        changed = with_values(as_claimed(whole), members.settings)
        made += seeds_of(changed, members.seeds, members.settings)
    _check_rows(recipe, made)
    return made


def _check_rows(recipe: Recipe, members: list[Seed]) -> None:
    sets = {(one.recipe.data.name, one.recipe.data.size) for one in members}
    if sets != {(recipe.data.name, recipe.data.size)}:
        named = " and ".join(sorted(name for name, _ in sets))
        raise SettingError(
            f"committee {recipe.name} has data.name = {recipe.data.name!r}, but its members learn "
            f"from {named}; all must have the same data"
        )
    if len({cut(one.recipe) for one in members}) > 1:
        raise SettingError(
            f"the members of committee {recipe.name} hold out different validation rows; let them "
            "share one cut: data.validation_seed = 0 in their recipes, or in members.settings"
        )
    if recipe.committee and recipe.committee.temperature and not members[0].recipe.data.validation:
        raise SettingError(
            f"committee {recipe.name} fits its temperature on validation rows, and its members "
            "hold none out; give their recipes data.validation"
        )


def training_only(recipe: Recipe, title: str = "") -> Recipe:
    """Return a recipe with only what affects its training."""
    return msgspec.structs.replace(
        recipe,
        title=title or recipe.name,
        claim=None,
        variants=(),
        output="epochs",
        show=(),
        long=False,
        minutes=None,
        fit=msgspec.structs.replace(recipe.fit, refit=False),
    )
