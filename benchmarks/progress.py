"""Progress while the bench runs: what was just done, and the time left."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from benchmarks.works import Work


class Watch:
    """Counts the works by how long each is expected to take; on stderr, a bar on a terminal."""

    def __init__(self, works: list[Work], rounds: int | None) -> None:
        self.console = Console(stderr=True)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        self.bar = Progress(*columns, console=self.console, disable=not self.console.is_terminal)
        self.works, self.rounds = works, rounds

    def __enter__(self) -> Watch:
        total = sum(work.minutes for work in self.works)
        self.task = self.bar.add_task("starting", total=total)
        self.bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.bar.stop()

    def begin(self, work: Work) -> None:
        """Name the work that begins."""
        self.work, self.share = work, work.minutes / ((self.rounds or work.rounds) + 1)
        self.console.print(f"{work.name}: {work.title}", markup=False, highlight=False)

    def tick(self, what: str, rounds: float) -> None:
        """Move on by a part of a round."""
        words = f"{self.work.name}, {what}"
        self.bar.update(self.task, advance=self.share * rounds, description=words)
