"""Named data sets, files, splits and seeded batches."""

from __future__ import annotations

from clearprop.data.arrays import Dataset, Split, from_arrays
from clearprop.data.batches import order
from clearprop.data.datasets import Description, FileCheck, check, describe, get, load, names
from clearprop.data.formats.idx_set import from_idx
from clearprop.data.formats.image_folder import from_folder
from clearprop.data.formats.kaggle_csv import from_csv
from clearprop.data.formats.keras_npz import from_npz
from clearprop.data.formats.mnist_pickle import from_pickle
from clearprop.data.splits import hold_out

__all__ = [
    "Dataset",
    "Description",
    "FileCheck",
    "Split",
    "check",
    "describe",
    "from_arrays",
    "from_csv",
    "from_folder",
    "from_idx",
    "from_npz",
    "from_pickle",
    "get",
    "hold_out",
    "load",
    "names",
    "order",
]
