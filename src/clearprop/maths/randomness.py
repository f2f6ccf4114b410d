"""Keys for random draws: a pure function of a seed and of what the draw is for.

No generator is carried along and none is shared, so nothing depends on the order in which
draws are made: a resumed run, the other engine and a second network see the same numbers.
"""

import hashlib
import operator


def key(seed: int, *purpose: str | int) -> int:
    """Return the 128-bit key of the draws made for `purpose` under `seed`.

    The key is the BLAKE2b hash of the seed and the words of the purpose, each word ended by
    a mark that cannot occur inside it. Keys of different purposes have nothing in common.

    Args:
        seed: the seed that the user chose; any integer.
        *purpose: what the draw is for, for example `"order", 3` for the row order of epoch 3.

    Returns:
        An integer in [0, 2¹²⁸), fit as a key for `numpy.random.Philox`.

    >>> key(0, "order", 3) == key(0, "order", 3)
    True
    >>> key(0, "order", 3) == key(1, "order", 3)
    False
    """
    # As plain integers: NumPy's print themselves otherwise.
    words = (word if isinstance(word, str) else operator.index(word) for word in (seed, *purpose))
    text = "".join(f"{word!r};" for word in words)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "little")
