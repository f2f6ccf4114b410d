"""The page of a report: one HTML file that needs no other but the pictures beside it."""

from __future__ import annotations

from importlib.resources import files

from clearprop.insight.report import sections
from clearprop.insight.report.figures import Figures
from clearprop.insight.report.markup import percent, text
from clearprop.maths.calibration import BINS

PARTS = ("classes", "confidence", "abstention", "robustness", "mistakes")


def page(figures: Figures, title: str, *, has_pictures: bool) -> str:
    """Return the page as HTML.

    Args:
        figures: what it shows.
        title: its heading, plain words.
        has_pictures: whether the rows are pictures.
    """
    style = (files("clearprop.insight.report") / "page.css").read_text(encoding="utf-8")
    links = "".join(f'<a href="#{part}">{part}</a>' for part in PARTS)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{text(title)}</title>
<style>
{style}</style>
</head>
<body>
<header>
<p class="kind">How good it is, and where it fails</p>
<h1>{text(title)}</h1>
<p>{figures.rows:,} rows, {len(figures.classes)} classes</p>
{_tiles(figures)}
<nav aria-label="Sections">{links}</nav>
</header>
<main>
{sections.classes(figures)}
{sections.confidence(figures)}
{sections.abstention(figures)}
{sections.robustness(figures)}
{sections.mistakes(figures, has_pictures)}
</main>
<footer>
{_notes()}
</footer>
</body>
</html>
"""


def _tiles(figures: Figures) -> str:
    low, high = figures.accuracy_interval
    tiles = [
        (
            "accuracy",
            percent(figures.accuracy),
            f"95 % interval: {100 * low:.2f} to {100 * high:.2f}",
        ),
        ("mistakes", f"{figures.wrong:,}", f"of {figures.rows:,} rows"),
        ("loss", f"{figures.loss:.4f}", "mean over the rows"),
        ("calibration error", percent(figures.calibration_error), f"expected, {BINS} bins"),
    ]
    cells = "\n".join(
        f"<div><dt>{name}</dt><dd>{value}<small>{more}</small></dd></div>"
        for name, value, more in tiles
    )
    return f"<dl>\n{cells}\n</dl>"


def _notes() -> str:
    return (
        "<p>The rows were only read: nothing, a temperature neither, was fitted to them. The "
        "interval of the accuracy is Wilson's: made so from one set of rows after another, it "
        "would hold the true accuracy in 95 of 100 cases. All figures stand in "
        '<a href="report.json">report.json</a>. Made by Clearprop.</p>'
    )
