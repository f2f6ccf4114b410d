"""`clearprop reproduce`: train recipes and compare each result with its claim."""

from __future__ import annotations

import contextlib
import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from clearprop.cli.console import listen, note, result, result_json, saying_how
from clearprop.cli.options import DataDir, Json, Offline, Quiet

if TYPE_CHECKING:
    from clearprop.recipes import Recipe

EXAMPLES = """\
Examples:
  clearprop reproduce                    every recipe but the long ones
  clearprop reproduce fashion-sgd        one of them
  clearprop reproduce --json             for a script; progress goes to stderr
  clearprop reproduce my.toml --keep runs/kept --seeds 0,1,2

Some recipes train every seed twice (fit.refit): without their validation rows,
for the figure on these, and then on all rows, for the network that stands.
These and committees need --keep.

With --keep a finished seed is not trained again, and one that was stopped
goes on from its last checkpoint when the same command is given again. With
--results the figures are written after every finished seed.

Leaves with 3 where a claim is missed, with another code than 0 where one
could not be measured. A claim that is known not to hold is shown and marked
so; it is neither met nor a failure."""

MISSED = 3
AGAIN = "the same command resumes where it stopped"


def register(app: App) -> None:
    """Add the command."""
    app.command(reproduce, help_prologue=EXAMPLES, help="Train recipes and check their claims.")


def reproduce(
    *names: Annotated[str, Parameter(help="Names of recipes; without any, all but long ones.")],
    keep: Annotated[
        str | None,
        Parameter(help="Store every seed in this folder, and resume what is there."),
    ] = None,
    results: Annotated[
        str | None, Parameter(help="With --keep: the folder to write figures to, NAME.json.")
    ] = None,
    seeds: Annotated[
        str | None, Parameter(help="With --keep: which seeds, as 0,1,2; else those of the claim.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
    offline: Offline = False,
) -> int:
    """Reproduce; see EXAMPLES."""
    from clearprop import recipes
    from clearprop.cli.claims_table import table
    from clearprop.runs.laboratory.fresh import FreshTrainings
    from clearprop.runs.laboratory.reproduction import reproduced
    from clearprop.runs.laboratory.stored import StoredTrainings
    from clearprop.runs.prepared import load_rows

    listen(quiet)
    stream = None if quiet else sys.stderr
    stored = StoredTrainings.of(keep, results, seeds, stream)
    chosen = {name: recipes.load(name) for name in names or recipes.names()}
    if not names:
        chosen = _short(chosen, quiet)
    rows = []
    with saying_how(AGAIN) if stored else contextlib.nullcontext():
        for name, recipe in chosen.items():
            load = partial(load_rows, recipe, data_dir, offline, quiet)
            rows.append(reproduced(recipe, name, load, stored or FreshTrainings(stream)))
    if json:
        result_json(rows)
    else:
        result("\n".join(table(rows)))
    if any(row["met"] is False and row["holds"] for row in rows):
        return MISSED
    return next((row["exit_code"] for row in rows if "exit_code" in row), 0)


def _short(chosen: dict[str, Recipe], quiet: bool) -> dict[str, Recipe]:
    """Return the recipes that are not long: hours of training must be asked for by name."""
    short = {name: one for name, one in chosen.items() if not (one.long or one.committee)}
    if long := [name for name in chosen if name not in short]:
        note(f"left out, since they are long: {', '.join(long)}; name them to train them", quiet)
    return short
