"""`clearprop recipes`: which recipes there are, and what stands in them."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from clearprop.cli.console import result, result_json
from clearprop.cli.options import Json

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
                    "claim": one.claim.accuracy if one.claim else None,
                }
                for one in found
            ]
        )
        return
    for one in found:
        claim = f"at least {100 * one.claim.accuracy:.1f} %" if one.claim else "no claim"
        result(f"{one.name:<16} {one.title} ({one.data.name}; {claim})")


def show(name: Annotated[str, Parameter(help="A recipe's name.")], /) -> None:
    """Show; see EXAMPLES."""
    from clearprop import recipes

    recipes.load(name)
    result(recipes.source(name).rstrip())
