"""Learn a recipe, and write what came of it into a folder."""

from __future__ import annotations

import contextlib
import difflib
import inspect
import itertools
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from clearprop.cli.console import note
from clearprop.errors import MissingExtraError, SettingError
from clearprop.training.callbacks import Callback

if TYPE_CHECKING:
    from clearprop.data import Dataset, Split
    from clearprop.model import MLP
    from clearprop.recipes import Recipe
    from clearprop.training import Evaluation, Fit, History
    from clearprop.training.progress import Progress

RUNS = "runs"


class Learned(NamedTuple):
    """What came of a recipe.

    Attributes:
        recipe: the recipe, as it was run.
        model: the trained network.
        history: of its training.
        test: how good it is on the test rows.
        seconds: wall time of the training.
        interrupted: whether Ctrl-C ended it.
    """

    recipe: Recipe
    model: MLP
    history: History
    test: Evaluation
    seconds: float
    interrupted: bool


def default_recipe(data: Dataset) -> Recipe:
    """Return a sensible recipe for a data set: two ReLU layers, Adam, the best epoch kept."""
    from clearprop.recipes import Recipe
    from clearprop.recipes.recipe import Data, Fit

    features = data.train.images[0].size
    model = {"layers": [features, 128, 64, len(data.train.classes)], "engine": "auto"}
    return Recipe(
        title=f"a sensible network for {data.name}",
        name=data.name,
        data=Data(data.name, validation=0.1),
        model=model,
        fit=Fit(epochs=10),
    )


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
            raise SettingError(f"unknown key {key!r}: {hint}known are {', '.join(sorted(allowed))}")
    if "layers" not in recipe.model:
        raise SettingError(f"recipe {recipe.name} lacks model.layers, as [784, 128, 10]")
    return MLP(**recipe.model)


def divided(recipe: Recipe, data: Dataset) -> tuple[Split, Split | None]:
    """Return the rows that a recipe learns from, and those it holds out for validation."""
    from clearprop.data import hold_out

    if not recipe.data.validation:
        return data.train, None
    return hold_out(data.train, recipe.data.validation, recipe.model.get("seed", 0))


def learn(recipe: Recipe, model: MLP, data: Dataset, progress: Progress) -> Learned:
    """Train a recipe's network; Ctrl-C ends it with the best network so far."""
    from clearprop.training import History, KeepBest

    train, validation = divided(recipe, data)
    callbacks: list[Any] = [_SayEngine(model, progress.stream is None), progress]
    if validation is not None:
        callbacks.insert(0, KeepBest())
    began, history = time.perf_counter(), History()
    try:
        history = model.fit(
            train,
            validation_data=validation,
            epochs=recipe.fit.epochs,
            batch_size=recipe.fit.batch_size,
            callbacks=callbacks,
        )
    except KeyboardInterrupt:
        if model.history is None:
            raise
        history = model.history
    seconds = time.perf_counter() - began
    test = model.evaluate(data.test)
    return Learned(recipe, model, history, test, seconds, history.interrupted)


class _SayEngine(Callback):
    def __init__(self, model: MLP, quiet: bool) -> None:
        self.model, self.quiet = model, quiet

    def before_fit(self, fit: Fit) -> None:
        if self.model.chosen is not None:
            note(f"engine: {self.model.chosen.name} ({self.model.chosen.why})", self.quiet)


def check_folder(out: str | None) -> None:
    """Raise SettingError where no folder can be written: better now than after the training."""
    wanted = Path(RUNS if out is None else out).absolute()
    there = next(path for path in (wanted, *wanted.parents) if path.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        raise SettingError(f"{there} is no folder that can be written to; choose one with --out")


def make_folder(recipe: Recipe, out: str | None) -> Path:
    """Make the folder to write to, `out` or the next free one under runs/, and return it."""
    if out is not None:
        Path(out).mkdir(parents=True, exist_ok=True)
        return Path(out)
    Path(RUNS).mkdir(exist_ok=True)
    for number in itertools.count(1):
        folder = Path(RUNS) / (recipe.name if number == 1 else f"{recipe.name}-{number}")
        # Looking first and making then would give one folder to two runs at the same time.
        with contextlib.suppress(FileExistsError):
            folder.mkdir()
            break
    return folder


def write_run(learned: Learned, data: Dataset, folder: Path) -> Path:
    """Write the model file and the history into a folder; returns the model file's path."""
    from clearprop import atomic

    path = learned.model.save(folder / "model.safetensors", dataset=data.name).absolute()
    record = {
        "recipe": msgspec.to_builtins(learned.recipe),
        "history": learned.history.as_dict(),
        "test_accuracy": learned.test.accuracy,
        "test_loss": learned.test.loss,
        "seconds": learned.seconds,
    }
    atomic.write(folder / "history.json", (json.dumps(record, indent=1) + "\n").encode())
    return path


def write_pictures(learned: Learned, data: Dataset, folder: Path) -> str:
    """Draw the learning curves and the predictions; returns a sentence about it."""
    from clearprop.insight.curves import draw_learning_curves
    from clearprop.insight.selection import draw_first_and_worst

    curves, predictions = folder / "curves.png", folder / "predictions.png"
    try:
        draw_learning_curves(curves, {"": learned.history.as_dict()}, title=learned.recipe.title)
        draw_first_and_worst(predictions, learned.model.predict_proba(data.test), data.test)
    except MissingExtraError as error:
        return f"no pictures: {error}"
    return f"pictures: {curves}, {predictions}"


def five_lines(learned: Learned, data: Dataset) -> list[str]:
    """Return five test predictions as lines: class, confidence, truth, and ✓ or ✗."""
    chances = learned.model.predict_proba(data.test.images[:5])
    width = max(len(name) for name in data.test.classes)
    lines = ["five test predictions:"]
    for chance, label in zip(chances, data.test.labels[:5], strict=True):
        named, truth = data.test.classes[int(chance.argmax())], data.test.classes[label]
        mark = "✓" if named == truth else "✗"
        lines.append(f"  {mark} {named:<{width}} {100 * chance.max():5.1f} %  truth: {truth}")
    return lines
