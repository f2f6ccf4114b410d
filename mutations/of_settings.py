"""Texts that people write: recipes."""

from __future__ import annotations

import contextlib
import io
import json
import tomllib
from pathlib import Path

import msgspec

from clearprop import recipes
from clearprop.cli.learning import build_model
from clearprop.cli.resuming import MODEL, RECIPE, RECORD, open_run, recipe_of
from clearprop.cli.train import _report
from clearprop.errors import SettingError
from clearprop.recipes import Recipe
from mutations.blind import as_bytes
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
_RECIPE = recipes.checked({"name": "own"} | tomllib.loads(_TEXT.decode()), "own")
_PLAIN = msgspec.json.encode(_RECIPE)


def specimens() -> list[Specimen]:
    """Return the specimens of this room."""
    file = "own-recipe.toml"
    part = whole(as_tokens, as_tokens, as_lines, as_bytes)
    texts = (whole(as_json, as_json, as_bytes),)
    run = {f"run/{RECIPE}": _PLAIN, f"run/{RECORD}": _record(), f"run/{MODEL}": b""}
    return [
        Specimen("recipe", {file: _TEXT}, file, file, _read, _check, (part,)),
        Specimen(
            "recipe of a run",
            run,
            f"run/{RECIPE}",
            "run",
            lambda run: [recipe_of(run)],
            _check,
            texts,
        ),
        Specimen("record of a run", run, f"run/{RECORD}", "run", _resumed, _check_said, texts),
    ]


def _record() -> bytes:
    result = {
        "recipe": "own", "task": "classes", "metrics": None,
        "test_metrics": {"loss": 1.0, "accuracy": 0.5}, "test_accuracy": 0.5,
        "epochs": 4, "steps": 40, "seconds": 1.5, "engine": "numpy", "model": MODEL,
        "resumed_from": 0, "interrupted": False,
    }  # fmt: skip
    history = {"loss": [2.0, 1.0], "accuracy": [0.25, 0.5], "best_epoch": None}
    record = {"recipe": json.loads(_PLAIN), "history": history, "seconds": 1.5, "result": result}
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
    with open_run(_RECIPE, str(folder), "auto") as run, contextlib.redirect_stdout(said):
        if run.finished is not None:
            for as_json in (True, False):
                _report(run.finished, as_json)
    return said.getvalue()


def _check_said(text: str) -> None:
    assert all(line.isprintable() for line in text.splitlines()), text
