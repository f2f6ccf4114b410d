"""`clearprop evaluate`: how good a model file is on a data set's test rows."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from clearprop.cli.console import note, result, result_json
from clearprop.cli.options import DataDir, Engine, Json, Offline, Quiet

if TYPE_CHECKING:
    from clearprop.committee import Committee
    from clearprop.model import MLP
    from clearprop.training import Evaluation

EXAMPLES = """\
Examples:
  clearprop evaluate runs/fashion-sgd/model.safetensors --data fashion-mnist
  clearprop evaluate model.safetensors --data mnist --json
  clearprop evaluate model.safetensors --data mnist --report report/
  clearprop evaluate model.safetensors --data my-rows.csv"""


def register(app: App) -> None:
    """Add the command."""
    app.command(evaluate, help_prologue=EXAMPLES, help="Measure a model on a data set's test rows.")


def evaluate(
    model: Annotated[
        str, Parameter(help="A model file, a committee's, or the name of one that ships.")
    ],
    /,
    *,
    data: Annotated[
        str, Parameter(help="A data set (clearprop datasets list), or a file or folder.")
    ],
    report: Annotated[
        str | None, Parameter(help="Folder to write a page to: where it fails, and how.")
    ] = None,
    engine: Engine = "numpy",
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
    offline: Offline = False,
) -> None:
    """Evaluate; see EXAMPLES."""
    from clearprop.cli.metrics import metrics_in_words
    from clearprop.data import load as load_data
    from clearprop.errors import ModelFileError
    from clearprop.insight.report import check_report, write_report
    from clearprop.loading import load

    if report is not None:
        check_report(report)
    network = load(model, engine=engine or "numpy")
    # Pictures of a folder are resized as `predict` resizes them.
    size = network.inputs.sides
    rows = load_data(
        data,
        size=size,
        data_dir=data_dir,
        offline=offline or None,
        quiet=quiet,
        task=_task(network),
    )
    if rows.test is None:
        note(
            f"{rows.name} is not divided into training and test rows: all are measured, also those "
            "that the model may have learned from",
            quiet,
        )
    split, kind = (rows.train, "") if rows.test is None else (rows.test, "test ")
    found = network.evaluate(split)
    if not math.isfinite(found.loss):
        raise ModelFileError(
            f"the loss of {model} on {rows.name} is not finite: its weights are damaged or far too "
            "large; train it again"
        )
    figures = _figures(network.task, found, is_test=rows.test is not None)
    if report is not None:
        title = f"{Path(model).stem} on the {kind}rows of {rows.name}"
        with _progress(quiet) as progress:
            figures |= write_report(network, split, report, title=title, progress=progress)
        figures["report"] = str(Path(report).absolute())
    if json:
        result_json(figures)
        return
    result(f"{rows.name}: {found.rows:,} {kind}rows")
    result(f"loss: {found.loss:.4f}")
    result(metrics_in_words(network.task, found.metrics, kind))
    if report is not None:
        result(f"report: {Path(report) / 'index.html'}")


def _figures(task: str, found: Evaluation, is_test: bool) -> dict[str, Any]:
    from clearprop.runs.record import metrics_of

    # Here `metrics` are those of the measured rows, test rows or not.
    own = found.as_dict()
    made = metrics_of(task, own, own if is_test else None)
    short = {"accuracy": found.accuracy} if task == "classes" else {}
    return {"task": task, **made, "loss": found.loss, **short, "rows": found.rows}


def _task(model: MLP | Committee) -> str:
    """Return the task to read the data for: class numbers may be values to this model."""
    from clearprop.tasks import TASKS

    return TASKS[model.task].of_files


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Yield a function for progress: a bar on a terminal, else one line at the start."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, total: _said(done, total, quiet)
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("changed pictures", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _said(done: int, total: int, quiet: bool) -> None:
    if done == 1:
        note(f"measuring {total} changed copies of the pictures", quiet)
