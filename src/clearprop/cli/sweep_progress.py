"""Progress of a sweep: a line for each training on stderr, with the time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from clearprop.cli.console import note
from clearprop.cli.sweep_table import words
from clearprop.tasks import in_words

if TYPE_CHECKING:
    from clearprop.search import Outcome


class SweepProgress:
    """Says what each training came to; on a terminal a bar shows that it goes on.

    Args:
        quiet: say nothing.
    """

    def __init__(self, quiet: bool) -> None:
        self._quiet, self._made = quiet, 0
        self._bar: Any = None
        self._began = time.perf_counter()

    def __enter__(self) -> SweepProgress:
        self._began = time.perf_counter()
        if not self._quiet and sys.stderr.isatty():
            self._bar = _bar()
            self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def told(self, outcomes: Sequence[Outcome], done: int, planned: int) -> None:
        """Print the outcomes of trainings that ran together, and the time left."""
        self._made += len(outcomes)
        took = time.perf_counter() - self._began
        left = time_said(took / self._made * (planned - done))
        lines = [
            f"{done - len(outcomes) + number}/{planned}  {line(outcome)}"
            for number, outcome in enumerate(outcomes, 1)
        ]
        self._say("\n".join(lines) + (f"  (about {left} left)" if done < planned else ""))

    def _say(self, text: str) -> None:
        if self._bar is None:
            note(text, self._quiet)
        else:
            self._bar.console.print(text, markup=False, highlight=False)


def line(outcome: Outcome) -> str:
    """Return an outcome as a line."""
    came = "diverged"
    if outcome.metrics:
        figure = in_words(outcome.metric, outcome.metrics[outcome.metric])
        came = f"{figure} in {outcome.seconds:.1f} s ({outcome.engine})"
    return f"{words(outcome.settings)}, seed {outcome.seed}: {came}"


def time_said(seconds: float) -> str:
    """Return a time in seconds, minutes or hours."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("sweep"), TimeElapsedColumn())
    bar = Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    bar.add_task("sweep", total=None)
    return bar
