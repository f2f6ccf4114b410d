"""Progress of a training: a line an epoch, and on a terminal a bar with the time left."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TextIO

from clearprop.tasks import METRICS
from clearprop.training.callbacks import Callback
from clearprop.training.rows import rows_of
from clearprop.training.running_fit import RunningFit

if TYPE_CHECKING:
    from clearprop.data import Split
    from clearprop.network import Rows


class Progress(Callback):
    """Prints every epoch's figures to `stream`; draws a bar on stderr if that is a terminal.

    Args:
        stream: where the lines go; None prints nothing at all.
        test: a split whose metric every line shows too; nothing is chosen by it.
        title: of the bar.
    """

    def __init__(
        self, stream: TextIO | None, test: Split | None = None, title: str = "training"
    ) -> None:
        self.stream, self.test, self.title = stream, test, title
        self.of_test: list[float] = []
        self._rows: Rows | None = None
        self._bar: Any = None

    def before_fit(self, fit: RunningFit) -> None:
        """Prepare the test rows for this network."""
        if self.test is not None:
            self._rows = rows_of(fit.network, fit.inputs, fit.targets, self.test)

    def before_epoch(self, fit: RunningFit) -> None:
        """Start the bar once: no other callback can refuse the fit now."""
        if self._bar is None and self.stream is not None and sys.stderr.isatty():
            self._bar = _bar()
            # Steps before a resume say nothing about the time left.
            done = fit.steps - fit.position.steps
            self._task = self._bar.add_task(self.title, total=fit.planned_steps, completed=done)
            self._bar.start()

    def after_stretch(self, fit: RunningFit) -> None:
        """Move the bar."""
        if self._bar is not None:
            done = (fit.epoch - 1) * fit.steps_per_epoch + fit.step_in_epoch
            self._bar.update(self._task, completed=done)

    def after_epoch(self, fit: RunningFit) -> None:
        """Print the epoch's line."""
        if self._rows is not None:
            judge = fit.network.task_type.judge
            self.of_test.append(fit.evaluate(self._rows, (judge,)).metrics[judge])
        self._print(self._line(fit))

    def after_fit(self, fit: RunningFit) -> None:
        """Remove the bar and print how the time was spent."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        history = fit.history
        if fit.stopped:
            self._print(f"stopped early: {fit.stopped}")
        if history.best_epoch is not None:
            self._print(f"kept the weights of epoch {history.best_epoch}, the best one")
        if len(history):
            self._print(self._spent(fit))

    def say(self, text: str) -> None:
        """Print a message on stderr, past the bar, which redraws itself below."""
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False)
        else:
            print(text, file=sys.stderr, flush=True)

    def _spent(self, fit: RunningFit) -> str:
        history = fit.history
        epochs = f"{len(history)} epoch{'s' if len(history) > 1 else ''}"
        each = f"{history.seconds_per_epoch:.3f} s an epoch"
        return f"{epochs} in {sum(history.seconds):.2f} s, {each}"

    def _line(self, fit: RunningFit) -> str:
        history, width, judge = fit.history, len(str(fit.epochs)), fit.network.task_type.judge
        parts = [
            f"epoch {fit.epoch:>{width}}/{fit.epochs}",
            f"loss {history.loss[-1]:.4f}",
        ]
        # Of the training rows only what adds up over them is measured.
        if judge in history.series:
            parts.append(f"{METRICS[judge].title} {history[judge][-1]:.4f}")
        if fit.has_validation:
            parts.append(f"validation {history[f'val_{judge}'][-1]:.4f}")
        if self.test is not None:
            parts.append(f"test {self.of_test[-1]:.4f}")
        parts += [f"rate {history.learning_rate[-1]:.6g}", f"{history.seconds[-1]:.2f} s"]
        return "  ".join(parts)

    def _print(self, text: str) -> None:
        if self.stream is None:
            return
        if self._bar is not None and self.stream.isatty():
            # Printed past the bar, which redraws itself below.
            self._bar.console.print(text, markup=False, highlight=False)
        else:
            print(text, file=self.stream, flush=True)


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    return Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
