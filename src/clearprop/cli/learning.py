"""Learn a recipe: the network it asks for, the rows, and what came of them."""

from __future__ import annotations

import difflib
import inspect
import time
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from clearprop.cli.console import note
from clearprop.errors import DataError, SettingError, in_one_line
from clearprop.training.callbacks import Callback

if TYPE_CHECKING:
    from clearprop.data import Dataset, Split
    from clearprop.insight.findings import Finding
    from clearprop.model import MLP
    from clearprop.recipes import Recipe
    from clearprop.training import Checkpoints, Evaluation, Fit, History
    from clearprop.training.progress import Progress


# A picture of 128×128; beyond it the first layer alone would have millions of weights.
MOST_INPUTS = 16_384


class Task(NamedTuple):
    """A recipe with all that it needs: the network, the data, its own rows of them.

    Attributes:
        recipe: the recipe.
        model: its network.
        data: its data set.
        train: the rows it learns from.
        held_out: its validation rows; None where it has none.
    """

    recipe: Recipe
    model: MLP
    data: Dataset
    train: Split
    held_out: Split | None

    def shown(self) -> tuple[str, Split]:
        """Return the rows to show, the least known to the network that there are, and their name.

        They bear the names of the network's outputs, of which there may be more than of theirs.
        """
        what, rows = "training", self.train
        if self.held_out is not None:
            what, rows = "validation", self.held_out
        if self.data.test is not None:
            what, rows = "test", self.data.test
        return what, replace(rows, classes=self.model.classes)


class Learned(NamedTuple):
    """What came of a task.

    Attributes:
        task: the task; its model is trained now.
        history: of the training.
        test: how good the network is on the test rows; None where there are none.
        seconds: wall time of the training.
        interrupted: whether Ctrl-C ended it.
        resumed_from: the step that it went on from; 0 where it began.
        steps: how many it made in all; 0 where nobody counted them.
        findings: what looks wrong with its rows and with the training.
    """

    task: Task
    history: History
    test: Evaluation | None
    seconds: float
    interrupted: bool
    resumed_from: int = 0
    steps: int = 0
    findings: tuple[Finding, ...] = ()


def default_recipe(data: str) -> Recipe:
    """Return the recipe for a data set without one: Adam, the best epoch kept; see `fitted`."""
    from clearprop.recipes import Recipe
    from clearprop.recipes.recipe import Data, Fit

    rows, title = Data(data, validation=0.1), "a sensible network"
    return Recipe(title, rows, {"engine": "auto"}, fit=Fit(epochs=10))


def fitted(recipe: Recipe, data: Dataset) -> Recipe:
    """Return a default recipe under its data's name, with layers that fit: two hidden ones.

    Raises:
        DataError: so many inputs that a network of this kind is the wrong one.
    """
    features = data.train.images[0].size
    if features > MOST_INPUTS and "layers" not in recipe.model:
        raise DataError(
            f"{data.name} has {features:,} numbers a row, more than {MOST_INPUTS:,}: resize its "
            'pictures with --set size=[28,28], or choose layers with --set "layers=[...]"'
        )
    layers = {"layers": [features, 128, 64, len(data.train.classes)]}
    title = f"a sensible network for {data.name}"
    return msgspec.structs.replace(recipe, name=data.name, title=title, model=layers | recipe.model)


def load_rows(recipe: Recipe, data_dir: str | None, offline: bool, quiet: bool) -> Dataset:
    """Return a recipe's data set."""
    from clearprop.data import load

    name, size = recipe.data.name, recipe.data.size
    return load(name, size=size, data_dir=data_dir, offline=offline or None, quiet=quiet)


def build_model(recipe: Recipe) -> MLP:
    """Return the untrained network of a recipe.

    Raises:
        SettingError: a key of its [model] table is no keyword of `MLP`.
    """
    from clearprop.model import MLP

    allowed = list(inspect.signature(MLP).parameters)
    for key in recipe.model:
        if key not in allowed:
            close = difflib.get_close_matches(key, allowed, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            shown = in_one_line(repr(key), 100)
            raise SettingError(f"unknown key {shown}: {hint}known are {', '.join(sorted(allowed))}")
    if "layers" not in recipe.model:
        raise SettingError(f"recipe {recipe.name} lacks model.layers, as [784, 128, 10]")
    return MLP(**recipe.model)


def prepare(recipe: Recipe, data: Dataset) -> Task:
    """Return a recipe's task on a data set.

    Raises:
        DataError: the rows do not fit the recipe's network.
    """
    from clearprop.recipes import divided
    from clearprop.recipes.changes import as_toml
    from clearprop.training.intake import are_numbers

    model = build_model(recipe)
    network, features, classes = model.network, data.train.images[0].size, data.train.classes
    # Rows of some digits fit a network of all ten; of classes with names each wants its output.
    spare = network.classes - len(classes) if are_numbers(classes) else 0
    if network.features != features or spare < 0 or network.classes != len(classes) + spare:
        fit = as_toml([features, *recipe.model["layers"][1:-1], len(classes)])
        raise DataError(
            f"{data.name} has {features:,} numbers a row and {len(classes)} classes, but the "
            f"network has {network.features:,} inputs and {network.classes} outputs; make them "
            f"fit: --set 'layers={fit}'"
        )
    return Task(recipe, model, data, *divided(recipe, data))


def learn(task: Task, progress: Progress, checkpoints: Checkpoints | None = None) -> Learned:
    """Train a task's network; Ctrl-C ends it with the best network so far."""
    from clearprop.insight import RunDiagnosis, data_findings
    from clearprop.training import History, KeepBest

    model, fit, quiet = task.model, task.recipe.fit, progress.stream is None
    of_rows = data_findings(task.train, task.data.test)
    for finding in of_rows:
        note(f"diagnosis: {finding}", quiet)
    diagnosis = RunDiagnosis(lambda text: None if quiet else progress.say(f"diagnosis: {text}"))
    callbacks = [_SayBeginning(model, checkpoints, quiet), progress, diagnosis]
    if task.held_out is not None and fit.keep_best:
        callbacks.insert(0, KeepBest())
    if checkpoints is not None:
        callbacks.append(checkpoints)
    began, history = time.perf_counter(), History()
    try:
        history = model.fit(
            task.train,
            validation_data=task.held_out,
            epochs=fit.epochs,
            steps=fit.steps,
            batch_size=fit.batch_size,
            callbacks=callbacks,
        )
    except KeyboardInterrupt:
        if model.history is None or (checkpoints is not None and checkpoints.cut):
            raise
        history = model.history
    seconds = time.perf_counter() - began
    test = None if task.data.test is None else model.evaluate(task.data.test)
    counts = (checkpoints.resumed_from, checkpoints.steps) if checkpoints else (0, 0)
    findings = (*of_rows, *diagnosis.findings)
    return Learned(task, history, test, seconds, history.interrupted, *counts, findings)


class _SayBeginning(Callback):
    """Says on which engine a training begins, and from which step."""

    def __init__(self, model: MLP, checkpoints: Checkpoints | None, quiet: bool) -> None:
        self.model, self.checkpoints, self.quiet, self.told = model, checkpoints, quiet, False

    def before_fit(self, fit: Fit) -> None:
        if self.model.chosen is not None:
            note(f"engine: {self.model.chosen.name} ({self.model.chosen.why})", self.quiet)

    def before_epoch(self, fit: Fit) -> None:
        if self.checkpoints is not None and self.checkpoints.resumed_from and not self.told:
            note(f"going on from step {self.checkpoints.resumed_from:,}", self.quiet)
        self.told = True
