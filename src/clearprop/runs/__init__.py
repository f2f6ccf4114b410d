"""Runs: train a recipe into a folder, resume it, store its seeds, join committees.

Messages go to the logger "clearprop"; the commands print them.
"""

from clearprop.runs.folder import RunFolder, open_folder
from clearprop.runs.into_folder import train_into
from clearprop.runs.prepared import Prepared, load_rows, prepare
from clearprop.runs.seeds import TrainedSeed, trained_seed
from clearprop.runs.training import Trained, train

__all__ = [
    "Prepared",
    "RunFolder",
    "Trained",
    "TrainedSeed",
    "load_rows",
    "open_folder",
    "prepare",
    "train",
    "train_into",
    "trained_seed",
]
