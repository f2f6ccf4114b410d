"""Stored trainings: each seed of a recipe has a folder of its own and resumes where it stopped."""

import logging
import math
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import msgspec

from clearprop.data import Dataset
from clearprop.errors import ModelFileError, UnreadableError
from clearprop.loading import load
from clearprop.recipes import Seed
from clearprop.runs.folder import (
    AUTO,
    MODEL,
    RECORD,
    RunFolder,
    check_same,
    finished,
    holds,
    open_folder,
    read_object,
)
from clearprop.runs.prepared import prepare
from clearprop.runs.record import Figures, Result, write_record, write_test
from clearprop.runs.training import Trained, train
from clearprop.storage import read
from clearprop.training import Checkpoints
from clearprop.training.progress import Progress

# An interval in seconds is stretched where a checkpoint would cost more than 1 % of the time.
EVERY = "60s"
LOG = logging.getLogger(__name__)


class TrainedSeed(NamedTuple):
    """A finished training whose model file is intact.

    Attributes:
        seed: which training.
        model: its model file.
        held_back: the model file of the network that did not learn from the validation rows: the
            same file, unless the training was refitted.
        task: of the network.
        validation: the metrics of the `held_back` network on the validation rows; None without.
        test: the metrics of the network on the test rows, read once, after training; None without.
        series: the history, by name.
        epochs: how many; this and the next two cover both trainings of a refitted seed.
        seconds: the wall time of the steps, summed over resumed sessions; validation, checkpoints
            and lost steps are not counted.
        made_with: the versions it was computed with, an entry for each training.
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
    """Return a seed's training: found finished, resumed, or trained now.

    Args:
        seed: the training.
        keep: the folder of all stored trainings.
        data: the recipe's data set.
        stream: where progress is shown; None shows none.
        every: how often a checkpoint is written.

    Raises:
        SettingError: the seed's folder holds a training with other settings.
        OutputError: another process trains into it, or it cannot be written to.
        KeyboardInterrupt: on Ctrl-C; the same call resumes.
    """
    if seed.refit is None:
        return _single(seed, keep, data, stream, every)
    check_same(keep / seed.refit.place, seed.refit.recipe)
    # Only the second network, the one that is used, may see the test rows.
    first = _single(seed._replace(refit=None), keep, replace(data, test=None), stream, every)
    return _refitted(seed, first, _single(seed.refit, keep, data, stream, every))


def _single(
    seed: Seed, keep: Path, data: Dataset, stream: TextIO | None, every: str
) -> TrainedSeed:
    folder = keep / seed.place
    with open_folder(seed.recipe, str(folder), AUTO) as run:
        if (made := find_seed(seed, keep)) is None:
            _train(seed, run, data, stream, every)
        else:
            LOG.info("%s: already trained", folder)
            if made.test is None and data.test is not None:
                # It was trained for its validation metrics; now its network is used itself.
                write_test(folder, load(made.model).evaluate(data.test))
        made = find_seed(seed, keep)
    assert made is not None
    return made


def _refitted(seed: Seed, first: TrainedSeed, second: TrainedSeed) -> TrainedSeed:
    """Return two trainings as one: the first has validation metrics, the second is used."""
    return first._replace(
        seed=seed,
        model=second.model,
        test=second.test,
        epochs=first.epochs + second.epochs,
        seconds=first.seconds + second.seconds,
        made_with=first.made_with + second.made_with,
    )


def find_seed(seed: Seed, keep: Path) -> TrainedSeed | None:
    """Return a finished training, or None where it is missing, unfinished or damaged."""
    if seed.refit is None:
        return _found(seed, keep)
    first, second = _found(seed, keep), _found(seed.refit, keep)
    return None if first is None or second is None else _refitted(seed, first, second)


def _found(seed: Seed, keep: Path) -> TrainedSeed | None:
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
        LOG.warning("%s is damaged (%s), so its last checkpoint is resumed", folder, error)
        return None
    return TrainedSeed(
        seed=seed,
        model=folder / MODEL,
        held_back=folder / MODEL,
        task=result["task"],
        validation=result["metrics"],
        test=result["test_metrics"],
        series=series,
        epochs=result["epochs"],
        seconds=seconds,
        made_with=(card.made_with,),
    )


def committee_seed(own: Seed, result: Result, members: list[TrainedSeed]) -> TrainedSeed:
    """Return a committee as one training: its own metrics, the epochs and time of its members."""
    path = Path(result["model"])
    return TrainedSeed(
        seed=own,
        model=path,
        held_back=path,
        task=result["task"],
        validation=result["metrics"],
        test=result["test_metrics"],
        series={},
        epochs=result["epochs"],
        seconds=math.fsum(one.seconds for one in members),
        made_with=tuple(entry for one in members for entry in one.made_with),
    )


def versions_of(trainings: list[TrainedSeed]) -> dict[str, str]:
    """Return the versions that trainings were computed with; differing ones are all listed."""
    entries = [entry for one in trainings for entry in one.made_with]
    names = dict.fromkeys(name for entry in entries for name in entry)
    return {name: ", ".join(sorted({e[name] for e in entries if name in e})) for name in names}


def _train(seed: Seed, run: RunFolder, data: Dataset, stream: TextIO | None, every: str) -> None:
    """Train, measure on the test rows, and write the record."""
    # The test rows stay out of reach until the training is over.
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
    """Return a training's recipe, seed and changed settings, as result files name them."""
    named = {"recipe": seed.recipe.name, "seed": seed.number}
    return named | ({"settings": dict(seed.settings)} if seed.settings else {})
