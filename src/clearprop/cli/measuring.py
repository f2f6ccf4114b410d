"""Measure a recipe as its claim says: on which rows, over which epochs, over how many seeds."""

from __future__ import annotations

import statistics
import sys
from typing import TYPE_CHECKING

from clearprop.cli.console import note
from clearprop.cli.learning import Learned, learn, prepare
from clearprop.cli.narration import narrator
from clearprop.errors import SettingError

if TYPE_CHECKING:
    from clearprop.data import Dataset
    from clearprop.recipes import Recipe
    from clearprop.recipes.recipe import Claim


def measure(recipe: Recipe, claim: Claim | None, data: Dataset, seeds: int, quiet: bool) -> dict:
    """Train a recipe once for each seed and return what was measured.

    Returns:
        "measured" (the mean), "deviation" (the standard deviation between seeds; None for one),
        "best", "seeds", and the "epochs" and "seconds" of all seeds together.
    """
    note(f"{recipe.name}: {recipe.title}" + (f", {seeds} seeds" if seeds > 1 else ""), quiet)
    runs = [_run(_seeded(recipe, i), data, quiet, told=seeds == 1) for i in range(seeds)]
    values = [accuracy(run, claim) for run in runs]
    tests = [run.test.accuracy for run in runs if run.test]
    if seeds > 1:
        note(f"accuracies: {', '.join(f'{value:.4f}' for value in values)}", quiet)
    return {
        "measured": statistics.fmean(values),
        "deviation": statistics.stdev(values) if seeds > 1 else None,
        "best": max(values),
        "seeds": seeds,
        "epochs": sum(len(run.history) for run in runs),
        "seconds": sum(run.seconds for run in runs),
        "test_accuracy": statistics.fmean(tests) if tests else None,
    }


def accuracy(learned: Learned, claim: Claim | None) -> float:
    """Return the accuracy that a claim is about: on the test rows without a claim."""
    if claim is not None and claim.rows == "validation":
        return statistics.fmean(learned.history.val_accuracy[-claim.last_epochs :])
    if learned.test is None:
        raise SettingError(
            f"{learned.task.data.name} has no test rows, so there is nothing to measure on; make "
            'the claim about held-out rows: claim.rows = "validation"'
        )
    return learned.test.accuracy


def _seeded(recipe: Recipe, number: int) -> Recipe:
    from clearprop.recipes import replaced

    return replaced(recipe, {"model.seed": recipe.model.get("seed", 0) + number})


def _run(recipe: Recipe, data: Dataset, quiet: bool, told: bool) -> Learned:
    task = prepare(recipe, data)
    learned = learn(task, narrator(task, sys.stderr if told and not quiet else None))
    if learned.interrupted:
        raise KeyboardInterrupt
    return learned
