"""Committees from recipes: train the missing members, join them, measure the whole."""

import hashlib
import json
import logging
import math
from pathlib import Path
from typing import TextIO

import msgspec

from clearprop import atomic
from clearprop.committee import Committee
from clearprop.data import Dataset
from clearprop.errors import ModelFileError
from clearprop.model import MLP
from clearprop.recipes import Recipe, members_of, split_rows
from clearprop.runs.folder import MODEL, RECORD, RunFolder, read_object
from clearprop.runs.prepared import build_model
from clearprop.runs.record import Result, figures_of, metrics_of
from clearprop.runs.seeds import EVERY, TrainedSeed, trained_seed
from clearprop.storage import read, read_any
from clearprop.training import Evaluation

# The members' folder, in the folder that `clearprop train` writes a committee to.
MEMBERS = "members"
LOG = logging.getLogger(__name__)


def join(
    recipe: Recipe,
    run: RunFolder,
    keep: Path,
    data: Dataset,
    stream: TextIO | None = None,
    every: str = EVERY,
) -> tuple[Result, list[TrainedSeed]]:
    """Train and join a committee; return its result and its members.

    Args:
        recipe: the committee's recipe.
        run: the folder for the committee's model file.
        keep: the folder of stored trainings, where members are found or put.
        data: their data set.
        stream: where progress is shown; None shows none.
        every: how often a checkpoint of a member is written.

    Raises:
        SettingError: the members do not fit together, or one was trained with other settings.
        OutputError: another process is training one of them.
    """
    seeds = members_of(recipe)
    for seed in seeds:
        # Fail now, not after the other members have been trained.
        build_model(seed.recipe)
    members = []
    for number, seed in enumerate(seeds, 1):
        title = seed.recipe.title
        LOG.info("%s: member %d of %d, %s", recipe.name, number, len(seeds), title)
        members.append(trained_seed(seed, keep, data, stream, every))
    if run.finished is not None and _is_joined(members, run.folder):
        LOG.info("%s: this committee is already joined", run.folder)
        return run.finished, members
    return _joined(recipe, run.folder, members, data), members


def _joined(recipe: Recipe, folder: Path, members: list[TrainedSeed], data: Dataset) -> Result:
    assert recipe.committee is not None
    _, held_out = split_rows(members[0].seed.recipe, data)
    # Refitted members have learned from the validation rows, so their first networks stand in.
    first = _committee(recipe, [one.held_back for one in members])
    if recipe.committee.temperature and held_out is not None:
        first.fit_temperature(held_out)
        LOG.info("temperature: %.4f, fitted on the validation rows", first.temperature)
    validation = None if held_out is None else first.evaluate(held_out)
    made = _committee(recipe, [one.model for one in members], first.temperature)
    path = made.save(folder / MODEL, dataset=data.name)
    return _write(recipe, path, members, made, data, validation)


def _committee(recipe: Recipe, files: list[Path], temperature: float = 1.0) -> Committee:
    assert recipe.committee is not None
    members = map(read, files)
    models = [MLP.of(card, tensors, card.made_with["engine"]) for card, tensors in members]
    return Committee(models, temperature, recipe.committee.views)


def _write(
    recipe: Recipe,
    path: Path,
    members: list[TrainedSeed],
    made: Committee,
    data: Dataset,
    validation: Evaluation | None,
) -> Result:
    test = None if data.test is None else made.evaluate(data.test)
    result: Result = {
        "recipe": recipe.name,
        "task": made.task,
        **metrics_of(made.task, figures_of(validation), figures_of(test)),
        "epochs": sum(one.epochs for one in members),
        "steps": 0,
        "seconds": math.fsum(one.seconds for one in members),
        "engine": members[0].made_with[0].get("engine"),
        "model": str(path.absolute()),
        "resumed_from": 0,
        "interrupted": False,
    }
    plain = msgspec.to_builtins(recipe)
    record = {"recipe": plain, "result": result, "members": _digests(members)}
    atomic.write(path.with_name(RECORD), (json.dumps(record, indent=1) + "\n").encode())
    return result


def _is_joined(members: list[TrainedSeed], folder: Path) -> bool:
    """Return whether a folder has an intact committee of exactly these networks."""
    # The committee's recipe names its members but not how they were trained.
    if (read_object(folder / RECORD) or {}).get("members") != _digests(members):
        LOG.warning("%s: its record names other members, so these are joined anew", folder)
        return False
    try:
        read_any(folder / MODEL)
    except ModelFileError as error:
        LOG.warning("%s; its members are joined anew", error)
        return False
    return True


def _digests(members: list[TrainedSeed]) -> dict[str, str]:
    """Return the SHA-256 of the members' model files, by folder."""
    files = [(one.seed, one.held_back) for one in members]
    files += [(one.seed.refit, one.model) for one in members if one.seed.refit]
    return {
        seed.place.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for seed, path in files
    }
