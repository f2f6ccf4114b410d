"""Sweeps over the settings of a recipe."""

import hashlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from clearprop.errors import SettingError
from clearprop.inputs import Preparation
from clearprop.network import Rows
from clearprop.recipes import Recipe, with_values
from clearprop.recipes.recipe import Data
from clearprop.run_folder import RUNS
from clearprop.runs.prepared import Prepared, build_model
from clearprop.search import Candidate, Journal, Sweep
from clearprop.search.varied import Settings, Varied
from clearprop.training.fingerprint import fingerprint
from clearprop.training.rows import flat

LOG = logging.getLogger(__name__)


def candidate(recipe: Recipe, settings: Settings, seed: int) -> Candidate:
    """Return an untrained model with some settings and a seed, and how long to train it.

    Raises:
        SettingError: no such key, or a value that does not fit.
    """
    made = with_values(recipe, {**settings, "model.seed": seed})
    return Candidate(build_model(made), made.fit.epochs, made.fit.batch_size, made.fit.steps)


def check_varied(varied: Sequence[Varied]) -> None:
    """Raise SettingError if a setting of the data is varied: results could not be compared."""
    for one in varied:
        part, _, field = one.key.rpartition(".")
        if part == "data" or (not part and field in Data.__struct_fields__):
            raise SettingError(
                f"{one.key} cannot be varied: settings are compared on the same rows; change it "
                f"for all of them with --set {one.key}=..."
            )


def journal_of(
    prepared: Prepared, sweep: Sweep, path: Path | None, say: Callable[[str], None] = LOG.info
) -> Journal:
    """Return the file that a sweep's outcomes go to; None as path names one under runs/.

    The name follows from what all trainings of the sweep have in common.
    """
    about = _common(prepared, sweep)
    if path is None:
        digest = hashlib.blake2b(msgspec.json.encode(about), digest_size=4).hexdigest()
        path = RUNS / f"sweep-{prepared.recipe.name}-{digest}.jsonl"
    return Journal(about, path, say)


def _common(prepared: Prepared, sweep: Sweep) -> dict[str, Any]:
    """Return what all trainings of a sweep have in common, by name."""
    recipe, varied = prepared.recipe, [one.key for one in sweep.varied]
    assert prepared.held_out is not None
    train, held_out = (
        Rows(flat(part.images), part.labels, None) for part in (prepared.train, prepared.held_out)
    )
    rows = fingerprint(train, held_out, Preparation())
    about = {"data": prepared.data.name, "rows": rows, "varied": sorted(varied)}
    for table, values in (("model", recipe.model), ("fit", msgspec.to_builtins(recipe.fit))):
        about |= {f"{table}.{key}": value for key, value in sorted(values.items())}
    # What differs between trainings, and what a sweep ignores.
    for key in (*varied, "model.seed", "fit.keep_best", "fit.refit"):
        for name in (key, f"model.{key}", f"fit.{key}"):
            about.pop(name, None)
    return about
