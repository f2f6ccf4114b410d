"""The order in which rows are visited, made by NumPy on the host and the same for every engine.

It depends on the seed and the epoch alone, so a resumed run sees the rows it would have seen.
Each epoch visits every row once.
"""

import numpy as np
from numpy.typing import NDArray

from clearprop.errors import SettingError
from clearprop.maths.randomness import key

PADDING = -1
"""Marks places in a batch without a row."""


def order(
    seed: int, epoch: int, rows: int, batch: int, balanced: bool = False
) -> NDArray[np.int32]:
    """Return which rows make up each batch of one epoch.

    Args:
        seed: any integer.
        epoch: the epoch, from 0.
        rows: the number of rows, at least one.
        batch: the largest size of a batch, at least one.
        balanced: make the sizes of the batches differ by at most one. Batch normalization needs
            this: statistics over a last batch of one or two rows can ruin a network in one step.

    Returns:
        (steps, width) int32 with steps = ⌈rows / batch⌉. Each row occurs once; a batch that is
        not full ends in -1. The width is min(batch, rows), or the largest size if balanced.

    Raises:
        SettingError: no rows, too many rows, or an empty batch.

    >>> order(0, 0, rows=5, batch=4).shape, order(0, 0, rows=5, batch=4, balanced=True).shape
    ((2, 4), (2, 3))
    """
    if not 1 <= rows < 2**31 or batch < 1:
        raise SettingError(
            f"Cannot make batches of {batch} from {rows} rows; both must be at least 1 "
            "(and the rows fewer than 2,147,483,648)."
        )
    batch = min(batch, rows)
    steps = batch_count(rows, batch)
    width = -(-rows // steps) if balanced else batch
    # The number of full batches; if balanced, the others lack one row.
    full = rows - steps * (width - 1) if balanced else rows // batch
    return _filled(shuffled(key(seed, "order", epoch), rows), steps, width, full)


def batch_count(rows: int, batch: int) -> int:
    """Return the number of batches in an epoch: ⌈rows / batch⌉."""
    return -(-rows // batch)


def shuffled(stream: int, rows: int) -> NDArray[np.int32]:
    """Return all row numbers (rows,) int32 in a random order, the key of which is `stream`.

    NumPy guarantees the raw words of a bit generator across versions, but not `permutation`, so
    the order is the one that sorts the words. Equal words keep their order.

    Args:
        stream: the key of the draw, from `clearprop.maths.randomness.key`.
        rows: the number of rows.

    Returns:
        (rows,) int32, each number from 0 to rows less one, once.
    """
    words = np.random.Philox(key=stream).random_raw(rows)
    # Sorting values is faster than argsort, so the low bits of each word hold its index. If two
    # words agree in all other bits, their order is unknown and argsort decides.
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
    """Divide rows into batches, the first `full` of them without padding."""
    made = np.full((steps, width), PADDING, np.int32)
    made[:full] = rows[: full * width].reshape(full, width)
    if full < steps:
        rest = rows[full * width :].reshape(steps - full, -1)
        made[full:, : rest.shape[1]] = rest
    return made
