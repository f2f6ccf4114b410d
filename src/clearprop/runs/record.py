"""What a run leaves in its folder: the model file, and the record of how it came about."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

import msgspec

if TYPE_CHECKING:
    from clearprop.runs.training import Trained
    from clearprop.training import Evaluation


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


def write_record(trained: Trained, folder: Path) -> Result:
    """Write the model file and the history into a folder; returns what --json prints."""
    from clearprop import atomic

    prepared = trained.prepared
    path = prepared.model.save(folder / "model.safetensors", dataset=prepared.data.name).absolute()
    result = result_of(trained, path)
    record = {
        "recipe": msgspec.to_builtins(prepared.recipe),
        "history": _without_nan(trained.history.as_dict()),
        "seconds": trained.seconds,
        "findings": [finding.as_dict() for finding in trained.findings],
        # A training that was stopped has no result yet.
        "result": None if trained.interrupted else result,
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


def result_of(trained: Trained, path: Path) -> Result:
    """Return what came of a training whose model is written."""
    prepared = trained.prepared
    return {
        "recipe": prepared.recipe.name,
        "task": prepared.model.task,
        **measured(prepared.model.task, figures_of(trained.validation), figures_of(trained.test)),
        "epochs": len(trained.history),
        "steps": trained.steps,
        "seconds": trained.seconds,
        "engine": prepared.model.chosen.name if prepared.model.chosen else None,
        "model": str(path),
        "resumed_from": trained.resumed_from,
        "interrupted": trained.interrupted,
    }
