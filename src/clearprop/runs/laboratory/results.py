"""The figures of kept trainings, as the repository holds them: docs/results/NAME.json."""

import json
import statistics
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from clearprop import atomic
from clearprop.errors import OutputError, SettingError
from clearprop.recipes import Recipe, seeds_of
from clearprop.runs.folder import read_object
from clearprop.runs.record import Figures
from clearprop.runs.seeds import TrainedSeed, find_seed, plain_settings, versions_of
from clearprop.tasks import TASKS

MOST_POINTS = 200


def finished_seeds(recipe: Recipe, keep: Path) -> list[TrainedSeed]:
    """Return the trainings of a recipe that came to their end, in the order of their seeds."""
    names = [path.name.removeprefix("seed-") for path in (keep / recipe.name).glob("seed-*")]
    numbers = sorted(int(name) for name in names if name.removeprefix("-").isdecimal())
    there = (find_seed(seed, keep) for seed in seeds_of(recipe, numbers))
    return [one for one in there if one is not None]


def check_nothing_is_lost(path: Path, recipe: Recipe, keep: Path, numbers: Iterable[int]) -> None:
    """Raise SettingError where a file of figures has seeds that would be missing from a new one."""
    entries = (read_object(path) or {}).get("seeds") or []
    before = {one.get("seed") for one in entries if isinstance(one, dict)}
    there = {one.seed.number for one in finished_seeds(recipe, keep)}
    if lost := sorted(before - there - set(numbers), key=str):
        raise SettingError(
            f"{path} has figures of seeds {', '.join(map(str, lost))}, and {keep / recipe.name} "
            "does not hold these as the recipe trains them; name them with --seeds too, or move "
            "the file away"
        )


def write_seeds(path: Path, recipe: Recipe, name: str, seeds: list[TrainedSeed]) -> None:
    """Write the figures of a recipe's seeds."""
    numbers = ",".join(str(one.seed.number) for one in seeds)
    write(path, record(recipe, _command(name, f" --seeds {numbers}"), seeds))


def write_committee(
    path: Path, recipe: Recipe, name: str, whole: TrainedSeed, of: list[TrainedSeed]
) -> None:
    """Write the figures of a committee, a trial of its own, and those of its members."""
    metric = _metric(recipe, [whole])
    members = [plain_settings(one.seed) | _figures(one, metric) for one in of]
    write(path, record(recipe, _command(name), [whole]) | {"members": members})


def _metric(recipe: Recipe, seeds: list[TrainedSeed]) -> str:
    """Return the metric of a recipe's figures: its claim's, or the one that judges its task."""
    return recipe.claim.metric if recipe.claim else TASKS[seeds[0].task].judge


def record(recipe: Recipe, command: str, seeds: list[TrainedSeed]) -> dict[str, Any]:
    """Return what a file of figures holds: shares, not percentages, and minutes."""
    metric = _metric(recipe, seeds)
    tests = _column([one.test for one in seeds], metric)
    validations = _column([one.validation for one in seeds], metric)
    return {
        "recipe": recipe.name,
        "versions": versions_of(seeds),
        "command": command,
        f"validation_{metric}_mean": statistics.fmean(validations) if validations else None,
        f"test_{metric}_mean": statistics.fmean(tests) if tests else None,
        # Between seeds; a single one has none.
        f"test_{metric}_std": statistics.stdev(tests) if len(tests) > 1 else None,
        "seeds": [{"seed": one.seed.number} | _figures(one, metric) for one in seeds],
    }


def _column(of_seeds: list[Figures | None], metric: str) -> list[float]:
    """Return a metric of all seeds that have it."""
    values = (one.get(metric) for one in of_seeds if one is not None)
    return [value for value in values if value is not None]


def write(path: Path, made: dict[str, Any]) -> None:
    """Write figures, a line for each seed.

    Raises:
        OutputError: the file cannot be written.
    """
    body = ",\n".join(f" {json.dumps(key)}: {_lines(value)}" for key, value in made.items())
    try:
        atomic.write(path, f"{{\n{body}\n}}\n".encode())
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error


def _lines(value: Any) -> str:
    if not isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return "[\n" + ",\n".join(f"  {json.dumps(one, ensure_ascii=False)}" for one in value) + "\n ]"


def _figures(one: TrainedSeed, metric: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "validation": one.validation and one.validation.get(metric),
        "test": one.test and one.test.get(metric),
        "minutes": round(one.seconds / 60, 3),
    }
    made |= {"refit": True} if one.seed.refit else {}
    series = one.series.get(f"val_{metric}")
    return made | ({"curve": curve(series)} if series else {})


def curve(values: list[float | None]) -> list[tuple[int, float | None]]:
    """Return epochs and the metric after them, the first and last among 200 points at most."""
    last = len(values) - 1
    steps = min(last, MOST_POINTS - 1)
    places = [round(i * last / max(steps, 1)) for i in range(steps + 1)]
    shown = ((place + 1, values[place]) for place in places)
    return [(epoch, None if value is None else round(value, 5)) for epoch, value in shown]


def _command(name: str, more: str = "") -> str:
    # Where the trainings are kept changes no figure, and is no business of the file's readers.
    return f"clearprop reproduce {Path(name).name} --keep runs/kept --results docs/results{more}"
