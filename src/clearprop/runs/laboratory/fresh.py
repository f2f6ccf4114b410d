"""Measure a recipe by trainings that start now and whose networks are not stored."""

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple, TextIO

from clearprop.data import Dataset
from clearprop.errors import SettingError
from clearprop.recipes import Recipe, as_claimed, variants_of, with_values
from clearprop.recipes.recipe import Claim
from clearprop.runs.laboratory.measurement import (
    SeedRun,
    check_rows,
    claimed_value,
    metric_of,
    summary_of,
)
from clearprop.runs.output import progress_of
from clearprop.runs.prepared import prepare
from clearprop.runs.record import figures_of
from clearprop.runs.training import train

LOG = logging.getLogger(__name__)


class FreshTrainings(NamedTuple):
    """Trainings that start now; `stream` shows the progress of a single one, None shows none."""

    stream: TextIO | None = None

    def measure(self, recipe: Recipe, name: str, data: Dataset) -> dict[str, Any]:
        """Train a recipe once for each seed of its claim and return `summary_of` the seeds.

        Raises:
            SettingError: a recipe whose networks must be stored, or a claim about test rows where
                there are none.
        """
        if recipe.committee is not None:
            raise SettingError(
                f"{recipe.name} is a committee: say with --keep DIR where its members are"
            )
        if any(one.fit.refit for one in (as_claimed(recipe), *variants_of(recipe))):
            raise SettingError(
                f"{recipe.name} trains every seed twice: say with --keep DIR where to keep the "
                "networks"
            )
        if recipe.long:
            LOG.info("%s is long; with --keep DIR it can be stopped and resumed", recipe.name)
        return self._measured(as_claimed(recipe), recipe.claim, data)

    def measure_variant(
        self, recipe: Recipe, variant: Recipe, settings: Mapping[str, Any], data: Dataset
    ) -> dict[str, Any]:
        """Train a variant of a recipe likewise, against the recipe's claim."""
        return self._measured(variant, recipe.claim, data)

    def _measured(self, recipe: Recipe, claim: Claim | None, data: Dataset) -> dict[str, Any]:
        check_rows(claim, data)
        seeds, first = claim.seeds if claim else 1, recipe.model.get("seed", 0)
        many = f", {seeds} seeds" if seeds > 1 else ""
        LOG.info("%s: %s%s", recipe.name, recipe.title, many)
        seeded = [with_values(recipe, {"model.seed": first + number}) for number in range(seeds)]
        shown = self.stream if seeds == 1 else None
        return summary_of([_run(one, claim, data, shown) for one in seeded])


def _run(recipe: Recipe, claim: Claim | None, data: Dataset, stream: TextIO | None) -> SeedRun:
    prepared = prepare(recipe, data)
    trained = train(prepared, progress_of(prepared, stream))
    if trained.interrupted:
        raise KeyboardInterrupt
    model, history = prepared.model, trained.history
    metric = metric_of(claim, model.network.task_type)
    test = figures_of(trained.test)
    return SeedRun(
        task=model.task,
        metric=metric,
        value=claimed_value(claim, metric, test, history.series),
        validation=figures_of(trained.validation),
        test=test,
        epochs=len(history),
        seconds=trained.seconds,
    )
