"""The members of a committee: each the very training that `reproduce` makes of its recipe."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from clearprop.errors import SettingError
from clearprop.recipes.changes import as_claimed, replaced
from clearprop.recipes.files import load
from clearprop.recipes.recipe import Recipe
from clearprop.recipes.rows import cut, on_all_rows

REFIT = ("refit", "fit.refit")


class Seed(NamedTuple):
    """One training of a recipe.

    Attributes:
        recipe: what is trained, reduced to what decides the training, so that a new title or claim
            does not make it another.
        number: the seed.
        place: its folder, inside the folder of stored trainings.
        settings: what was changed in the recipe.
        refit: the second training, on the validation rows too, if the recipe wants one; its network
            is the one that is used.
    """

    recipe: Recipe
    number: int
    place: Path
    settings: Mapping[str, Any]
    refit: Seed | None = None


def seeds_of(
    recipe: Recipe, numbers: Iterable[int], settings: Mapping[str, Any] | None = None
) -> list[Seed]:
    """Return the trainings of a recipe's seeds, in `NAME/seed-K`.

    Args:
        recipe: the recipe, with the settings.
        numbers: the seeds.
        settings: what was changed in it; such trainings are in `NAME/with-DIGITS/seed-K`, whose
            digits follow from the settings. The second training of a refitted seed is in
            `refit-K` beside `seed-K`.
    """
    settings = settings or {}
    place = Path(recipe.name)
    # Refitted or not, the first training is the same, and is found in the same place.
    if decisive := {key: settings[key] for key in settings if key not in REFIT}:
        text = json.dumps(decisive, sort_keys=True)
        place /= f"with-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    return [_seed(recipe, number, place, settings) for number in numbers]


def _seed(recipe: Recipe, number: int, place: Path, settings: Mapping[str, Any]) -> Seed:
    made = Seed(_seeded(recipe, number), number, place / f"seed-{number}", settings)
    if not recipe.fit.refit:
        return made
    whole = msgspec.structs.replace(
        on_all_rows(made.recipe), title=f"{recipe.name}, seed {number}, on all rows"
    )
    return made._replace(refit=Seed(whole, number, place / f"refit-{number}", settings))


def members_of(recipe: Recipe) -> list[Seed]:
    """Return the trainings whose networks are a committee.

    Raises:
        SettingError: one is a committee itself, learns from another data set, or holds out other
            validation rows than the others.
    """
    assert recipe.committee is not None
    made = []
    for members in recipe.committee.members:
        whole = load(members.recipe)
        if whole.committee is not None:
            raise SettingError(f"{whole.name} is a committee, which is no member of another")
        changed = replaced(as_claimed(whole), members.settings)
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


def bare(recipe: Recipe, title: str = "") -> Recipe:
    """Return what of a recipe decides what is trained: a new title or claim changes nothing."""
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


def _seeded(recipe: Recipe, number: int) -> Recipe:
    return bare(replaced(recipe, {"model.seed": number}), f"{recipe.name}, seed {number}")
