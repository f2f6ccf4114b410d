"""`clearprop recipes`: list the recipes and show what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from clearprop.cli.console import result, result_json
from clearprop.cli.options import Json

if TYPE_CHECKING:
    from clearprop.recipes import Recipe
    from clearprop.recipes.recipe import Claim

EXAMPLES = """\
Examples:
  clearprop recipes list
  clearprop recipes show fashion-sgd               settings and claim, as TOML
  clearprop recipes show fashion-sgd > mine.toml   start one of your own"""


def register(app: App) -> None:
    """Add the commands."""
    group = App(
        name="recipes", help_prologue=EXAMPLES, help="List the recipes and show what is in them."
    )
    group.command(list_, name="list", help="What there is, and what each claims.")
    group.command(show, help="Print a recipe's file.")
    app.command(group)


def list_(*, json: Json = False) -> None:
    """List; see EXAMPLES."""
    from clearprop import recipes

    found = [recipes.load(name) for name in recipes.names()]
    if json:
        result_json(
            [
                {
                    "recipe": one.name,
                    "title": one.title,
                    "data": one.data.name,
                    "claim": one.claim.value if one.claim else None,
                    "metric": one.claim.metric if one.claim else None,
                    "holds": one.claim.holds if one.claim else None,
                    "long": one.long,
                    "minutes": one.minutes,
                }
                for one in found
            ]
        )
        return
    for one in found:
        result(f"{one.name:<18} {one.title} ({one.data.name}; {_claim(one)}{_time(one)})")


def _claimed(claim: Claim) -> str:
    from clearprop.tasks import METRICS

    figure, way = METRICS[claim.metric], "at least" if METRICS[claim.metric].rises else "at most"
    if claim.metric == "accuracy":
        return f"{100 * claim.value:.6g} %"
    return f"{figure.title} {way} {claim.value:g}"


def _time(recipe: Recipe) -> str:
    if recipe.minutes is None:
        return "; long" if recipe.long else ""
    whole = "with all members" if recipe.committee else "a seed"
    return f"; about {recipe.minutes:g} minutes {whole} on one core"


def _claim(recipe: Recipe) -> str:
    if recipe.claim is None:
        return "no claim"
    # Rounded, 99.55 would be 99.5 or 99.6: more than is claimed, or less.
    claimed = _claimed(recipe.claim)
    return f"at least {claimed}" if recipe.claim.holds else f"{claimed}, a claim that does not hold"


def show(name: Annotated[str, Parameter(help="A recipe's name.")], /) -> None:
    """Show; see EXAMPLES."""
    from clearprop import recipes

    recipes.load(name)
    result(recipes.source(name).rstrip())
