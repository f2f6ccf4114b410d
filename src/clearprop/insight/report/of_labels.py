"""The report of a model of several labels."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from clearprop.data import Split
from clearprop.insight.label_chart import draw_labels
from clearprop.insight.report.classifier import (
    WORST,
    Model,
    check_finite,
    none_if_nan,
    worst_places,
)
from clearprop.insight.report.markup import chart, percent, section, table, text
from clearprop.insight.report.page import Tile, page
from clearprop.maths.metrics import area_under_roc, scores_of
from clearprop.tasks.matching import by_name


class Label(msgspec.Struct, frozen=True):
    """How well a label is recognized; None where nothing can be said.

    Attributes:
        name: of the label.
        accuracy: share of the rows whose yes or no is right.
        precision: share of true ones among the rows predicted as yes.
        recall: share of the true ones that are predicted as yes.
        f1: the harmonic mean of the two.
        roc_auc: how often a row with a yes has a higher probability than one with a no.
        support: how many rows have a yes.
    """

    name: str
    accuracy: float
    precision: float | None
    recall: float | None
    f1: float | None
    roc_auc: float | None
    support: int


class Mistake(msgspec.Struct, frozen=True):
    """An answer that was wrong: the row's number from 0, the label, and its probability."""

    row: int
    label: str
    probability: float
    truth: bool


class OfLabels:
    """The report of a model of several labels.

    Raises:
        DataError: rows that do not fit the model.
        ModelFileError: the model's outputs are not finite.
    """

    def __init__(self, model: Model, split: Split) -> None:
        self.found, self.names = model.evaluate(split), model.classes
        probabilities = model.predict_proba(split)
        check_finite("the outputs are", probabilities)
        self._true = by_name(split.labels, split.classes, self.names) > 0.5
        self._sure = probabilities.astype(np.float64)
        self.labels = [self._label(k) for k in range(len(self.names))]
        self.mistakes = self._mistakes()

    def _label(self, k: int) -> Label:
        true, taken = self._true[:, k], self._sure[:, k] > 0.5
        counts = np.array([[(true & taken).sum()], [taken.sum()], [true.sum()]], np.float64)
        scores = scores_of(np, *counts)
        area = area_under_roc(np, self._sure[:, k], true * 1.0, np.ones(len(true)))
        precision, recall, f1 = (none_if_nan(float(one[0])) for one in scores)
        return Label(
            name=self.names[k],
            accuracy=float((true == taken).mean()),
            precision=precision,
            recall=recall,
            f1=f1,
            roc_auc=none_if_nan(float(area)),
            support=int(true.sum()),
        )

    def _mistakes(self) -> list[Mistake]:
        wrong = (self._sure > 0.5) != self._true
        sure = np.where(wrong, np.abs(self._sure - 0.5), -1.0)
        return [
            Mistake(i, self.names[k], float(self._sure[i, k]), bool(self._true[i, k]))
            for i, k in worst_places(sure, min(WORST, int(wrong.sum())))
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the figures, as JSON has them."""
        parts = {"labels": self.labels, "mistakes": self.mistakes}
        return {**self.found.as_dict(), "rows": self.found.rows} | msgspec.to_builtins(parts)

    def draw(self, place: Path) -> None:
        """Draw the chart into a folder."""
        draw_labels(place / "labels.png", self._true, self._sure > 0.5, self.names)

    def page(self, title: str) -> str:
        """Return the page."""
        metrics = self.found.metrics
        tiles = [
            Tile("accuracy", percent(metrics["accuracy"]), "of all single answers"),
            Tile("subset accuracy", percent(metrics["subset_accuracy"]), "rows with all right"),
            Tile("F1", f"{metrics['f1']:.4f}", "mean over the labels"),
            Tile("loss", f"{self.found.loss:.4f}", "mean over the rows"),
        ]
        parts = {"labels": self._recognized(), "mistakes": self._worst()}
        rows = f"{self.found.rows:,} rows, {len(self.names)} labels"
        return page(title, rows, tiles, parts, "")

    def _recognized(self) -> str:
        heads = ("label", "accuracy", "precision", "recall", "F1", "ROC AUC", "rows with a yes")
        rows = [
            (
                text(one.name),
                percent(one.accuracy, 1),
                *(percent(x, 1) for x in (one.precision, one.recall, one.f1, one.roc_auc)),
                f"{one.support:,}",
            )
            for one in self.labels
        ]
        return section(
            "labels",
            "Which labels does it recognize?",
            "<p>Rows with a yes are blue if found and orange if missed; rows with a no that were "
            "predicted as yes are pale.</p>",
            chart("labels.png", "Rows found, missed and wrongly found, label by label."),
            table(heads, rows)
            + '<p class="note">Precision: of the rows predicted as yes, the share that is. '
            "Recall: of the rows with a yes, the share that is found. F1: their harmonic mean. ROC "
            "AUC: how often a row with a yes has a higher probability than one with a no.</p>",
        )

    def _worst(self) -> str:
        title = "Where was it surest, and wrong?"
        if not self.mistakes:
            return section("mistakes", title, "<p>Nowhere: every answer is right.</p>")
        rows = [
            (
                f"{one.row:,}",
                text(one.label),
                percent(one.probability, 1),
                "yes" if one.truth else "no",
            )
            for one in self.mistakes
        ]
        return section(
            "mistakes",
            title,
            "<p>The surest mistakes first. Some rows may be mislabeled.</p>",
            table(("row", "label", "probability of yes", "truth"), rows),
        )
