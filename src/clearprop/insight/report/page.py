"""The page of a report: one HTML file that needs only the pictures next to it."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import NamedTuple

from clearprop.insight.report.markup import text


class Tile(NamedTuple):
    """A figure at the head of the page: its name, its value, and a line below it."""

    name: str
    value: str
    more: str


def page(
    title: str, rows: str, tiles: Sequence[Tile], sections: Mapping[str, str], notes: str
) -> str:
    """Return the page as HTML.

    Args:
        title: its heading, plain text.
        rows: which rows were measured, in a few words.
        tiles: the figures at its head.
        sections: its parts by anchor, HTML already.
        notes: text for its end, HTML already.
    """
    style = (files("clearprop.insight.report") / "page.css").read_text(encoding="utf-8")
    links = "".join(f'<a href="#{part}">{part}</a>' for part in sections)
    body = "\n".join(sections.values())
    cells = "\n".join(
        f"<div><dt>{text(name)}</dt><dd>{text(value)}<small>{text(more)}</small></dd></div>"
        for name, value, more in tiles
    )
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
<p>{text(rows)}</p>
<dl>
{cells}
</dl>
<nav aria-label="Sections">{links}</nav>
</header>
<main>
{body}
</main>
<footer>
<p>Nothing was fitted to the rows, not even a temperature. {notes}All figures are in
<a href="report.json">report.json</a>. Made by Clearprop.</p>
</footer>
</body>
</html>
"""
