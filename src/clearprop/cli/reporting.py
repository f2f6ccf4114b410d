"""What `clearprop evaluate --report` adds: the report, and how far it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clearprop.cli.console import note

if TYPE_CHECKING:
    from clearprop.data import Split
    from clearprop.insight.report import Model


def check(folder: str) -> None:
    """Raise where no report can be written: better now than after the measurements."""
    from clearprop.insight.report import check_report

    check_report(folder)


def report(model: Model, rows: Split, folder: str, title: str, quiet: bool) -> dict[str, Any]:
    """Write a report and return its figures, as --json prints them.

    Args:
        model: the model.
        rows: what it is measured on.
        folder: the report's.
        title: of the page.
        quiet: say nothing.
    """
    from clearprop.insight.report import write_report

    with _watched(quiet) as step:
        figures = write_report(model, rows, folder, title=title, step=step)
    return figures | {"report": str(Path(folder).absolute())}


@contextmanager
def _watched(quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Give what is told of the steps: a bar on a terminal, else a line when the first is done."""
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
