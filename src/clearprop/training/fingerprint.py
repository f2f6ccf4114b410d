"""A fingerprint of rows: whether a fit that is resumed sees the rows that it saw before."""

from __future__ import annotations

import hashlib

import numpy as np

from clearprop.inputs import Preparation
from clearprop.network import Rows

BLOCK = 8192


def fingerprint(rows: Rows, validation: Rows | None, preparation: Preparation) -> str:
    """Return 32 hexadecimal digits of all that a fit sees.

    They depend on the rows, their answers and weights, types and shapes, of the validation rows
    too, and on how pixels are prepared.
    """
    made = hashlib.blake2b(repr(preparation).encode(), digest_size=16)
    for array in (*rows, *(validation or ())):
        if array is None:
            made.update(b"none")
            continue
        made.update(f"{array.dtype.str} {array.shape} ".encode())
        for i in range(0, len(array), BLOCK):
            made.update(np.ascontiguousarray(array[i : i + BLOCK]).data)
    return made.hexdigest()
