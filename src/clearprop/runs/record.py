"""What a training leaves in its folder: the model file, and the record of the training."""

import json
import math
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import msgspec

from clearprop import atomic
from clearprop.runs.training import Trained
from clearprop.training import Evaluation

# Loss and metrics by name; None where a value is not finite.
Figures = dict[str, float | None]


class Metrics(TypedDict):
    """`metrics` are of the validation rows, `test_metrics` of the test rows; None without such.

    Classes also have their `test_accuracy`.
    """

    metrics: Figures | None
    test_metrics: Figures | None
    test_accuracy: NotRequired[float | None]


class Result(Metrics):
    """What `train --json` prints; `seconds` are those of this process."""

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
    """Write the model file and the record into a folder, and return the result."""
    prepared = trained.prepared
    path = prepared.model.save(folder / "model.safetensors", dataset=prepared.data.name).absolute()
    result = result_of(trained, path)
    record = {
        "recipe": msgspec.to_builtins(prepared.recipe),
        "history": _without_nan(trained.history.as_dict()),
        "seconds": trained.seconds,
        "findings": [finding.as_dict() for finding in trained.findings],
        # A stopped training has no result yet.
        "result": None if trained.interrupted else result,
    }
    atomic.write(folder / "history.json", (json.dumps(record, indent=1) + "\n").encode())
    return result


def write_test(folder: Path, test: Evaluation) -> None:
    """Add the metrics of the test rows to a record that is already written."""
    path = folder / "history.json"
    record = json.loads(path.read_bytes())
    result = record["result"]
    result |= metrics_of(result["task"], result["metrics"], test.as_dict())
    atomic.write(path, (json.dumps(record, indent=1) + "\n").encode())


def metrics_of(task: str, validation: Figures | None, test: Figures | None) -> Metrics:
    """Return the metrics of a result.

    Args:
        task: of the network.
        validation: loss and metrics on the validation rows; None without such rows.
        test: the same on the test rows.
    """
    made: Metrics = {"metrics": validation, "test_metrics": test}
    if task == "classes":
        made["test_accuracy"] = None if test is None else test["accuracy"]
    return made


def figures_of(found: Evaluation | None) -> Figures | None:
    """Return loss and metrics by name, or None where nothing was measured."""
    return None if found is None else found.as_dict()


def _without_nan(history: dict[str, Any]) -> dict[str, Any]:
    """Return a history with None in place of NaN and infinity, which JSON lacks."""
    return {
        name: [x if math.isfinite(x) else None for x in value] if isinstance(value, list) else value
        for name, value in history.items()
    }


def result_of(trained: Trained, path: Path) -> Result:
    """Return the result of a training whose model was written to `path`."""
    prepared = trained.prepared
    return {
        "recipe": prepared.recipe.name,
        "task": prepared.model.task,
        **metrics_of(prepared.model.task, figures_of(trained.validation), figures_of(trained.test)),
        "epochs": len(trained.history),
        "steps": trained.steps,
        "seconds": trained.seconds,
        "engine": prepared.model.chosen.name if prepared.model.chosen else None,
        "model": str(path),
        "resumed_from": trained.resumed_from,
        "interrupted": trained.interrupted,
    }
