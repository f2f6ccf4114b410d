"""What looks wrong with rows, before anything is learned from them.

Of many rows only some are examined, from all parts of the data set, which takes a fraction of a
second; only the search for rows shared by training and test covers all.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterator

import numpy as np

from clearprop.data import Split
from clearprop.errors import DataError
from clearprop.inputs import Inputs
from clearprop.insight.findings import Finding

# How many numbers of the rows are examined at most, and how many rows these are compared with.
LOOKED_AT, NUMBERS, ASKED, FEWEST = 5_000, 4_000_000, 500, 50
# Beyond LARGE a feature is not scaled; if all are within FAINT, they are close to zero.
LARGE, FAINT = 20.0, 0.02
CONSTANT, RARE = 0.95, 0.1
# Anything within this many standard deviations of chance is chance.
DEVIATIONS = 4.0
# How much more a feature must depend on the labels than on shuffled ones.
SHUFFLES, MORE = 9, 1.5
# The share of shared test rows from which on they are reported.
SHARED = 0.001


def data_findings(train: Split, test: Split | None = None) -> list[Finding]:
    """Return what looks wrong with training rows, and with test rows next to them.

    Inputs that are not scaled, are close to zero or hardly change; a rare class; labels that look
    shuffled; test rows that are also training rows.

    Raises:
        DataError: the rows are not splits.
    """
    for split in (train, test):
        if not isinstance(split, Split | None) or train is None:
            raise DataError(
                f"{type(split).__name__} is not a split of rows; give mnist.train, or what "
                "datasets.from_arrays(images, labels) returns"
            )
    most = min(LOOKED_AT, NUMBERS // train.images[0].size + FEWEST)
    index = np.linspace(0, len(train) - 1, min(len(train), most)).astype(int)
    x, y = _flat(train.images[index]), train.labels[index]
    with np.errstate(all="ignore"):  # floats of any size
        found = [_scale(x), _constant(x)]
        if train.task == "classes":
            found += [_rare_class(train), _labels(x.astype(np.float64), y)]
    if test is not None:
        found.append(_shared(train, test))
    return [finding for finding in found if finding is not None]


def range_findings(inputs: Inputs, rows: Split) -> list[Finding]:
    """Return whether rows lie outside the range that a network learned from."""
    found = inputs.range
    if found is None:
        return []
    why = found.fault(rows.images, inputs.preparation) or found.doubt(rows.images)
    return [Finding("other_scale", {"why": why})] if why else []


def _scale(x: np.ndarray) -> Finding | None:
    is_pixels = x.dtype == np.uint8
    x = x.astype(np.float64) / (255.0 if is_pixels else 1.0)
    largest = float(np.abs(x).max())
    if 0.0 < largest < FAINT:
        return Finding("faint_inputs", {"largest": largest})
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    size = np.maximum(np.abs(mean), deviation)
    worst = int(size.argmax())
    if size[worst] <= LARGE:
        return None
    counts = {"count": int((size > LARGE).sum()), "features": len(size), "worst": worst}
    of_worst = {"mean": float(mean[worst]), "deviation": float(deviation[worst])}
    return Finding("unscaled_inputs", counts | of_worst)


def _constant(x: np.ndarray) -> Finding | None:
    still = (x == x[:1]).all(axis=0)
    if len(x) < 2 or still.mean() < CONSTANT:
        return None
    figures = {"count": int(still.sum()), "features": still.size, "rows": len(x)}
    return Finding("constant_inputs", figures)


def _rare_class(train: Split) -> Finding | None:
    counts = np.bincount(train.labels, minlength=len(train.classes))
    least = int(counts.argmin())
    if counts[least] >= RARE * counts.mean():
        return None
    figures = {"name": train.classes[least], "count": int(counts[least]), "rows": len(train)}
    return Finding("rare_class", figures)


def _labels(x: np.ndarray, y: np.ndarray) -> Finding | None:
    """Return whether labels have nothing to do with their rows, as far as two tests can tell.

    One asks how often a row's nearest neighbor has its label, the other whether any feature's mean
    depends on the label.
    """
    chance = float((np.bincount(y) ** 2).sum()) / len(y) ** 2
    if len(x) < FEWEST or chance > CONSTANT:
        return None
    deviation = x.std(axis=0)
    x = ((x - x.mean(axis=0)) / np.where(deviation > 0.0, deviation, 1.0)).astype(np.float32)
    asked = np.arange(len(x))[:: max(1, len(x) // ASKED)]
    agreed = _agreement(x, y, asked)
    noise = math.sqrt(chance * (1.0 - chance) / len(asked))
    # Fewer agreements than by chance also show an order: in a parity, neighbors differ.
    if abs(agreed - chance) > DEVIATIONS * noise or _any_mean_depends(x, y):
        return None
    figures = {"percent": 100.0 * agreed, "asked": len(asked), "chance": 100.0 * chance}
    return Finding("shuffled_labels", figures)


def _agreement(x: np.ndarray, y: np.ndarray, asked: np.ndarray) -> float:
    # |a - b|² = |a|² - 2·a·b + |b|², where |a|² is the same for all b.
    distance = (x * x).sum(axis=1) - 2.0 * x[asked] @ x.T
    distance[np.arange(len(asked)), asked] = np.inf
    return float((y[distance.argmin(axis=1)] == y[asked]).mean())


def _any_mean_depends(x: np.ndarray, y: np.ndarray) -> bool:
    """Compare the most that a standardized feature's means differ with that for shuffled labels."""
    rng = np.random.default_rng(0)
    shuffled = max(_most_between(x, rng.permutation(y)) for _ in range(SHUFFLES))
    return _most_between(x, y) > MORE * shuffled


def _most_between(x: np.ndarray, y: np.ndarray) -> float:
    """Return over the features the most of Σ nₖ·mₖ², the sum of squares between the classes."""
    order = np.argsort(y, kind="stable")
    first = np.flatnonzero(np.diff(y[order], prepend=-1))
    counts = np.diff(first, append=len(y))[:, None]
    sums = np.add.reduceat(x[order], first, axis=0)
    return float((sums * sums / counts).sum(axis=0).max())


def _shared(train: Split, test: Split) -> Finding | None:
    """Return whether more test rows are also training rows than chance explains.

    Rows of few and whole numbers coincide by chance; then training rows coincide as often.
    """
    known = Counter(_marks(train))
    shared = sum(mark in known for mark in _marks(test))
    again = sum(count for count in known.values() if count > 1)
    expected = len(test) * again / len(train)
    by_chance = expected + DEVIATIONS * math.sqrt(expected + 1.0)
    if shared <= max(by_chance, SHARED * len(test)):
        return None
    figures = {"count": shared, "rows": len(test), "expected": round(expected)}
    return Finding("shared_rows", figures)


def _flat(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1)


def _marks(split: Split) -> Iterator[bytes]:
    """Yield a short hash of every row; equal rows have equal hashes."""
    for row in np.ascontiguousarray(_flat(split.images)):
        yield hashlib.blake2b(row, digest_size=12).digest()
