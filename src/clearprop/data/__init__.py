"""Named data sets, files, splits and seeded batches."""

from __future__ import annotations

from clearprop.data.arrays import Dataset, Split, from_arrays
from clearprop.data.batches import order
from clearprop.data.datasets import Description, FileCheck, check, describe, get, load, names
from clearprop.data.splits import hold_out

__all__ = [
    "Dataset",
    "Description",
    "FileCheck",
    "Split",
    "check",
    "describe",
    "from_arrays",
    "get",
    "hold_out",
    "load",
    "names",
    "order",
]
