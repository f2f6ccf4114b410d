"""The order in which rows are visited: made by NumPy on the host, alike for every engine.

Every epoch has an order of its own, a function of the seed and the epoch alone, so a resumed
run goes on with the rows that it would have seen. Each epoch visits every row once.
"""

import numpy as np
from numpy.typing import NDArray

from clearprop.errors import SettingError
from clearprop.maths.randomness import key

PADDING = -1
"""Stands in a batch where there is no row."""


def order(
    seed: int, epoch: int, rows: int, batch: int, balanced: bool = False
) -> NDArray[np.int32]:
    """Return which rows make up each batch of one epoch.

    Args:
        seed: any integer.
        epoch: the number of the epoch, from 0.
        rows: the number of rows, at least one.
        batch: the batch size, at least one.
        balanced: make the sizes of batches differ by one at most. Batch normalization needs this:
            the statistics of a last batch of one or two rows can ruin a network in a single step.

    Returns:
        (steps, width) int32 with steps = ⌈rows / batch⌉, each row once. A batch that is not full
        ends in -1. The width is the size of the largest batch.

    Raises:
        SettingError: no rows, more than int32 can number, or an empty batch.

    >>> order(0, 0, rows=5, batch=4).shape, order(0, 0, rows=5, batch=4, balanced=True).shape
    ((2, 4), (2, 3))
    """
    if not 1 <= rows < 2**31 or batch < 1:
        raise SettingError(
            f"Cannot make batches of {batch} from {rows} rows; both must be at least 1 "
            "(and the rows fewer than 2,147,483,648)."
        )
    batch = min(batch, rows)
    steps = batches(rows, batch)
    width = -(-rows // steps) if balanced else batch
    # How many batches are full; with balance, the others lack one row.
    full = rows - steps * (width - 1) if balanced else rows // batch
    return _filled(shuffled(key(seed, "order", epoch), rows), steps, width, full)


def batches(rows: int, batch: int) -> int:
    """Return how many batches of at most so many rows an epoch has: ⌈rows / batch⌉."""
    return -(-rows // batch)


def shuffled(stream: int, rows: int) -> NDArray[np.int32]:
    """Return all row numbers (rows,) int32 in a random order, the key of which is `stream`.

    NumPy promises the raw words of a bit generator for good, but not the result of `permutation`;
    so the order is the one that sorts the words. Equal words keep their order.
    """
    words = np.random.Philox(key=stream).random_raw(rows)
    # Sorting numbers takes two thirds of the time of sorting places. So each word gives its last
    # bits to its place; where two are equal without those bits, they no longer say which is less.
    low = np.uint64((1 << rows.bit_length()) - 1)
    words &= ~low
    words |= np.arange(rows, dtype=np.uint64)
    words.sort()
    if np.any(words[1:] ^ words[:-1] <= low):
        words = np.random.Philox(key=stream).random_raw(rows)
        return np.argsort(words, kind="stable").astype(np.int32)
    words &= low
    return words.astype(np.int32)


def _filled(rows: NDArray[np.int32], steps: int, width: int, full: int) -> NDArray[np.int32]:
    """Lay rows into batches one after another, the first `full` of them to the brim."""
    made = np.full((steps, width), PADDING, np.int32)
    brim = full * width
    made[:full] = rows[:brim].reshape(full, width)
    rest = rows[brim:]
    if full < steps:
        size = -(-len(rest) // (steps - full))
        made[full:, :size] = rest.reshape(steps - full, size)
    return made
