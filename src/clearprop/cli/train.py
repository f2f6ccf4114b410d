"""`clearprop train`: a recipe, a recipe file, or a sensible network for a data set."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from clearprop.cli.console import note, result, result_json
from clearprop.cli.options import DataDir, Engine, Json, Offline, Quiet

if TYPE_CHECKING:
    from clearprop.cli.learning import Learned
    from clearprop.data import Dataset
    from clearprop.recipes import Recipe

EXAMPLES = """\
Examples:
  clearprop train --data mnist                 a sensible network for a data set
  clearprop train fashion-sgd                  a recipe (clearprop recipes list)
  clearprop train fashion-sgd --set learning_rate=0.05 --epochs 5
  clearprop train explicit-numpy --set "layers=[784, 30, 10]" --explain
  clearprop train my-recipe.toml --engine jax --out runs/mine --json"""


def register(app: App) -> None:
    """Add the command."""
    app.command(train, help_prologue=EXAMPLES, help="Train a network and write it to a folder.")


def train(
    recipe: Annotated[str | None, Parameter(help="A recipe's name, or a TOML file.")] = None,
    /,
    *,
    data: Annotated[str | None, Parameter(help="A data set: clearprop datasets list.")] = None,
    engine: Engine = None,
    epochs: Annotated[int | None, Parameter(help="How often every row is visited.")] = None,
    seed: Annotated[int | None, Parameter(help="The seed of every random draw.")] = None,
    set_: Annotated[
        tuple[str, ...],
        Parameter(
            name="--set", help="Change a setting: KEY=VALUE. May be repeated.", show_default=False
        ),
    ] = (),
    out: Annotated[
        str | None, Parameter(help="Folder to write to; else a new one in runs/.")
    ] = None,
    explain: Annotated[
        bool, Parameter(help="First show one batch, forward and back.", show_default=False)
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
    offline: Offline = False,
) -> int:
    """Train; see EXAMPLES."""
    from clearprop.cli.learning import (
        build_model,
        check_folder,
        learn,
        make_folder,
        write_pictures,
        write_run,
    )
    from clearprop.data import load
    from clearprop.training.intake import rows_of
    from clearprop.training.progress import Progress

    check_folder(out)
    chosen, rows = _chosen(recipe, data, data_dir, offline, quiet)
    chosen = _changed(chosen, data, engine, epochs, seed, set_)
    model = build_model(chosen)
    if rows is None or rows.name != chosen.data.name:
        rows = load(chosen.data.name, data_dir=data_dir, offline=offline or None, quiet=quiet)
    stream = None if quiet else sys.stderr if json else sys.stdout
    if not quiet:
        print(model.summary(), file=stream)
    if explain:
        print(explanation(chosen, rows), file=stream)
    watched = rows_of(rows.test) if "test_each_epoch" in chosen.show else None
    learned = learn(chosen, model, rows, Progress(stream, watched, chosen.name))
    folder = make_folder(chosen, out)
    path = write_run(learned, rows, folder)
    note(write_pictures(learned, rows, folder), quiet)
    _report(learned, rows, str(path), json)
    return 130 if learned.interrupted else 0


def _chosen(
    recipe: str | None, data: str | None, data_dir: str | None, offline: bool, quiet: bool
) -> tuple[Recipe, Dataset | None]:
    from clearprop import recipes
    from clearprop.cli.learning import default_recipe
    from clearprop.data import load
    from clearprop.data import names as data_names
    from clearprop.errors import SettingError

    if recipe in data_names():
        raise SettingError(f"{recipe} is a data set, not a recipe: clearprop train --data {recipe}")
    if recipe is not None:
        return recipes.load(recipe), None
    if data is None:
        raise SettingError(
            "name a recipe or a data set: clearprop train --data mnist\n"
            f"The recipes are {', '.join(recipes.names())}."
        )
    rows = load(data, data_dir=data_dir, offline=offline or None, quiet=quiet)
    return default_recipe(rows), rows


def _changed(
    recipe: Recipe,
    data: str | None,
    engine: str | None,
    epochs: int | None,
    seed: int | None,
    settings: tuple[str, ...],
) -> Recipe:
    from clearprop.recipes import changed

    named = {"data.name": data, "model.engine": engine, "fit.epochs": epochs, "model.seed": seed}
    own = [f"{key}={value}" for key, value in named.items() if value is not None]
    return changed(recipe, [*settings, *own])


def explanation(recipe: Recipe, data: Dataset) -> str:
    """Return the first batch of a recipe's training, step by step, as text."""
    import msgspec

    from clearprop.cli.learning import build_model, divided
    from clearprop.insight.explain import explain, first_batch
    from clearprop.insight.explanation import render
    from clearprop.network import Preparation
    from clearprop.training.intake import rows_of

    model, rows = build_model(recipe), rows_of(divided(recipe, data)[0])
    training = msgspec.structs.replace(model.settings, batch_size=recipe.fit.batch_size)
    kind = recipe.model.get("preparation", "unit")
    preparation = Preparation.of(kind, rows.x) if rows.x.dtype == "uint8" else Preparation()
    batch, values = first_batch(model.network, training, preparation, rows)
    return render(explain(model.network, model.parameters, batch, values), len(batch.x))


def _report(learned: Learned, data: Dataset, path: str, json: bool) -> None:
    from clearprop.cli.learning import five_lines

    if json:
        result_json(
            {
                "recipe": learned.recipe.name,
                "test_accuracy": learned.test.accuracy,
                "test_loss": learned.test.loss,
                "validation_accuracy": learned.model.validation_accuracy,
                "epochs": len(learned.history),
                "seconds": learned.seconds,
                "engine": learned.model.chosen.name if learned.model.chosen else None,
                "model": path,
                "resumed_from": 0,
                "interrupted": learned.interrupted,
            }
        )
        return
    if "five_predictions" in learned.recipe.show:
        result("\n".join(five_lines(learned, data)))
    if learned.interrupted:
        best = learned.history.best_epoch
        kept = "as it stood" if best is None else f"of epoch {best}, the best one"
        result(f"stopped by Ctrl-C; the file holds the network {kept}")
    result(f"model: {path}")
    result(f"test accuracy: {100 * learned.test.accuracy:.2f} %")
