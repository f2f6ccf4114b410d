"""Batches gathered into reused arrays, for the NumPy engine."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from clearprop.engines.contract import Job
from clearprop.inputs import Preparation
from clearprop.network import Batch, Rows, gather, gather_deformed


class Gathering:
    """Rows, and the arrays that each of their batches is written into.

    A batch is good until the next one is gathered.
    """

    def __init__(self, rows: Rows, job: Job, batch: int) -> None:
        dtype = np.dtype(job.program.dtype)
        self._rows, self._preparation, self._dtype = rows, job.preparation, dtype
        self._scaling = job.preparation.scaling(job.program.dtype)
        self._plan = job.program.deformation
        self._taken = np.empty((batch, rows.x.shape[1]), rows.x.dtype)
        self._x = self._taken if rows.x.dtype == dtype else np.empty(self._taken.shape, dtype)
        self._ones = np.ones(batch, dtype)

    def batch(self, index: np.ndarray, values: Mapping[str, Any]) -> Batch:
        """Return the rows of these numbers (batch,), -1 padding, as the step's values say."""
        rows = self._rows
        if self._plan is not None:
            return gather_deformed(
                np, self._plan, rows, index, self._preparation, self._dtype, values
            )
        if rows.weight is not None or rows.y.ndim > 1 or index[-1] < 0:
            small = gather(np, rows._replace(x=rows.x[:, :0]), index, Preparation(), self._dtype)
        else:
            small = Batch(self._x, rows.y[index], self._ones)
        # Clipped, the -1 of a padded row becomes row 0.
        np.take(rows.x, index, axis=0, out=self._taken, mode="clip")
        self._prepare()
        return small._replace(x=self._x)

    def _prepare(self) -> None:
        if self._taken is not self._x:
            np.copyto(self._x, self._taken)
        if self._taken.dtype == np.uint8:
            if self._preparation.shift:
                self._x -= self._preparation.shift
            self._x *= self._preparation.scale
        if self._scaling.means is not None:
            self._x -= self._scaling.means
            self._x *= self._scaling.rates
