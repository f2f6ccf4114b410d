"""Measure a recipe by trainings that are kept, and write the figures of every finished seed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

from clearprop.errors import SettingError
from clearprop.runs.folder import AUTO, check_folder, open_folder
from clearprop.runs.laboratory.claims import SeedRun, check_rows, claimed, metric_of, summed_up
from clearprop.runs.seeds import TrainedSeed, together, trained_seed
from clearprop.tasks import TASKS

if TYPE_CHECKING:
    from clearprop.data import Dataset
    from clearprop.recipes import Recipe, Seed
    from clearprop.recipes.recipe import Claim


class Keeping(NamedTuple):
    """Where trainings are kept and their figures written.

    Attributes:
        folder: below which the trainings are kept.
        results: the folder of the files of figures; None writes none.
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
    ) -> Keeping | None:
        """Return what the options mean; None where nothing is kept.

        Raises:
            SettingError: seeds that are no numbers, options that need `--keep`, or a folder that
                cannot be written to.
        """
        if folder is None and (results is not None or seeds is not None):
            raise SettingError(
                "--results and --seeds are about trainings that are kept: add --keep DIR"
            )
        if folder is None:
            return None
        check_folder(folder, "--keep")
        place = None if results is None else Path(results)
        if results is not None:
            check_folder(results, "--results")
        return cls(Path(folder), place, _numbers(seeds), stream)

    def measure(self, recipe: Recipe, given: str, data: Dataset) -> dict:
        """Train a recipe's seeds, one after another, and return what `measure` returns.

        Args:
            recipe: the recipe.
            given: how the user named it.
            data: its data set.

        Raises:
            SettingError: a seed's folder holds a training with other settings, or figures that
                were written before would be lost.
        """
        from clearprop.recipes import as_claimed, seeds_of

        check_rows(recipe.claim, data)
        wanted = as_claimed(recipe)
        trainings = seeds_of(wanted, self.numbers(recipe))
        if self.results is not None:
            from clearprop.runs.laboratory.results import check_nothing_is_lost

            check_nothing_is_lost(self._file(recipe), wanted, self.folder, self.numbers(recipe))
        runs = []
        for seed in trainings:
            runs.append(_run(self._trained(seed, data), recipe.claim))
            self._write(wanted, given)
        return summed_up(runs)

    def measure_variant(
        self, recipe: Recipe, settings: dict, numbers: list[int], claim: Claim | None, data: Dataset
    ) -> dict:
        """Train a variant's seeds likewise; its figures stand in no file."""
        from clearprop.recipes import seeds_of

        trainings = seeds_of(recipe, numbers, settings)
        runs = [_run(self._trained(seed, data), claim) for seed in trainings]
        return summed_up(runs)

    def measure_committee(self, recipe: Recipe, given: str, data: Dataset) -> dict:
        """Train the members that are missing, join them, and return what `measure` returns."""
        from clearprop.recipes import Seed, bare
        from clearprop.runs.committees import join
        from clearprop.runs.laboratory.results import write_committee

        check_rows(recipe.claim, data)
        if self.seeds is not None:
            raise SettingError(
                f"{recipe.name} is a committee, whose seeds stand in its recipe; leave --seeds away"
            )
        own = Seed(bare(recipe), 0, Path(recipe.name), {})
        place = str(self.folder / own.place)
        with open_folder(own.recipe, place, AUTO) as run:
            result, members = join(recipe, run, self.folder, data, self.stream)
        whole = together(own, result, members)
        if self.results is not None:
            write_committee(self._file(recipe), recipe, given, whole, members)
        return summed_up([_run(whole, recipe.claim)])

    def _trained(self, seed: Seed, data: Dataset) -> TrainedSeed:
        return trained_seed(seed, self.folder, data, self.stream)

    def numbers(self, recipe: Recipe) -> list[int]:
        """Return the seeds of a recipe: those that were asked for, or as many as it claims."""
        first = int(recipe.model.get("seed", 0))
        count = recipe.claim.seeds if recipe.claim else 1
        return list(range(first, first + count) if self.seeds is None else self.seeds)

    def _write(self, recipe: Recipe, given: str) -> None:
        if self.results is not None:
            from clearprop.runs.laboratory.results import finished_seeds, write_seeds

            write_seeds(self._file(recipe), recipe, given, finished_seeds(recipe, self.folder))

    def _file(self, recipe: Recipe) -> Path:
        assert self.results is not None
        return self.results / f"{recipe.name}.json"


def _run(one: TrainedSeed, claim: Claim | None) -> SeedRun:
    metric = metric_of(claim, TASKS[one.task])
    value = claimed(claim, metric, one.test, one.series)
    return SeedRun(one.task, metric, value, one.validation, one.test, one.epochs, one.seconds)


def _numbers(seeds: str | None) -> tuple[int, ...] | None:
    if seeds is None:
        return None
    try:
        made = tuple(dict.fromkeys(int(word) for word in seeds.split(",")))
    except ValueError:
        raise SettingError(f"--seeds takes numbers, as 0,1,2, not {seeds!r}") from None
    return made
