"""`clearprop reproduce`: train recipes and hold each result against its claim."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from clearprop.cli.console import note, result, result_json
from clearprop.cli.options import DataDir, Json, Offline, Quiet

if TYPE_CHECKING:
    from clearprop.data import Dataset
    from clearprop.recipes import Recipe

EXAMPLES = """\
Examples:
  clearprop reproduce                    every recipe
  clearprop reproduce fashion-sgd        one of them
  clearprop reproduce --json             for a script; progress goes to stderr

Leaves with 3 where a claim is missed."""

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

    chosen = [recipes.load(name) for name in names or recipes.names()]
    rows = [_row(recipe, data_dir, offline, quiet) for recipe in chosen]
    if json:
        result_json(rows)
    else:
        result("\n".join(_table(rows)))
    return MISSED if any(row["met"] is False for row in rows) else 0


def _row(recipe: Recipe, data_dir: str | None, offline: bool, quiet: bool) -> dict:
    from clearprop.data import load
    from clearprop.errors import DatasetUnavailableError, EngineError, MissingExtraError
    from clearprop.recipes import variant_of

    claim = recipe.claim
    row: dict[str, Any] = {
        "recipe": recipe.name,
        "title": recipe.title,
        "claim": claim.accuracy if claim else None,
        "source": claim.source if claim else None,
        "measured": None,
        "met": None,
    }
    try:
        data = load(recipe.data.name, data_dir=data_dir, offline=offline or None, quiet=quiet)
        row |= _measure(recipe, data, quiet)
        variant = variant_of(recipe)
        if variant is not None:
            row["variant"] = {"title": variant.title, **_measure(variant, data, quiet)}
    except (DatasetUnavailableError, EngineError, MissingExtraError) as error:
        row["message"] = str(error)
        return row
    row["met"] = None if claim is None else bool(row["measured"] >= claim.accuracy)
    return row


def _measure(recipe: Recipe, data: Dataset, quiet: bool) -> dict:
    from clearprop.cli.learning import build_model, learn
    from clearprop.training.progress import Progress

    note(f"{recipe.name}: {recipe.title}", quiet)
    stream = None if quiet else sys.stderr
    learned = learn(recipe, build_model(recipe), data, Progress(stream, title=recipe.name))
    if learned.interrupted:
        raise KeyboardInterrupt
    return {
        "measured": learned.test.accuracy,
        "epochs": len(learned.history),
        "seconds": learned.seconds,
    }


def _table(rows: list[dict]) -> list[str]:
    lines = [f"{'recipe':<18}{'claim':>9}{'measured':>11}  met"]
    for row in rows:
        met = {True: "yes", False: "NO", None: "not measured"}[row["met"]]
        lines.append(
            f"{row['recipe']:<18}{_percent(row['claim']):>9}{_percent(row['measured']):>11}  {met}"
        )
        if "variant" in row:
            variant = row["variant"]
            lines.append(f"{'':<18}{'':>9}{_percent(variant['measured']):>11}  {variant['title']}")
        if "message" in row:
            lines += [f"    {line}" for line in row["message"].splitlines()]
    return lines


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.2f} %"
