"""Measure a recipe by trainings that are kept, and write the figures of every finished seed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from clearprop.cli.keeping import Kept, kept, saying_how, together
from clearprop.cli.measuring import Run, check_rows, claimed, metric_of, summed_up
from clearprop.cli.resuming import AUTO, open_run
from clearprop.cli.writing import check_folder
from clearprop.errors import SettingError
from clearprop.tasks import TASKS

if TYPE_CHECKING:
    from clearprop.data import Dataset
    from clearprop.recipes import Recipe, Seed
    from clearprop.recipes.recipe import Claim

AGAIN = "the same command goes on from where it stopped"


class Keeping(NamedTuple):
    """Where trainings are kept and their figures written.

    Attributes:
        folder: below which the trainings are kept.
        results: the folder of the files of figures; None writes none.
        seeds: which seeds; None takes those of the claim.
        quiet: say nothing.
    """

    folder: Path
    results: Path | None = None
    seeds: tuple[int, ...] | None = None
    quiet: bool = False

    @classmethod
    def of(
        cls, folder: str | None, results: str | None, seeds: str | None, quiet: bool
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
        return cls(Path(folder), place, _numbers(seeds), quiet)

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
            from clearprop.cli.results import check_nothing_is_lost

            check_nothing_is_lost(self._file(recipe), wanted, self.folder, self.numbers(recipe))
        runs = []
        for seed in trainings:
            runs.append(_run(self._kept(seed, data), recipe.claim))
            self._write(wanted, given)
        return summed_up(runs, self.quiet)

    def measure_variant(
        self, recipe: Recipe, settings: dict, numbers: list[int], claim: Claim | None, data: Dataset
    ) -> dict:
        """Train a variant's seeds likewise; its figures stand in no file."""
        from clearprop.recipes import seeds_of

        trainings = seeds_of(recipe, numbers, settings)
        runs = [_run(self._kept(seed, data), claim) for seed in trainings]
        return summed_up(runs, self.quiet)

    def measure_committee(self, recipe: Recipe, given: str, data: Dataset) -> dict:
        """Train the members that are missing, join them, and return what `measure` returns."""
        from clearprop.cli.committees import join
        from clearprop.cli.results import write_committee
        from clearprop.recipes import Seed, bare

        check_rows(recipe.claim, data)
        if self.seeds is not None:
            raise SettingError(
                f"{recipe.name} is a committee, whose seeds stand in its recipe; leave --seeds away"
            )
        own = Seed(bare(recipe), 0, Path(recipe.name), {})
        place = str(self.folder / own.place)
        with saying_how(AGAIN), open_run(own.recipe, place, AUTO) as run:
            result, members = join(recipe, run, self.folder, data, self.quiet)
        whole = together(own, result, members)
        if self.results is not None:
            write_committee(self._file(recipe), recipe, given, whole, members)
        return summed_up([_run(whole, recipe.claim)], self.quiet)

    def _kept(self, seed: Seed, data: Dataset) -> Kept:
        with saying_how(AGAIN):
            return kept(seed, self.folder, data, self.quiet)

    def numbers(self, recipe: Recipe) -> list[int]:
        """Return the seeds of a recipe: those that were asked for, or as many as it claims."""
        first = int(recipe.model.get("seed", 0))
        count = recipe.claim.seeds if recipe.claim else 1
        return list(range(first, first + count) if self.seeds is None else self.seeds)

    def _write(self, recipe: Recipe, given: str) -> None:
        if self.results is not None:
            from clearprop.cli.results import finished_seeds, write_seeds

            write_seeds(self._file(recipe), recipe, given, finished_seeds(recipe, self.folder))

    def _file(self, recipe: Recipe) -> Path:
        assert self.results is not None
        return self.results / f"{recipe.name}.json"


def _run(one: Kept, claim: Claim | None) -> Run:
    metric = metric_of(claim, TASKS[one.task])
    value = claimed(claim, metric, one.test, one.series)
    return Run(one.task, metric, value, one.validation, one.test, one.epochs, one.seconds)


def _numbers(seeds: str | None) -> tuple[int, ...] | None:
    if seeds is None:
        return None
    try:
        made = tuple(dict.fromkeys(int(word) for word in seeds.split(",")))
    except ValueError:
        raise SettingError(f"--seeds takes numbers, as 0,1,2, not {seeds!r}") from None
    return made
