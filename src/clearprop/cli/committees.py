"""A committee's recipe: train the members that are missing, join them, measure them together."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from clearprop import atomic
from clearprop.cli.console import note
from clearprop.cli.keeping import EVERY, Kept, kept
from clearprop.cli.learning import build_model
from clearprop.cli.resuming import MODEL, RECORD, read_object
from clearprop.cli.writing import figures_of, measured
from clearprop.errors import ModelFileError

if TYPE_CHECKING:
    from clearprop.cli.resuming import Run
    from clearprop.cli.writing import Result
    from clearprop.committee import Committee
    from clearprop.data import Dataset
    from clearprop.recipes import Recipe
    from clearprop.training import Evaluation

# Where `clearprop train` keeps them, in the committee's own folder.
MEMBERS = "members"


def join(
    recipe: Recipe, run: Run, keep: Path, data: Dataset, quiet: bool, every: str = EVERY
) -> tuple[Result, list[Kept]]:
    """Return what came of a committee, and its members.

    Args:
        recipe: the committee's recipe.
        run: the folder that its one model file is written into.
        keep: the folder below which the members are kept, or found.
        data: their data set.
        quiet: say nothing.
        every: how often a checkpoint of a member is written.

    Raises:
        SettingError: the members do not fit together, or one was trained with other settings.
        OutputError: another process trains one of them.
    """
    from clearprop.recipes import members_of

    seeds = members_of(recipe)
    for seed in seeds:
        # A setting that does not fit is told now, not when the others are trained.
        build_model(seed.recipe)
    members = []
    for number, seed in enumerate(seeds, 1):
        note(f"{recipe.name}: member {number} of {len(seeds)}, {seed.recipe.title}", quiet)
        members.append(kept(seed, keep, data, quiet, every))
    if run.finished is not None and _is_of(members, run.folder):
        note(f"{run.folder}: this committee was joined before", quiet)
        return run.finished, members
    return _joined(recipe, run.folder, members, data, quiet), members


def _joined(
    recipe: Recipe, folder: Path, members: list[Kept], data: Dataset, quiet: bool
) -> Result:
    from clearprop.recipes import divided

    assert recipe.committee is not None
    _, held_out = divided(members[0].seed.recipe, data)
    # Of members that are refitted, those answer for validation that have not learned from it.
    first = _committee(recipe, [one.held_back for one in members])
    if recipe.committee.temperature and held_out is not None:
        first.fit_temperature(held_out)
        note(f"temperature: {first.temperature:.4f}, fitted on the validation rows", quiet)
    validation = None if held_out is None else first.evaluate(held_out)
    made = _committee(recipe, [one.model for one in members], first.temperature)
    path = made.save(folder / MODEL, dataset=data.name)
    return _write(recipe, path, members, made, data, validation)


def _committee(recipe: Recipe, files: list[Path], temperature: float = 1.0) -> Committee:
    from clearprop.committee import Committee
    from clearprop.model import MLP
    from clearprop.storage import read

    assert recipe.committee is not None
    members = map(read, files)
    models = [MLP.of(card, tensors, card.made_with["engine"]) for card, tensors in members]
    return Committee(models, temperature, recipe.committee.views)


def _write(
    recipe: Recipe,
    path: Path,
    members: list[Kept],
    made: Committee,
    data: Dataset,
    validation: Evaluation | None,
) -> Result:
    test = None if data.test is None else made.evaluate(data.test)
    result: Result = {
        "recipe": recipe.name,
        "task": made.task,
        **measured(made.task, figures_of(validation), figures_of(test)),
        "epochs": sum(one.epochs for one in members),
        "steps": 0,
        "seconds": math.fsum(one.seconds for one in members),
        "engine": members[0].made_with[0].get("engine"),
        "model": str(path.absolute()),
        "resumed_from": 0,
        "interrupted": False,
    }
    record = {
        "recipe": msgspec.to_builtins(recipe), "result": result, "members": _digests(members)
    }  # fmt: skip
    atomic.write(path.with_name(RECORD), (json.dumps(record, indent=1) + "\n").encode())
    return result


def _is_of(members: list[Kept], folder: Path) -> bool:
    """Return whether the committee in a folder is whole, and of these very networks."""
    from clearprop.storage import read_any

    # Its recipe names members, and says nothing of how they were trained.
    if (read_object(folder / RECORD) or {}).get("members") != _digests(members):
        note(f"{folder}: its record does not name these members, so they are joined again")
        return False
    try:
        read_any(folder / MODEL)
    except ModelFileError as error:
        note(f"{error}; its members are joined again")
        return False
    return True


def _digests(members: list[Kept]) -> dict[str, str]:
    """Return the SHA-256 of the members' model files, by their places."""
    files = [(one.seed, one.held_back) for one in members]
    files += [(one.seed.refit, one.model) for one in members if one.seed.refit]
    return {
        seed.place.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for seed, path in files
    }
