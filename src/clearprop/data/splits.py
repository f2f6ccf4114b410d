"""Validation rows held out of the training rows, for choosing settings without test rows."""

from dataclasses import replace
from numbers import Integral, Real

import numpy as np
from numpy.typing import NDArray

from clearprop.data.arrays import Split, read_only
from clearprop.data.batches import shuffled
from clearprop.errors import SettingError
from clearprop.maths.randomness import key


def hold_out(split: Split, amount: int | float, seed: int) -> tuple[Split, Split]:
    """Divide training rows into rows to learn from and rows to validate on.

    Which rows are held out depends only on the seed and the number of rows. Both parts keep the
    original order. A larger amount holds out the same rows and more.

    Args:
        split: the training rows.
        amount: how many rows to hold out, or the fraction of them (rounded to the nearest).
        seed: any integer.

    Returns:
        The remaining rows and the rows held out, read-only.

    Raises:
        SettingError: an amount that leaves one of the two empty.
    """
    chosen = held_out_mask(len(split), amount, seed)
    return _rows(split, ~chosen), _rows(split, chosen)


def held_out_mask(rows: int, amount: int | float, seed: int) -> NDArray[np.bool_]:
    """Return the mask of the rows that `hold_out` holds out; the errors are the same."""
    count = _count(amount, rows)
    chosen = np.zeros(rows, bool)
    chosen[shuffled(key(seed, "validation"), rows)[:count]] = True
    return chosen


def row_range(split: Split, first: int, end: int) -> Split:
    """Return rows `first` to `end`, exclusive, as views."""
    return replace(split, images=split.images[first:end], labels=split.labels[first:end])


def _count(amount: int | float, rows: int) -> int:
    """Return the number of rows to hold out."""
    count = -1
    if isinstance(amount, Integral) and not isinstance(amount, bool):
        count = int(amount)
    elif isinstance(amount, Real) and 0 < amount < 1:
        count = int(amount * rows + 0.5)
    if not 1 <= count < rows:
        raise SettingError(
            f"Cannot hold out {amount!r} of {rows:,} rows for validation; give a number of rows "
            f"from 1 to {rows - 1:,}, or a fraction such as 0.1 that leaves both parts a row."
        )
    return count


def _rows(split: Split, chosen: NDArray[np.bool_]) -> Split:
    """Return the chosen rows as a split."""
    images, labels = read_only(split.images[chosen]), read_only(split.labels[chosen])
    return replace(split, images=images, labels=labels)
