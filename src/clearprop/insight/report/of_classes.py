"""The report of a classifier: which classes it mistakes, how sure it is, how robust."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from clearprop.data import Split
from clearprop.data.pictures.images import write_image
from clearprop.insight.report import charts, sections
from clearprop.insight.report.classifier import Classifier
from clearprop.insight.report.corruptions import CORRUPTIONS, Span, corrupted, span_of
from clearprop.insight.report.figures import Figures, measure
from clearprop.insight.report.markup import percent
from clearprop.insight.report.page import Tile, page
from clearprop.maths.calibration import BINS

Array = np.ndarray[Any, Any]
NOTES = (
    "The accuracy's interval is Wilson's: computed from many sets of rows, it would contain the "
    "true accuracy in 95 of 100 cases. "
)


class OfClasses:
    """The report of a classifier on labeled rows; see `figures.measure`."""

    def __init__(
        self, model: Classifier, split: Split, progress: Callable[[int, int], None]
    ) -> None:
        self.figures, self._curve, self._pictures = measure(model, split, progress)

    def as_dict(self) -> dict[str, Any]:
        """Return the figures, as JSON has them."""
        return self.figures.as_dict()

    def draw(self, place: Path) -> None:
        """Draw the charts into a folder, and write the pictures that the page shows."""
        figures, pictures = self.figures, self._pictures
        charts.draw_confusion(place / "confusion.png", figures)
        charts.draw_abstention(place / "abstention.png", self._curve)
        if figures.calibration:
            charts.draw_reliability(place / "reliability.png", figures.calibration)
        if pictures is not None:
            curves, classes = figures.robustness, len(figures.classes)
            charts.draw_robustness(place / "robustness.png", curves, classes)
            _write_pictures(figures, pictures, place)

    def page(self, title: str) -> str:
        """Return the page."""
        figures = self.figures
        parts = {
            "classes": sections.classes(figures),
            "confidence": sections.confidence(figures),
            "abstention": sections.abstention(figures),
            "robustness": sections.robustness(figures),
            "mistakes": sections.mistakes(figures, self._pictures is not None),
        }
        rows = f"{figures.rows:,} rows, {len(figures.classes)} classes"
        return page(title, rows, _tiles(figures), parts, NOTES)


def _tiles(figures: Figures) -> list[Tile]:
    low, high = figures.accuracy_interval
    interval = f"95 % interval: {100 * low:.2f} to {100 * high:.2f}"
    return [
        Tile("accuracy", percent(figures.accuracy), interval),
        Tile("mistakes", f"{figures.wrong:,}", f"of {figures.rows:,} rows"),
        Tile("loss", f"{figures.loss:.4f}", "mean over the rows"),
        Tile("calibration error", percent(figures.calibration_error), f"expected, {BINS} bins"),
    ]


def _write_pictures(figures: Figures, pictures: Array, place: Path) -> None:
    """Write the first picture under every strength of each corruption, and the mistakes."""
    first, span = pictures[:1], span_of(pictures)
    for corruption, curve in zip(CORRUPTIONS, figures.robustness, strict=True):
        for number, strength in enumerate(curve.strengths):
            changed = corrupted(first, corruption, strength, span) if strength else first
            write_image(place / f"{curve.name}-{number}.png", _gray(changed[0], span))
    for number, one in enumerate(figures.mistakes, start=1):
        write_image(place / f"mistake-{number}.png", _gray(pictures[one.row], span))


def _gray(picture: Array, span: Span) -> Array:
    """Return a picture as uint8: black where it is darkest, white where it is brightest."""
    share = (picture - span.low) / (span.high - span.low)
    return np.rint(255.0 * share).astype(np.uint8)
