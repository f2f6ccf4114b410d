"""`clearprop reproduce`: train recipes and hold each result against its claim."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Annotated, Any, TextIO

from cyclopts import App, Parameter

from clearprop.cli.console import listen, note, result, result_json, saying_how
from clearprop.cli.options import DataDir, Json, Offline, Quiet

if TYPE_CHECKING:
    from clearprop.data import Dataset
    from clearprop.recipes import Recipe
    from clearprop.runs.laboratory.kept_claims import Keeping

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
AGAIN = "the same command goes on from where it stopped"


def register(app: App) -> None:
    """Add the command."""
    app.command(reproduce, help_prologue=EXAMPLES, help="Train recipes and check their claims.")


def reproduce(
    *names: Annotated[str, Parameter(help="Names of recipes; without any, all but long ones.")],
    keep: Annotated[
        str | None,
        Parameter(help="Keep every seed below this folder, and go on with what is there."),
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
    from clearprop.runs.laboratory.kept_claims import Keeping

    listen(quiet)
    keeping = Keeping.of(keep, results, seeds, _stream(quiet))
    chosen = {name: recipes.load(name) for name in names or recipes.names()}
    if not names:
        chosen = _short(chosen, quiet)
    again = saying_how(AGAIN) if keeping else contextlib.nullcontext()
    with again:
        rows = [_row(one, name, data_dir, offline, quiet, keeping) for name, one in chosen.items()]
    if json:
        result_json(rows)
    else:
        result("\n".join(table(rows)))
    if any(row["met"] is False and row["holds"] for row in rows):
        return MISSED
    return next((row["exit_code"] for row in rows if "exit_code" in row), 0)


def _stream(quiet: bool) -> TextIO | None:
    return None if quiet else sys.stderr


def _short(chosen: dict[str, Recipe], quiet: bool) -> dict[str, Recipe]:
    """Return the recipes that are not long: hours of training shall be asked for by name."""
    short = {name: one for name, one in chosen.items() if not (one.long or one.committee)}
    if long := [name for name in chosen if name not in short]:
        note(f"left out, since they are long: {', '.join(long)}; name them to train them", quiet)
    return short


def _row(
    recipe: Recipe,
    name: str,
    data_dir: str | None,
    offline: bool,
    quiet: bool,
    keeping: Keeping | None,
) -> dict:
    from clearprop.errors import ClearpropError
    from clearprop.runs.prepared import load_rows

    claim = recipe.claim
    row = _claim(recipe)
    try:
        data = load_rows(recipe, data_dir, offline, quiet)
        row |= _measured(recipe, name, data, quiet, keeping)
        row["met"] = None if claim is None else claim.met_by(row["measured"])
        row["variants"] = _variants(recipe, data, quiet, keeping)
    except ClearpropError as error:
        # What the other recipes showed is not lost by one that cannot be measured.
        row |= {"message": str(error), "exit_code": error.exit_code}
    return row


def _measured(
    recipe: Recipe, name: str, data: Dataset, quiet: bool, keeping: Keeping | None
) -> dict:
    from clearprop.errors import SettingError
    from clearprop.recipes import as_claimed, variants_of
    from clearprop.runs.laboratory.claims import measure

    # One that could not be measured is found out before anything is trained.
    trained = [as_claimed(recipe), *variants_of(recipe)]
    if recipe.committee is not None and keeping is None:
        raise SettingError(
            f"{recipe.name} is a committee: say with --keep DIR where its members are"
        )
    if keeping is None and any(one.fit.refit for one in trained):
        raise SettingError(
            f"{recipe.name} trains every seed twice: say with --keep DIR where to keep the networks"
        )
    if recipe.committee is not None and keeping is not None:
        return keeping.measure_committee(recipe, name, data)
    if keeping is not None:
        return keeping.measure(recipe, name, data)
    if recipe.long:
        note(f"{recipe.name} is long; with --keep DIR it goes on where it is stopped", quiet)
    claim = recipe.claim
    return measure(as_claimed(recipe), claim, data, claim.seeds if claim else 1, _stream(quiet))


def _variants(
    recipe: Recipe, data: Dataset, quiet: bool, keeping: Keeping | None
) -> list[dict[str, Any]]:
    from clearprop.recipes import variants_of
    from clearprop.runs.laboratory.claims import measure

    claim = recipe.claim
    seeds = claim.seeds if claim else 1
    made = []
    for variant, one in zip(recipe.variants, variants_of(recipe), strict=True):
        if keeping is None:
            figures = measure(one, claim, data, seeds, _stream(quiet))
        else:
            numbers = keeping.numbers(recipe)
            figures = keeping.measure_variant(one, variant.settings, numbers, claim, data)
        made.append({"title": variant.title, **figures})
    return made


def _claim(recipe: Recipe) -> dict[str, Any]:
    claim = recipe.claim
    return {
        "recipe": recipe.name,
        "title": recipe.title,
        "metric": claim.metric if claim else "accuracy",
        "claim": claim.value if claim else None,
        "source": claim.source if claim else None,
        "settings": claim.settings if claim else {},
        "holds": claim.holds if claim else None,
        "reference": claim.reference if claim else None,
        "reference_source": claim.reference_source if claim else "",
        "measured_on": claim.rows if claim else "test",
        "measured": None,
        "metrics": None,
        "test_metrics": None,
        "met": None,
    }
