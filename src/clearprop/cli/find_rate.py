"""`clearprop find-rate`: a learning rate to start with, from one short run."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from clearprop.cli.console import note, result, result_json
from clearprop.cli.options import Data, DataDir, Engine, Json, Offline, Quiet, RecipeName, Set

EXAMPLES = """\
Examples:
  clearprop find-rate mnist-small --plot rate.png
  clearprop find-rate --data mnist --set optimizer=sgd
  clearprop find-rate my-recipe.toml --set batch_size=32 --json

The rate rises from 1e-6 to 10 by the same factor with every step, until the
loss explodes (Smith 2017). Suggested is the rate at which the smoothed loss
falls most steeply. It is a place to begin: a sweep around it measures."""


def register(app: App) -> None:
    """Add the command."""
    app.command(
        find_rate,
        name="find-rate",
        help_prologue=EXAMPLES,
        help="Find a learning rate to begin with.",
    )


def find_rate(
    recipe: RecipeName = None,
    /,
    *,
    data: Data = None,
    engine: Engine = None,
    seed: Annotated[int | None, Parameter(help="The seed of every random draw.")] = None,
    set_: Set = (),
    steps: Annotated[int, Parameter(help="How many steps the rate takes to rise.")] = 200,
    plot: Annotated[
        Path | None, Parameter(help="Draw the loss over the rate into this PNG file.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
    offline: Offline = False,
) -> None:
    """Find; see EXAMPLES."""
    from clearprop.runs.request import Request
    from clearprop.search import find_learning_rate

    asked = Request(recipe, data, engine, None, seed, set_)
    prepared = asked.prepare("find-rate", data_dir, offline, quiet)
    batch_size = prepared.recipe.fit.batch_size
    found = find_learning_rate(prepared.model, prepared.train, batch_size=batch_size, steps=steps)
    if plot is not None:
        from clearprop.search.pictures import draw_rate_test

        title = f"Learning-rate test: {prepared.recipe.name}, batches of {batch_size}"
        note(f"picture: {draw_rate_test(plot, found, title=title)}", quiet)
    rate = float(f"{found.suggestion:.2g}")
    command = asked.train_command({"learning_rate": rate})
    if json:
        arrays = {"rates": found.rates, "losses": found.losses, "smoothed": found.smoothed}
        counts = {"suggestion": rate, "steps": len(found.rates), "exploded": found.exploded}
        plain = {name: values.tolist() for name, values in arrays.items()}
        result_json(counts | {"command": command} | plain)
        return
    lowest = int(found.smoothed.argmin())
    end = "it exploded" if found.exploded else "the run ended"
    result(
        f"learning_rate = {rate:g}: here the smoothed loss falls most steeply, in batches of "
        f"{batch_size}\n"
        f"it was lowest at {found.rates[lowest]:.2g} ({found.smoothed[lowest]:.4g}); "
        f"at {found.rates[-1]:.2g} {end}\n"
        f"train with it: {command}"
    )
