"""Pictures of a training: learning curves, predictions, the last hidden layer."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from clearprop.errors import DataError, MissingExtraError
from clearprop.insight.answers import draw_answers
from clearprop.insight.curves import draw_learning_curves
from clearprop.insight.embedding import PICTURED, draw_hidden_layer
from clearprop.runs.prepared import Prepared
from clearprop.runs.training import Trained


def write_pictures(trained: Trained, folder: Path) -> str:
    """Draw the pictures of a training; return a sentence on what was drawn and what was not."""
    drawn, missing = [], []
    for draw in _pictures(trained):
        try:
            drawn.append(str(draw(folder)))
        except (DataError, MissingExtraError) as error:
            missing.append(str(error))
    said = [f"pictures: {', '.join(drawn)}"] if drawn else []
    return "\n".join([*said, *dict.fromkeys(missing)])


def _pictures(trained: Trained) -> list[Callable[[Path], Path]]:
    made: list[Callable[[Path], Path]]
    made = [partial(_draw_curves, trained)] if len(trained.history) > 1 else []
    made.append(partial(_draw_predictions, trained.prepared))
    if "hidden_layer" in trained.prepared.recipe.show:
        made.append(partial(_draw_hidden_layer, trained.prepared))
    return made


def _draw_curves(trained: Trained, folder: Path) -> Path:
    histories = {"": trained.history.series}
    title, judge = trained.prepared.recipe.title, trained.prepared.model.network.task_type.judge
    return draw_learning_curves(folder / "curves.png", histories, metric=judge, title=title)


def _draw_predictions(prepared: Prepared, folder: Path) -> Path:
    what, rows = prepared.shown()
    return draw_answers(folder / "predictions.png", prepared.model, rows, what)


def _draw_hidden_layer(prepared: Prepared, folder: Path) -> Path:
    what, rows = prepared.shown()
    if rows.task != "classes":
        raise DataError(
            f"no picture of a hidden layer: it shows classes, and these are {rows.task}"
        )
    hidden = prepared.model.hidden(rows.images[:PICTURED])
    title = f"The last hidden layer of {prepared.recipe.name}, {len(hidden):,} {what} rows"
    path = folder / "hidden_layer.png"
    return draw_hidden_layer(path, hidden, rows.labels[:PICTURED], rows.classes, title=title)
