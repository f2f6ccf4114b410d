"""Gzip decompression that never exceeds a size known beforehand."""

import zlib

from clearprop.errors import DataError

MAGIC = b"\x1f\x8b"
_GZIP = 31  # zlib's code: expect a gzip header and check its CRC

MOST_GROWTH = 100
"""How many times its size a file may unpack to; MNIST's unpack to 5 times, its pickle to 13."""

_FREELY = 2**26  # bytes that any file may unpack to: a sheet of white paper compresses well


def most_unpacked(stored: int) -> int:
    """Return how many bytes a file may unpack to: beyond 64 MiB, a multiple of its size."""
    return max(_FREELY, MOST_GROWTH * stored)


def beginning_of(data: bytes, count: int, name: str) -> bytes:
    """Return the first `count` bytes of a file, decompressed if it is gzip.

    Raises:
        DataError: damaged compression; the message begins with `name`.
    """
    if not data.startswith(MAGIC):
        return data[:count]
    try:
        return zlib.decompressobj(wbits=_GZIP).decompress(data, count)
    except zlib.error as error:
        raise DataError(f"{name}: the gzip compression is damaged ({error}).") from error


def inflate(data: bytes, size: int, name: str, *, at_most: bool = False) -> bytes:
    """Decompress gzip and check its CRC.

    A few kilobytes of gzip can unpack to gigabytes, so at most `size` + 1 bytes are unpacked.

    Args:
        data: one whole gzip member.
        size: its decompressed size.
        name: what to call it in an error message.
        at_most: whether it may be smaller than `size`.

    Raises:
        DataError: damaged or truncated data, a wrong size, implausible growth, or bytes after
            the end.
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
            f"{name}: would unpack to more than {MOST_GROWTH} times its size, more than real data "
            "do; get it from its source."
        )
    if len(plain) > size:
        raise DataError(f"{name}: unpacks to more than the {size:,} bytes that belong in it.")
    if not stream.eof or stream.unused_data:
        fault = "has bytes after its end" if stream.eof else "is cut short"
        raise DataError(f"{name}: the gzip compression {fault}.")
    if len(plain) < size and not at_most:
        raise DataError(f"{name}: unpacks to {len(plain):,} bytes, not to {size:,}.")
    return plain
