"""`clearprop reproduce`: train recipes and hold each result against its claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from clearprop.cli.console import result, result_json
from clearprop.cli.options import DataDir, Json, Offline, Quiet

if TYPE_CHECKING:
    from clearprop.recipes import Recipe

EXAMPLES = """\
Examples:
  clearprop reproduce                    every recipe
  clearprop reproduce fashion-sgd        one of them
  clearprop reproduce --json             for a script; progress goes to stderr

Leaves with 3 where a claim is missed, with another code than 0 where one
could not be measured. A claim that is known not to hold is shown and marked
so; it is neither met nor a failure."""

MISSED = 3


def register(app: App) -> None:
    """Add the command."""
    app.command(reproduce, help_prologue=EXAMPLES, help="Train recipes and check their claims.")


def reproduce(
    *names: Annotated[str, Parameter(help="Names of recipes; all of them without any.")],
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
    offline: Offline = False,
) -> int:
    """Reproduce; see EXAMPLES."""
    from clearprop import recipes
    from clearprop.cli.claims_table import table

    chosen = [recipes.load(name) for name in names or recipes.names()]
    rows = [_row(recipe, data_dir, offline, quiet) for recipe in chosen]
    if json:
        result_json(rows)
    else:
        result("\n".join(table(rows)))
    if any(row["met"] is False and row["holds"] for row in rows):
        return MISSED
    return next((row["exit_code"] for row in rows if "exit_code" in row), 0)


def _row(recipe: Recipe, data_dir: str | None, offline: bool, quiet: bool) -> dict:
    from clearprop.cli.learning import load_rows
    from clearprop.cli.measuring import measure
    from clearprop.errors import ClearpropError
    from clearprop.recipes import as_claimed, variants_of

    claim = recipe.claim
    row = _claim(recipe)
    seeds = claim.seeds if claim else 1
    try:
        data = load_rows(recipe, data_dir, offline, quiet)
        variants = variants_of(recipe)
        row |= measure(as_claimed(recipe), claim, data, seeds, quiet)
        row["met"] = None if claim is None else bool(row["measured"] >= claim.accuracy)
        row["variants"] = [
            {"title": one.title, **measure(one, claim, data, seeds, quiet)} for one in variants
        ]
    except ClearpropError as error:
        # What the other recipes showed is not lost by one that cannot be measured.
        row |= {"message": str(error), "exit_code": error.exit_code}
    return row


def _claim(recipe: Recipe) -> dict[str, Any]:
    claim = recipe.claim
    return {
        "recipe": recipe.name,
        "title": recipe.title,
        "claim": claim.accuracy if claim else None,
        "source": claim.source if claim else None,
        "settings": claim.settings if claim else {},
        "holds": claim.holds if claim else None,
        "reference": claim.reference if claim else None,
        "reference_source": claim.reference_source if claim else "",
        "measured_on": claim.rows if claim else "test",
        "measured": None,
        "met": None,
    }
