"""The report of a model of real numbers: how far off it is, and where."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from clearprop.data import Split
from clearprop.insight.report.classifier import Model, check_finite, worst_places
from clearprop.insight.report.markup import chart, section, table, text
from clearprop.insight.report.page import Tile, page
from clearprop.insight.scatter import draw_errors, draw_true_and_predicted
from clearprop.tasks.matching import by_name
from clearprop.tasks.metrics import number
from clearprop.tasks.values import MEASURES

SHARES = (0.5, 0.8, 0.9, 0.95, 0.99)


class Column(msgspec.Struct, frozen=True):
    """How well a column is predicted, in its own unit.

    Attributes:
        name: of the column.
        r2: the coefficient of determination.
        rmse: the root mean square error.
        mae: the mean absolute error.
        bias: the mean of predicted less true.
        within: for some shares of the rows, the error that they do not exceed.
    """

    name: str
    r2: float
    rmse: float
    mae: float
    bias: float
    within: dict[str, float]


class Miss(msgspec.Struct, frozen=True):
    """A row that was missed by far: its number from 0, and the prediction."""

    row: int
    column: str
    true: float
    predicted: float


class OfValues:
    """The report of a model of real numbers.

    Raises:
        DataError: rows that do not fit the model.
        ModelFileError: the model's outputs are not finite.
    """

    def __init__(self, model: Model, split: Split) -> None:
        self.found = model.evaluate(split)
        self.names = model.classes
        self.true = by_name(split.labels, split.classes, self.names)
        self.predicted = model.predict(split).reshape(self.true.shape)
        check_finite("the outputs are", self.predicted)
        self.columns = [self._column(k) for k in range(len(self.names))]
        self.misses = self._misses(np.asarray(model.targets.deviations))

    def _column(self, k: int) -> Column:
        true, predicted = self.true[:, k : k + 1], self.predicted[:, k : k + 1]
        weight, error = np.ones(len(true)), predicted[:, 0] - true[:, 0]
        found = {
            name: float(measure(np, predicted, true, weight)[0])
            for name, measure in MEASURES.items()
        }
        within = {f"{q:g}": float(np.quantile(np.abs(error), q)) for q in SHARES}
        return Column(self.names[k], **found, bias=float(error.mean()), within=within)

    def _misses(self, deviations: np.ndarray) -> list[Miss]:
        """Return the answers that are farthest off, in standard deviations of their columns."""
        off = np.abs(self.predicted - self.true) / deviations
        return [
            Miss(i, self.names[k], float(self.true[i, k]), float(self.predicted[i, k]))
            for i, k in worst_places(off)
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the figures, as JSON has them."""
        parts = {"columns": self.columns, "misses": self.misses}
        return {**self.found.as_dict(), "rows": self.found.rows} | msgspec.to_builtins(parts)

    def draw(self, place: Path) -> None:
        """Draw the charts into a folder."""
        draw_true_and_predicted(place / "values.png", self.true, self.predicted, self.names)
        draw_errors(place / "errors.png", self.predicted - self.true, self.names)

    def page(self, title: str) -> str:
        """Return the page."""
        metrics = self.found.metrics
        count = len(self.names)
        mean = "mean over the columns" if count > 1 else "in the unit of the values"
        tiles = [
            Tile("R²", f"{metrics['r2']:.4f}", "1 is perfect, 0 as good as the mean"),
            Tile("root mean square error", number(metrics["rmse"]), mean),
            Tile("mean absolute error", number(metrics["mae"]), mean),
            Tile("loss", f"{self.found.loss:.4f}", "mean over the rows"),
        ]
        parts = {"errors": self._errors(), "misses": self._worst()}
        rows = f"{self.found.rows:,} rows, {count} column{'s' if count > 1 else ''} of values"
        return page(title, rows, tiles, parts, "")

    def _errors(self) -> str:
        heads = ("column", "R²", "RMSE", "MAE", "bias", *(f"{100 * q:g} % within" for q in SHARES))
        rows = [
            (
                text(one.name),
                f"{one.r2:.4f}",
                *map(number, (one.rmse, one.mae, one.bias)),
                *map(number, one.within.values()),
            )
            for one in self.columns
        ]
        alt = "Predicted over true values, a dot a row; on the line both are equal."
        return section(
            "errors",
            "How far off is it?",
            "<p>On the line in the first picture predicted and true values are equal. The second "
            "shows how often each error occurs; where its center is not at 0, the predictions are "
            "too high or too low on average.</p>",
            chart("values.png", alt),
            chart("errors.png", "How many rows have which error; the table has figures."),
            table(heads, rows),
        )

    def _worst(self) -> str:
        rows = [
            (
                f"{one.row:,}",
                text(one.column),
                number(one.true, 6),
                number(one.predicted, 6),
                number(one.predicted - one.true, sign="+"),
            )
            for one in self.misses
        ]
        return section(
            "misses",
            "Where was it farthest off?",
            f"<p>The {len(rows)} predictions that are farthest off, in standard deviations of "
            "their column. Some rows may have wrong values.</p>",
            table(("row", "column", "true", "predicted", "error"), rows),
        )
