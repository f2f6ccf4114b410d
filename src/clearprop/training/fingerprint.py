"""A fingerprint of rows, to check that a resumed fit sees the same ones."""

import hashlib

import numpy as np

from clearprop.inputs import Preparation
from clearprop.network import Rows

BLOCK = 8192


def fingerprint(rows: Rows, validation: Rows | None, preparation: Preparation) -> str:
    """Return 32 hexadecimal digits that identify everything that a fit sees.

    They depend on the values, types and shapes of training and validation rows, targets and
    weights, and on how inputs are prepared.
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
