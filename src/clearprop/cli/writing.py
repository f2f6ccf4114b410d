"""Write what came of a recipe into a folder: model file, history, pictures."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

import msgspec

from clearprop.errors import DataError, MissingExtraError, SettingError
from clearprop.run_folder import RUNS, make_run_folder

if TYPE_CHECKING:
    from clearprop.cli.learning import Learned, Prepared
    from clearprop.recipes import Recipe
    from clearprop.training import Evaluation


def check_folder(out: str | None, option: str = "--out") -> None:
    """Raise SettingError where no folder can be written: better now than after the training."""
    wanted = Path(RUNS if out is None else out).absolute()
    there = next(path for path in (wanted, *wanted.parents) if path.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        raise SettingError(f"{there} is no folder that can be written to; choose one with {option}")


def make_folder(recipe: Recipe, out: str | None) -> Path:
    """Make the folder to write to, `out` or a new one under runs/, and return it."""
    if out is None:
        return make_run_folder(recipe.name)
    Path(out).mkdir(parents=True, exist_ok=True)
    return Path(out)


# Loss and metrics by name; None for what is no number.
Figures = dict[str, float | None]


class Measured(TypedDict):
    """What rows showed: `metrics` the validation rows, `test_metrics` the test rows.

    Both are None where there are no such rows. Classes have their `test_accuracy` besides.
    """

    metrics: Figures | None
    test_metrics: Figures | None
    test_accuracy: NotRequired[float | None]


class Result(Measured):
    """What --json prints of a training; `seconds` are those of this process."""

    recipe: str
    task: str
    epochs: int
    steps: int
    seconds: float
    engine: str | None
    model: str
    resumed_from: int
    interrupted: bool


def write_run(learned: Learned, folder: Path) -> Result:
    """Write the model file and the history into a folder; returns what --json prints."""
    from clearprop import atomic

    prepared = learned.prepared
    path = prepared.model.save(folder / "model.safetensors", dataset=prepared.data.name).absolute()
    result = result_of(learned, path)
    record = {
        "recipe": msgspec.to_builtins(prepared.recipe),
        "history": _without_nan(learned.history.as_dict()),
        "seconds": learned.seconds,
        "findings": [finding.as_dict() for finding in learned.findings],
        # A training that was stopped has no result yet.
        "result": None if learned.interrupted else result,
    }
    atomic.write(folder / "history.json", (json.dumps(record, indent=1) + "\n").encode())
    return result


def write_test(folder: Path, test: Evaluation) -> None:
    """Add what the test rows showed of a network to the history that is written already."""
    from clearprop import atomic

    path = folder / "history.json"
    record = json.loads(path.read_bytes())
    # What the validation rows showed stays.
    of_test = measured(record["result"]["task"], None, test.as_dict())
    record["result"] |= {**of_test, "metrics": record["result"]["metrics"]}
    atomic.write(path, (json.dumps(record, indent=1) + "\n").encode())


def measured(task: str, validation: Figures | None, test: Figures | None) -> Measured:
    """Return what is told of rows that were measured.

    Args:
        task: what the network is asked for.
        validation: loss and metrics of the validation rows; None without such rows.
        test: those of the test rows, likewise.
    """
    made: Measured = {"metrics": validation, "test_metrics": test}
    if task == "classes":
        made["test_accuracy"] = None if test is None else test["accuracy"]
    return made


def figures_of(found: Evaluation | None) -> Figures | None:
    """Return loss and metrics by name; None where nothing was measured."""
    return None if found is None else found.as_dict()


def _without_nan(history: dict[str, Any]) -> dict[str, Any]:
    """Return a history with null for what JSON has no number for."""
    return {
        name: [x if math.isfinite(x) else None for x in value] if isinstance(value, list) else value
        for name, value in history.items()
    }


def result_of(learned: Learned, path: Path) -> Result:
    """Return what came of a training whose model is written."""
    prepared = learned.prepared
    return {
        "recipe": prepared.recipe.name,
        "task": prepared.model.task,
        **measured(prepared.model.task, figures_of(learned.validation), figures_of(learned.test)),
        "epochs": len(learned.history),
        "steps": learned.steps,
        "seconds": learned.seconds,
        "engine": prepared.model.chosen.name if prepared.model.chosen else None,
        "model": str(path),
        "resumed_from": learned.resumed_from,
        "interrupted": learned.interrupted,
    }


def write_pictures(learned: Learned, folder: Path) -> str:
    """Draw what there is to see of a run; returns in words what was drawn, and what not."""
    drawn, missing = [], []
    for draw in _pictures(learned):
        try:
            drawn.append(str(draw(folder)))
        except (DataError, MissingExtraError) as error:
            missing.append(str(error))
    said = [f"pictures: {', '.join(drawn)}"] if drawn else []
    return "\n".join([*said, *dict.fromkeys(missing)])


def _pictures(learned: Learned) -> list[Callable[[Path], Path]]:
    made: list[Callable[[Path], Path]]
    made = [partial(_draw_curves, learned)] if len(learned.history) > 1 else []
    made.append(partial(_draw_predictions, learned.prepared))
    if "hidden_layer" in learned.prepared.recipe.show:
        made.append(partial(_draw_hidden_layer, learned.prepared))
    return made


def _draw_curves(learned: Learned, folder: Path) -> Path:
    from clearprop.insight.curves import draw_learning_curves

    histories = {"": learned.history.series}
    title, judge = learned.prepared.recipe.title, learned.prepared.model.network.asked.judge
    return draw_learning_curves(folder / "curves.png", histories, metric=judge, title=title)


def _draw_predictions(prepared: Prepared, folder: Path) -> Path:
    from clearprop.insight.answers import draw_answers

    what, rows = prepared.shown()
    return draw_answers(folder / "predictions.png", prepared.model, rows, what)


def _draw_hidden_layer(prepared: Prepared, folder: Path) -> Path:
    from clearprop.insight.embedding import PICTURED, draw_hidden_layer

    what, rows = prepared.shown()
    if rows.task != "classes":
        raise DataError(
            f"no picture of a hidden layer: it shows classes, and these are {rows.task}"
        )
    hidden = prepared.model.hidden(rows.images[:PICTURED])
    title = f"The last hidden layer of {prepared.recipe.name}, {len(hidden):,} {what} rows"
    path = folder / "hidden_layer.png"
    return draw_hidden_layer(path, hidden, rows.labels[:PICTURED], rows.classes, title=title)
