"""`clearprop train`: a recipe, a recipe file, or a sensible network for a data set."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from clearprop.cli.console import listen, note, result, result_json, saying_how
from clearprop.cli.options import DataDir, Engine, Json, Offline, Quiet

if TYPE_CHECKING:
    from clearprop.data import Dataset
    from clearprop.recipes import Recipe
    from clearprop.runs.prepared import Prepared
    from clearprop.runs.record import Result
    from clearprop.runs.training import Trained

EXAMPLES = """\
Examples:
  clearprop train --data mnist                 a sensible network for a data set
  clearprop train --data photos/               your own: folders, CSV, IDX, npz
  clearprop train fashion-sgd                  a recipe (clearprop recipes list)
  clearprop train fashion-sgd --set learning_rate=0.05 --epochs 5
  clearprop train explicit-numpy --set "layers=[784, 30, 10]" --explain
  clearprop train my-recipe.toml --engine jax --out runs/mine --json
  clearprop train mnist-small --out runs/mine --resume auto   resume if stopped
  clearprop train --resume runs/mnist          resume that one"""


def register(app: App) -> None:
    """Add the command."""
    app.command(train, help_prologue=EXAMPLES, help="Train a network and write it to a folder.")


def train(
    recipe: Annotated[str | None, Parameter(help="A recipe's name, or a TOML file.")] = None,
    /,
    *,
    data: Annotated[
        str | None, Parameter(help="A data set (clearprop datasets list), or a file or folder.")
    ] = None,
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
    resume: Annotated[
        str | None,
        Parameter(help="auto: go on where a training was stopped, else begin; or its folder."),
    ] = None,
    checkpoint_every: Annotated[
        str, Parameter(help="How often to save: 200steps, 2epochs or 30s.")
    ] = "30s",
    explain: Annotated[
        bool, Parameter(help="First show one batch, forward and back.", show_default=False)
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
    offline: Offline = False,
) -> int:
    """Train; see EXAMPLES."""
    from clearprop.errors import SettingError
    from clearprop.runs.default import fitted
    from clearprop.runs.explanation import explanation
    from clearprop.runs.folder import check_folder, open_folder
    from clearprop.runs.into_folder import train_into
    from clearprop.runs.pictures import write_pictures
    from clearprop.runs.prepared import load_rows, prepare
    from clearprop.runs.request import Request
    from clearprop.training.checkpoints import Every

    listen(quiet)
    check_folder(out)
    Every.of(checkpoint_every)
    chosen = Request(recipe, data, engine, epochs, seed, set_).find(resume)
    if chosen.committee is not None and explain:
        raise SettingError(
            f"--explain shows a batch of one network; {chosen.name} is a committee: name the "
            "recipe of one of its members"
        )
    if chosen.fit.refit and recipe is not None:
        note(
            f"{recipe} holds its validation rows back here; clearprop reproduce {recipe} --keep "
            "DIR trains it once more, on all rows",
            quiet,
        )
    rows = load_rows(chosen, data_dir, offline, quiet)
    if chosen.committee is not None:
        return _report(_together(chosen, rows, out, resume, checkpoint_every, quiet), json)
    if recipe is None and data is not None:
        chosen = fitted(chosen, rows)
    prepared = prepare(chosen, rows)
    stream = None if quiet else sys.stderr if json else sys.stdout
    with open_folder(chosen, out, resume) as run:
        if run.finished is not None:
            note(f"{run.folder}: this training is already finished", quiet)
            return _report(run.finished, json)
        note(_found(prepared), quiet)
        if not quiet:
            print(prepared.model.summary(), file=stream)
        if explain:
            print(explanation(prepared), file=stream)
        trained, made = train_into(run, prepared, checkpoint_every, stream)
        note(write_pictures(trained, run.folder), quiet)
    return _report(made, json, trained)


def _together(
    recipe: Recipe, data: Dataset, out: str | None, resume: str | None, every: str, quiet: bool
) -> Result:
    from clearprop.runs.committees import MEMBERS, join
    from clearprop.runs.folder import open_folder

    stream = None if quiet else sys.stderr
    with open_folder(recipe, out, resume) as run, saying_how(f"resume with --resume {run.folder}"):
        made, _ = join(recipe, run, run.folder / MEMBERS, data, stream, every)
        return made


def _found(prepared: Prepared) -> str:
    from clearprop.runs.prepared import targets_of

    data, shape = prepared.data, "×".join(map(str, prepared.train.images.shape[1:]))
    asked = targets_of(prepared.train)
    what = f"in {asked}" if prepared.train.task == "classes" else f"with {asked}"
    parts = [f"{len(prepared.train):,} rows of {shape} {what}"]
    if prepared.held_out is not None:
        parts.append(f"{len(prepared.held_out):,} held out for validation")
    parts.append("no test rows" if data.test is None else f"{len(data.test):,} test rows")
    return f"{data.name}: {', '.join(parts)}"


def _report(made: Result, json: bool, trained: Trained | None = None) -> int:
    """Print what came of a training, and return the exit code."""
    if json:
        result_json(made)
    else:
        told = [] if trained is None else _told(trained, made)
        result("\n".join([*told, *_figures(made)]))
    return 130 if made["interrupted"] else 0


def _told(trained: Trained, made: Result) -> list[str]:
    lines = (
        _five_lines(trained.prepared) if "five_predictions" in trained.prepared.recipe.show else []
    )
    if trained.interrupted:
        best = trained.history.best_epoch
        kept = "as it stood" if best is None else f"of epoch {best}, the best one"
        lines.append(f"stopped by Ctrl-C; the file holds the network {kept}")
    return lines


def _figures(made: Result) -> list[str]:
    from clearprop.cli.metrics import metrics_in_words
    from clearprop.tasks import METRICS, TASKS

    lines = [f"model: {made['model']}"]
    for rows, metrics in (("test", made["test_metrics"]), ("validation", made["metrics"])):
        if metrics is not None:
            shown = metrics_in_words(made["task"], metrics, f"{rows} ")
            return [*lines, shown + ("" if rows == "test" else " (no test rows)")]
    judge = METRICS[TASKS[made["task"]].judge].title
    return [*lines, f"no {judge}: there are no test rows; hold some out with --set validation=0.1"]


def _five_lines(prepared: Prepared) -> list[str]:
    """Return five predictions as lines: the answer, the truth, and for classes ✓ or ✗."""
    what, rows = prepared.shown()
    if rows.task != "classes":
        answers, truths = prepared.model.predict(rows.images[:5]), rows.labels[:5]
        told = (f"  {a}  truth: {t}" for a, t in zip(answers, truths, strict=True))
        return [f"five {what} predictions:", *told]
    chances = prepared.model.predict_proba(rows.images[:5])
    width = max(len(name) for name in rows.classes)
    lines = [f"five {what} predictions:"]
    for chance, label in zip(chances, rows.labels[:5], strict=True):
        named, truth = rows.classes[int(chance.argmax())], rows.classes[label]
        mark = "✓" if named == truth else "✗"
        lines.append(f"  {mark} {named:<{width}} {100 * chance.max():5.1f} %  truth: {truth}")
    return lines
