"""Named data sets, files, splits and seeded batches.

The names below are loaded when they are first used: most who need rows need no reader of files.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_HOMES = {
    "Dataset": "arrays",
    "Split": "arrays",
    "from_arrays": "arrays",
    "hold_out": "splits",
    "order": "batches",
}


def __getattr__(name: str) -> Any:
    if name in __all__:
        home = _HOMES.get(name, "datasets")
        return getattr(importlib.import_module(f"clearprop.data.{home}"), name)
    raise AttributeError(f"module 'clearprop.data' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
