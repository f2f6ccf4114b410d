"""Pieces of HTML: text that cannot become markup, tables, pictures with their description."""

from collections.abc import Iterable, Sequence
from html import escape

from clearprop.errors import in_one_line


def text(words: object) -> str:
    """Return words escaped for HTML text and attributes: names come from files."""
    return escape(in_one_line(words))


def percent(share: float | None, decimals: int = 2) -> str:
    """Return a share as a percentage, or a dash."""
    return "–" if share is None else f"{100 * share:.{decimals}f} %"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "plain") -> str:
    """Return a table whose first column names its rows.

    Args:
        heads: the columns' names, plain text.
        rows: cells that are HTML already.
        kind: its style: "plain", "matrix" or "strip".
    """
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in heads)
    body = "\n".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in others)}</tr>'
        for first, *others in rows
    )
    return (
        f'<div class="wide"><table class="{kind}"><thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def chart(file: str, alt: str) -> str:
    """Return a chart, which the page darkens on a dark screen."""
    return f'<img class="chart" src="{file}" alt="{text(alt)}">'


def picture(file: str, alt: str) -> str:
    """Return a picture from the rows, with square pixels and its own colors."""
    return f'<img class="pixels" src="{file}" alt="{text(alt)}">'


def folded(summary: str, inside: str) -> str:
    """Return a part that opens on a click."""
    return f"<details><summary>{text(summary)}</summary>\n{inside}\n</details>"


def section(anchor: str, title: str, *parts: str) -> str:
    """Return a section with its title."""
    inside = "\n".join(parts)
    return f'<section id="{anchor}">\n<h2>{text(title)}</h2>\n{inside}\n</section>'
