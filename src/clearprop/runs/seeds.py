"""Trainings that are kept: each seed in a folder of its own, gone on with where it stopped."""

from __future__ import annotations

import logging
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

import msgspec

from clearprop.errors import ModelFileError, UnreadableError
from clearprop.runs.folder import (
    AUTO,
    MODEL,
    RECORD,
    check_same,
    finished,
    holds,
    open_folder,
    read_object,
)
from clearprop.runs.prepared import prepare
from clearprop.runs.record import write_record, write_test
from clearprop.runs.training import train

if TYPE_CHECKING:
    from clearprop.data import Dataset
    from clearprop.recipes import Seed
    from clearprop.runs.folder import RunFolder
    from clearprop.runs.record import Figures, Result
    from clearprop.runs.training import Trained

# An interval in seconds is stretched where a checkpoint would cost more than 1 % of the time.
EVERY = "60s"
LOG = logging.getLogger(__name__)


class TrainedSeed(NamedTuple):
    """A training that came to its end, and whose model file is whole.

    Attributes:
        seed: the training.
        model: its model file.
        held_back: the model file of the network that did not learn from the validation rows: the
            same, unless the training was refitted.
        task: what its network is asked for.
        validation: that network's metrics on the validation rows, by name; None without.
        test: those on the test rows, which were read once, after the training; None without.
        series: what was measured after each epoch, by name.
        epochs: how many it made; like the next two, of both trainings where it was refitted.
        seconds: wall time of its steps, over all stretches of a training that was stopped and
            gone on with; validation, checkpoints and steps that were lost are not in it.
        made_with: with what it was computed; an entry for each training.
    """

    seed: Seed
    model: Path
    held_back: Path
    task: str
    validation: Figures | None
    test: Figures | None
    series: dict[str, list[Any]]
    epochs: int
    seconds: float
    made_with: tuple[dict[str, str], ...]


def trained_seed(
    seed: Seed, keep: Path, data: Dataset, stream: TextIO | None = None, every: str = EVERY
) -> TrainedSeed:
    """Return a training that is kept: found as it ended, gone on with, or made.

    Args:
        seed: the training.
        keep: the folder below which all trainings are kept.
        data: the recipe's data set.
        stream: where progress is shown; None shows none.
        every: how often a checkpoint is written.

    Raises:
        SettingError: the folder holds a training with other settings.
        OutputError: another process trains into it, or it cannot be written to.
        KeyboardInterrupt: on Ctrl-C; the same call goes on from there.
    """
    if seed.refit is None:
        return _alone(seed, keep, data, stream, every)
    check_same(keep / seed.refit.place, seed.refit.recipe)
    # The test rows are for the network that stands.
    first = _alone(seed._replace(refit=None), keep, replace(data, test=None), stream, every)
    return _refitted(seed, first, _alone(seed.refit, keep, data, stream, every))


def _alone(seed: Seed, keep: Path, data: Dataset, stream: TextIO | None, every: str) -> TrainedSeed:
    from clearprop.loading import load

    folder = keep / seed.place
    with open_folder(seed.recipe, str(folder), AUTO) as run:
        if (made := found(seed, keep)) is None:
            _train(seed, run, data, stream, every)
        else:
            LOG.info("%s: trained before", folder)
            if made.test is None and data.test is not None:
                # It was kept to be judged by validation rows; now its own network stands.
                write_test(folder, load(made.model).evaluate(data.test))
        made = found(seed, keep)
    assert made is not None
    return made


def _refitted(seed: Seed, first: TrainedSeed, second: TrainedSeed) -> TrainedSeed:
    """Return two trainings as one: the first was measured by validation, the second stands."""
    return first._replace(
        seed=seed, model=second.model, test=second.test, epochs=first.epochs + second.epochs,
        seconds=first.seconds + second.seconds, made_with=first.made_with + second.made_with,
    )  # fmt: skip


def found(seed: Seed, keep: Path) -> TrainedSeed | None:
    """Return a training that came to its end; None where it did not, or is not whole."""
    if seed.refit is None:
        return _found(seed, keep)
    first, second = _found(seed, keep), _found(seed.refit, keep)
    return None if first is None or second is None else _refitted(seed, first, second)


def _found(seed: Seed, keep: Path) -> TrainedSeed | None:
    from clearprop.storage import read

    folder = keep / seed.place
    result = finished(folder)
    if result is None or not holds(folder, seed.recipe):
        return None
    try:
        history = (read_object(folder / RECORD) or {}).get("history", {})
        lists = {name: own for name, own in history.items() if isinstance(own, list)}
        series = msgspec.convert(lists, dict[str, list[Any]])
        seconds = math.fsum(one or 0.0 for one in series["seconds"])
        card, _ = read(folder / MODEL)
    except UnreadableError:
        raise
    except (msgspec.ValidationError, ModelFileError, KeyError, AttributeError) as error:
        LOG.warning("%s is not whole (%s), so its last checkpoint is gone on with", folder, error)
        return None
    return TrainedSeed(
        seed, folder / MODEL, folder / MODEL, result["task"], result["metrics"],
        result["test_metrics"], series, result["epochs"], seconds, (card.made_with,),
    )  # fmt: skip


def together(own: Seed, result: Result, members: list[TrainedSeed]) -> TrainedSeed:
    """Return a committee as one training: its own metrics, its members' epochs and time."""
    path = Path(result["model"])
    return TrainedSeed(
        own, path, path, result["task"], result["metrics"], result["test_metrics"],
        {}, result["epochs"], math.fsum(one.seconds for one in members),
        tuple(entry for one in members for entry in one.made_with),
    )  # fmt: skip


def versions_of(trainings: list[TrainedSeed]) -> dict[str, str]:
    """Return with what trainings were computed; where they differ, all of it."""
    entries = [entry for one in trainings for entry in one.made_with]
    names = dict.fromkeys(name for entry in entries for name in entry)
    met = {n: {entry[n] for entry in entries if n in entry} for n in names}
    return {name: ", ".join(sorted(values)) for name, values in met.items()}


def _train(seed: Seed, run: RunFolder, data: Dataset, stream: TextIO | None, every: str) -> None:
    """Train, measure on the test rows, and write what came of it."""
    from clearprop.training import Checkpoints
    from clearprop.training.progress import Progress

    # Out of reach until the training is over, also of one that is stopped.
    prepared = prepare(seed.recipe, replace(data, test=None))
    progress = Progress(stream, title=seed.recipe.title)
    saver = Checkpoints(run.checkpoints, every, resume=run.resume, say=progress.say)
    LOG.info("%s", seed.recipe.title)
    trained = train(prepared, progress, saver)
    if trained.interrupted:
        raise KeyboardInterrupt
    write_record(_tested(trained, data), run.folder)


def _tested(trained: Trained, data: Dataset) -> Trained:
    if data.test is None:
        return trained
    return trained._replace(test=trained.prepared.model.evaluate(data.test))


def plain_settings(seed: Seed) -> dict[str, Any]:
    """Return a training's recipe and seed, and what was changed in it, as figures name them."""
    named = {"recipe": seed.recipe.name, "seed": seed.number}
    return named | ({"settings": dict(seed.settings)} if seed.settings else {})
