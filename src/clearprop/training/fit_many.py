"""The fits of many networks at once, in one run.

Each network has its own `Fit`, with its own order of rows, schedule and history; only the steps are
made together. If one diverges, the others go on.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat

import numpy as np

from clearprop.engines import Measured
from clearprop.errors import DivergedError, SettingError
from clearprop.training.fit import Fit
from clearprop.training.interrupt import DeferredInterrupt
from clearprop.training.position import SharedRun
from clearprop.training.stretches import stretches


class FitMany:
    """Fits of one program over the same rows, run together.

    Attributes:
        fits: one for each network; none has callbacks.
        failures: why a network diverged, by its number.
        ended_by: Ctrl-C or SIGTERM, where one of them ended the training.
    """

    def __init__(self, fits: Sequence[Fit], shared: Sequence[SharedRun]) -> None:
        self.fits, self._shared = fits, shared
        first, jobs = fits[0], [fit.job for fit in fits]
        for job in jobs:
            if (job.program, job.preparation) != (jobs[0].program, jobs[0].preparation):
                raise SettingError(
                    "networks that are trained together differ in their settings' values alone: "
                    "give all the same layers, activation, loss, optimizer, gradients, precision "
                    "and preparation, and have dropout, noise, penalties and averages on in all "
                    "or in none"
                )
        placed = first.engine.place(first.rows, first.training.dtype)
        self._run = first.engine.begin(jobs, [fit.position.state for fit in fits], placed)
        self.failures: dict[int, DivergedError] = {}
        self.ended_by: BaseException | None = None

    def run(self) -> None:
        """Run all epochs; Ctrl-C ends them between two steps."""
        with DeferredInterrupt() as interrupt:
            for _ in range(self.fits[0].epochs):
                self._run_epoch(interrupt)
                if interrupt.requested or len(self.failures) == len(self.fits):
                    break
        self.ended_by = interrupt.error if interrupt.requested else None
        for fit in self.fits:
            fit.history.interrupted = interrupt.requested
        self._share_states()

    def _run_epoch(self, interrupt: DeferredInterrupt) -> None:
        orders, tables = zip(*(fit.next_epoch() for fit in self.fits), strict=True)
        self._run.begin_epoch(orders, tables)
        began = time.perf_counter()
        for start, stop in stretches(len(orders[0])):
            self._run.advance(start, stop)
            measured = self._run.measured()
            self._each(Fit.count_steps, measured, repeat(start), repeat(stop))
            if interrupt.requested and stop < len(orders[0]):
                return
        self._record(measured, orders, tables, time.perf_counter() - began)

    def _record(
        self,
        measured: list[Measured],
        orders: Sequence[np.ndarray],
        tables: Sequence[dict],
        seconds: float,
    ) -> None:
        if self.fits[0].has_validation:
            self._share_states()
        self._each(Fit.record, measured, orders, tables, repeat(seconds / len(self.fits)))

    def _share_states(self) -> None:
        for shared, state in zip(self._shared, self._run.fetch(), strict=True):
            shared.state = state

    def _each(self, method: Callable, *columns: Iterable) -> None:
        """Call a method of every fit that has not failed, with its own entries of the columns."""
        for k, (fit, *own) in enumerate(zip(self.fits, *columns, strict=False)):
            if k not in self.failures:
                try:
                    method(fit, *own)
                except DivergedError as error:
                    self.failures[k] = error
