"""Measure a recipe by trainings that are stored, and write the results of every finished seed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from clearprop.data import Dataset
from clearprop.errors import SettingError
from clearprop.recipes import Recipe, Seed, as_claimed, seeds_of, training_only
from clearprop.recipes.recipe import Claim
from clearprop.runs.committees import join
from clearprop.runs.folder import AUTO, check_folder, open_folder
from clearprop.runs.laboratory.measurement import (
    SeedRun,
    check_rows,
    claimed_value,
    metric_of,
    summary_of,
)
from clearprop.runs.laboratory.results import (
    check_nothing_is_lost,
    finished_seeds,
    write_committee,
    write_seeds,
)
from clearprop.runs.seeds import TrainedSeed, committee_seed, trained_seed
from clearprop.tasks import TASKS


class StoredTrainings(NamedTuple):
    """Trainings in folders of their own; one that was stopped is resumed, none is repeated.

    Attributes:
        folder: holds the trainings, in `RECIPE/seed-K`.
        results: the folder of the result files; None writes none.
        seeds: which seeds; None takes those of the claim.
        stream: where progress is shown; None shows none.
    """

    folder: Path
    results: Path | None = None
    seeds: tuple[int, ...] | None = None
    stream: TextIO | None = None

    @classmethod
    def of(
        cls,
        folder: str | None,
        results: str | None,
        seeds: str | None,
        stream: TextIO | None,
    ) -> StoredTrainings | None:
        """Return what the options of `reproduce` mean; None where nothing is to be stored.

        Raises:
            SettingError: seeds that are not numbers, options that need `--keep`, or a folder that
                cannot be written to.
        """
        if folder is None and (results is not None or seeds is not None):
            raise SettingError("--results and --seeds are about stored trainings: add --keep DIR")
        if folder is None:
            return None
        check_folder(folder, "--keep")
        place = None if results is None else Path(results)
        if results is not None:
            check_folder(results, "--results")
        return cls(Path(folder), place, _seed_numbers(seeds), stream)

    def measure(self, recipe: Recipe, name: str, data: Dataset) -> dict[str, Any]:
        """Train a recipe's seeds, or a committee's members, and return `summary_of` them.

        Args:
            recipe: the recipe.
            name: what the user called it.
            data: its data set.

        Raises:
            SettingError: a seed's folder holds a training with other settings, or results that
                were written before would be lost.
        """
        check_rows(recipe.claim, data)
        if recipe.committee is not None:
            return self._committee(recipe, name, data)
        wanted, numbers = as_claimed(recipe), self._numbers(recipe)
        trainings = seeds_of(wanted, numbers)
        if self.results is not None:
            check_nothing_is_lost(self._file(recipe), wanted, self.folder, numbers)
        runs = []
        for seed in trainings:
            runs.append(_run(self._trained(seed, data), recipe.claim))
            self._write(wanted, name)
        return summary_of(runs)

    def measure_variant(
        self, recipe: Recipe, variant: Recipe, settings: Mapping[str, Any], data: Dataset
    ) -> dict[str, Any]:
        """Train a variant's seeds likewise, against the recipe's claim; no result file has them."""
        trainings = seeds_of(variant, self._numbers(recipe), settings)
        return summary_of([_run(self._trained(seed, data), recipe.claim) for seed in trainings])

    def _committee(self, recipe: Recipe, name: str, data: Dataset) -> dict[str, Any]:
        """Train the members that are missing and join them."""
        if self.seeds is not None:
            raise SettingError(
                f"{recipe.name} is a committee, whose seeds are in its recipe; leave out --seeds"
            )
        own = Seed(training_only(recipe), 0, Path(recipe.name), {})
        place = str(self.folder / own.place)
        with open_folder(own.recipe, place, AUTO) as run:
            result, members = join(recipe, run, self.folder, data, self.stream)
        whole = committee_seed(own, result, members)
        if self.results is not None:
            write_committee(self._file(recipe), recipe, name, whole, members)
        return summary_of([_run(whole, recipe.claim)])

    def _trained(self, seed: Seed, data: Dataset) -> TrainedSeed:
        return trained_seed(seed, self.folder, data, self.stream)

    def _numbers(self, recipe: Recipe) -> list[int]:
        """Return the seeds of a recipe: those that were asked for, or as many as it claims."""
        first = int(recipe.model.get("seed", 0))
        count = recipe.claim.seeds if recipe.claim else 1
        return list(range(first, first + count) if self.seeds is None else self.seeds)

    def _write(self, recipe: Recipe, name: str) -> None:
        if self.results is not None:
            write_seeds(self._file(recipe), recipe, name, finished_seeds(recipe, self.folder))

    def _file(self, recipe: Recipe) -> Path:
        assert self.results is not None
        return self.results / f"{recipe.name}.json"


def _run(one: TrainedSeed, claim: Claim | None) -> SeedRun:
    metric = metric_of(claim, TASKS[one.task])
    return SeedRun(
        task=one.task,
        metric=metric,
        value=claimed_value(claim, metric, one.test, one.series),
        validation=one.validation,
        test=one.test,
        epochs=one.epochs,
        seconds=one.seconds,
    )


def _seed_numbers(seeds: str | None) -> tuple[int, ...] | None:
    if seeds is None:
        return None
    try:
        made = tuple(dict.fromkeys(int(word) for word in seeds.split(",")))
    except ValueError:
        raise SettingError(f"--seeds takes numbers, as 0,1,2, not {seeds!r}") from None
    return made
