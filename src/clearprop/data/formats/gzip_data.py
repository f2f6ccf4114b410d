"""Gzip, unpacked to a size that is known beforehand and never beyond it."""

import zlib

from clearprop.errors import DataError

MAGIC = b"\x1f\x8b"
_GZIP = 31  # zlib's word for: expect gzip's header and check its CRC

MOST_GROWTH = 100
"""How many times its size a file may unpack to; MNIST's unpack to 5 times, its pickle to 13."""

_FREELY = 2**26  # bytes that any file may unpack to: a sheet of white paper compresses well


def most_unpacked(stored: int) -> int:
    """Return how many bytes a compressed file of this size may unpack to.

    Above 64 MiB the growth is bounded, so that a few kilobytes cannot claim gigabytes.
    """
    return max(_FREELY, MOST_GROWTH * stored)


def beginning_of(data: bytes, count: int, name: str) -> bytes:
    """Return at most the first `count` bytes of a file that may be gzip-compressed.

    Raises:
        DataError: damaged compression.
    """
    if not data.startswith(MAGIC):
        return data[:count]
    try:
        return zlib.decompressobj(wbits=_GZIP).decompress(data, count)
    except zlib.error as error:
        raise DataError(f"{name}: the gzip compression is damaged ({error}).") from error


def inflate(data: bytes, size: int, name: str, *, at_most: bool = False) -> bytes:
    """Decompress gzip, never beyond the expected size.

    A few kilobytes of gzip can unpack to gigabytes, so one byte more than `size` is requested and
    the rest is never made.

    Args:
        data: one gzip member, the whole of it.
        size: the number of bytes that it must hold.
        name: what error messages call it.
        at_most: whether fewer bytes than `size` are acceptable too.

    Raises:
        DataError: damaged or truncated data, another size, a compression ratio that real data
            never have, or bytes after the end.
    """
    stream, most = zlib.decompressobj(wbits=_GZIP), most_unpacked(len(data))
    try:
        plain = b"" if size > most and not at_most else stream.decompress(data, min(size, most) + 1)
    except zlib.error as error:
        raise DataError(f"{name}: the gzip compression is damaged ({error}).") from error
    except MemoryError as error:
        raise DataError(f"{name}: this machine has no room for {size:,} bytes.") from error
    if size > most and (len(plain) > most or not at_most):
        raise DataError(
            f"{name}: would unpack to more than {MOST_GROWTH} times its size, as no data do; take "
            "it from where it was made."
        )
    if len(plain) > size:
        raise DataError(f"{name}: unpacks to more than the {size:,} bytes that belong in it.")
    if not stream.eof or stream.unused_data:
        fault = "has bytes after its end" if stream.eof else "is cut short"
        raise DataError(f"{name}: the gzip compression {fault}.")
    if len(plain) < size and not at_most:
        raise DataError(f"{name}: unpacks to {len(plain):,} bytes, not to {size:,}.")
    return plain
