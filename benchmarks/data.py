"""MNIST as every peer gets it: the raw IDX files of Clearprop's cache, read in one go.

float32 pixels x/255 of shape (rows, 784) and labels, in memory before the first step.
"""

import os
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.job import Job

FOLDER_VARIABLE = "BENCHMARKS_MNIST"
HELD_OUT = 10_000
IMAGES_HEADER, LABELS_HEADER = 16, 8


@cache
def find() -> str:
    """Return the folder of MNIST's IDX files, fetched where they are not there yet."""
    from clearprop import datasets

    return datasets.get("mnist").location


@cache
def training(rows: int, held_out: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return the first training rows (rows, 784) float32 and their labels (rows,) int32."""
    x, y = _read("train")
    most = len(x) - HELD_OUT if held_out else len(x)
    return _floats(x[: min(rows, most)]), y[: min(rows, most)].astype(np.int32)


def pixels(job: Job) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows that a job trains on with their pixels as they are published, uint8."""
    x, y = _read("train")
    most = len(x) - HELD_OUT if job.held_out else len(x)
    return x[: min(job.rows, most)], y[: min(job.rows, most)].astype(np.int32)


@cache
def judging(held_out: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return the test rows, or the training rows that were held out."""
    x, y = _read("train") if held_out else _read("t10k")
    return _floats(x[-HELD_OUT:]), y[-HELD_OUT:].astype(np.int32)


def one_hot(y: np.ndarray) -> np.ndarray:
    """Return labels (n,) as rows (n, 10) of float32."""
    return np.eye(10, dtype=np.float32)[y]


def job_rows(job: Job) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows that a job trains on."""
    return training(job.rows, job.held_out)


def _read(part: str) -> tuple[np.ndarray, np.ndarray]:
    folder = Path(os.environ[FOLDER_VARIABLE])
    x = np.fromfile(folder / f"{part}-images-idx3-ubyte", np.uint8, offset=IMAGES_HEADER)
    y = np.fromfile(folder / f"{part}-labels-idx1-ubyte", np.uint8, offset=LABELS_HEADER)
    return x.reshape(len(y), 784), y


def _floats(x: np.ndarray) -> np.ndarray:
    return x / np.float32(255)
