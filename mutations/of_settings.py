"""Texts that people write: recipes."""

import contextlib
import io
import json
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from clearprop import recipes
from clearprop.cli.train import _report
from clearprop.errors import SettingError
from clearprop.recipes import Recipe
from clearprop.runs.folder import MODEL, RECIPE, RECORD, open_folder, recipe_of
from clearprop.runs.prepared import build_model
from mutations.blind import as_bytes
from mutations.command import command
from mutations.parts import whole
from mutations.specimen import Specimen
from mutations.structured import as_json, as_lines, as_tokens

_TEXT = b"""\
title = "Eight rows"
output = "epochs"
show = ["test_each_epoch"]

[data]
name = "mnist"
rows = [0, 50000]
validation = [50000, 60000]
deformed = {images = 2, rotation = 10.0, shift = 2.0}

[model]
layers = [784, 30, 10]
optimizer = {name = "adam", beta1 = 0.8}
learning_rate = 1e-3

[fit]
epochs = 4
batch_size = 10
keep_best = false

[claim]
metrics.accuracy = 0.95
source = "a book"
rows = "validation"
last_epochs = 2
settings = {learning_rate = 0.5}

[[variants]]
title = "no penalty"
settings = {"model.l2" = 0.0, epochs = 5}
"""
_OF_VALUES = b"""\
title = "Ages"

[data]
name = "ages.npz"
validation = 0.25

[model]
layers = [9, 16, 1]
task = "values"
preparation = "standardize"
precision = "float64"

[fit]
epochs = 3
keep_best = false
refit = true

[claim]
metrics.rmse = 4.5
source = "a book"
seeds = 2
holds = false
reference = 5.0
reference_source = "another"
"""
_RECIPE = recipes.validated({"name": "own"} | tomllib.loads(_TEXT.decode()), "own")
_PLAIN = msgspec.json.encode(_RECIPE)
_RESULT = {
    "recipe": "own", "epochs": 4, "steps": 40, "seconds": 1.5, "engine": "numpy", "model": MODEL,
    "resumed_from": 0, "interrupted": False,
}  # fmt: skip
_OF_CLASSES = {
    "task": "classes", "metrics": None, "test_metrics": {"loss": 1.0, "accuracy": 0.5},
    "test_accuracy": 0.5,
}  # fmt: skip
_OF_NUMBERS = {
    "task": "values", "metrics": {"loss": 0.5, "mae": 3.0, "r2": 0.5, "rmse": 4.0},
    "test_metrics": {"loss": 0.5, "mae": 3.0, "r2": None, "rmse": 4.0},
}  # fmt: skip


def specimens() -> list[Specimen]:
    """Return the specimens of this module."""
    file = "own-recipe.toml"
    part = whole(as_tokens, as_tokens, as_lines, as_bytes)
    texts = (whole(as_json, as_json, as_bytes),)
    run = {f"run/{RECIPE}": _PLAIN, f"run/{MODEL}": b""}
    record = f"run/{RECORD}"
    looked_at = {f"run/{RECIPE}": _PLAIN, record: _record(_OF_NUMBERS)}
    return [
        Specimen("recipe", {file: _TEXT}, file, file, _read, _check, (part,)),
        Specimen("recipe of values", {file: _OF_VALUES}, file, file, _read, _check, (part,)),
        Specimen("recipe of a run", run, f"run/{RECIPE}", "run", lambda run: [recipe_of(run)],
                 _check, texts),
        Specimen("record of a run, looked at", looked_at, record, "run", _looked_at, _check_said,
                 texts, True),
        *(
            Specimen(name, {**run, record: _record(figures)}, record, "run", _resumed,
                     _check_said, texts)
            for name, figures in (
                ("record of a run", _OF_CLASSES), ("record of a run of values", _OF_NUMBERS),
            )
        ),
    ]  # fmt: skip


def _record(figures: dict[str, Any]) -> bytes:
    history = {
        "loss": [2.0, 1.0], "val_loss": [2.0, None], "accuracy": [0.25, 0.5], "best_epoch": None,
    }  # fmt: skip
    told = {"kind": "one_answer", "what": "What is wrong", "evidence": "Of what it is seen",
            "remedy": "What to do", "figures": {"answer": "7", "percent": 10.0}}  # fmt: skip
    record = {
        "recipe": json.loads(_PLAIN), "history": history, "seconds": 1.5, "findings": [told],
        "result": _RESULT | figures,
    }  # fmt: skip
    return json.dumps(record).encode()


def _read(path: Path) -> list[Recipe]:
    recipe = recipes.load(str(path))
    return [recipe, recipes.as_claimed(recipe), *recipes.variants_of(recipe)]


def _check(found: list[Recipe]) -> None:
    for recipe in found:
        assert isinstance(recipe, Recipe)
        # It becomes a folder's name.
        assert Path(recipe.name).name == recipe.name
        assert recipe.name.isprintable()
        with contextlib.suppress(SettingError):
            build_model(recipe)


def _resumed(folder: Path) -> str:
    """Return what a training says that is asked to go on, and came to its end before."""
    said = io.StringIO()
    with open_folder(_RECIPE, str(folder), "auto") as run, contextlib.redirect_stdout(said):
        if run.finished is not None:
            for as_json in (True, False):
                _report(run.finished, as_json)
    return said.getvalue()


def _looked_at(folder: Path) -> str:
    return command("doctor", folder)


def _check_said(text: str) -> None:
    assert all(line.isprintable() for line in text.splitlines()), text
