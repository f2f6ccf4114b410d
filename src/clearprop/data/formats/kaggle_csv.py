"""Kaggle's table of digits: a line for each picture, its label first and then its pixels.

NumPy's reader skips blank lines, accepts `+1` and ` 2`, and counts only the lines it kept when it
reports an error. Here a block of lines is parsed at once, by arithmetic on its bytes; only a
faulty block is read line by line, to say where the fault is.
"""

import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from clearprop.data.arrays import Split
from clearprop.data.formats.own_file import located, readable, size_of
from clearprop.data.formats.own_rows import digit_names, split_of
from clearprop.errors import DataError
from clearprop.tasks.matching import MOST_CLASSES

LONGEST_LINE = 2**20
"""The most bytes that a line may have: a picture of 500×500 fits."""

_DIGIT_PIXELS = 28 * 28
_BLOCK = 2**18  # bytes, so that the work arrays stay in the processor's cache
_MOST_DIGITS = 5
_BOM = b"\xef\xbb\xbf"


def from_csv(path: str | os.PathLike[str]) -> Split:
    """Return the rows of a table of digits such as Kaggle's `train.csv`.

    Args:
        path: comma-separated whole numbers, in each line first the label and then the pixels, 0 to
            255. There may be a header whose first field is `label`.

    Returns:
        The split. Images are (n, side, side) where the number of pixels is a square, else (n,
        features). Classes are named after the numbers from 0 to the largest label; a table of
        28×28 pixels whose labels are all digits always has ten.

    Raises:
        DataError: a table without labels, or no such table; names the line and column, from 1.

    >>> from_csv("train.csv").images.shape  # doctest: +SKIP
    (42000, 28, 28)
    """
    path = located(path)
    end = _end_of_text(path, size_of(path))
    with readable(path), path.open("rb") as file:
        first = _first_line(file, path)
        width, has_header = _layout(first, path)
        file.seek(len(first) if has_header else len(_BOM) if first.startswith(_BOM) else 0)
        blocks = _blocks(file, end, path, 2 if has_header else 1)
        parts = [_columns(block, width, line, path) for line, block in blocks]
    if not parts:
        raise DataError(f"{path} holds no row below its header, so there is nothing to learn from.")
    labels, pixels = (np.concatenate(part) for part in zip(*parts, strict=True))
    side = math.isqrt(width - 1)
    images = pixels.reshape(-1, side, side) if side * side == width - 1 else pixels
    names = digit_names(labels) if width - 1 == _DIGIT_PIXELS else None
    return split_of(images, labels, path, names)


def _end_of_text(path: Path, size: int) -> int:
    """Return where the text ends, without blank lines below the last row."""
    with readable(path), path.open("rb") as file:
        file.seek(max(0, size - 4096))
        tail = file.read()
    return size - len(tail) + len(tail.rstrip(b"\r\n"))


def _first_line(file: IO[bytes], path: Path) -> bytes:
    line = file.readline(LONGEST_LINE + 1)
    if len(line) > LONGEST_LINE:
        raise _too_long(path, 1)
    return line


def _layout(line: bytes, path: Path) -> tuple[int, bool]:
    """Return the number of columns of the first line, and whether it is a header."""
    fields = [field.strip(b'" \t\r\n').lower() for field in line.removeprefix(_BOM).split(b",")]
    place = f"{path}, line 1"
    if not any(fields):
        what = "is blank" if line else "is missing: the file is empty"
        raise DataError(f"{place} {what}; a table begins with label,pixel0,pixel1,...")
    if len(fields) == 1:
        raise DataError(
            f"{place}: {_shown(line.strip())} has no comma; separate the columns by commas."
        )
    if fields[0] == b"label" or fields[0].isdigit():
        return len(fields), fields[0] == b"label"
    if b"label" in fields:
        raise DataError(
            f"{place}: the labels are in column {fields.index(b'label') + 1:,}; put them first."
        )
    raise DataError(
        f"{place}, column 1: {_shown(fields[0])} is neither `label` nor a label, so the table has "
        "no labels to learn from (Kaggle's test.csv has none); give one whose first column is "
        "label."
    )


def _blocks(file: IO[bytes], end: int, path: Path, line: int) -> Iterator[tuple[int, bytes]]:
    """Yield the text in pieces of whole lines, each with the number of its first line."""
    rest = b""
    while piece := file.read(max(0, min(_BLOCK, end - file.tell()))):
        text = rest + piece + (b"\n" if file.tell() == end else b"")
        cut = text.rfind(b"\n") + 1
        rest = text[cut:]
        if len(rest) > LONGEST_LINE:
            raise _too_long(path, line + text.count(b"\n"))
        if cut:
            yield line, text[:cut].replace(b"\r\n", b"\n")
        line += text.count(b"\n")


def _columns(
    block: bytes, width: int, line: int, path: Path
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Return the labels (n,) and the pixels (n, width - 1) of a piece of whole lines."""
    values = _numbers(block, width)
    if values is None:
        raise next(_faults(block, width, line, path))
    return values[:, 0].copy(), values[:, 1:].astype(np.uint8)


def _numbers(block: bytes, width: int) -> NDArray[np.int32] | None:
    """Return the values of whole lines, (n, width), or None if they have a fault."""
    codes = np.frombuffer(block, np.uint8)
    digits = codes - np.uint8(ord("0"))  # every other character becomes 10 or more
    ends = np.flatnonzero(digits > 9)
    separators = np.full(width, ord(","), np.uint8)
    separators[-1] = ord("\n")
    if len(ends) % width or (codes[ends].reshape(-1, width) != separators).any():
        return None
    lengths = np.diff(ends, prepend=-1) - 1
    if lengths.min() < 1 or lengths.max() > _MOST_DIGITS:
        return None
    values = digits[ends - 1].astype(np.int32)
    for place in range(1, int(lengths.max())):
        longer = np.flatnonzero(lengths > place)
        values[longer] += digits[ends[longer] - 1 - place].astype(np.int32) * 10**place
    table = values.reshape(-1, width)
    return table if (table.max(axis=0) <= _largest(width)).all() else None


def _largest(width: int) -> NDArray[np.int32]:
    """Return the largest value that each column may hold."""
    return np.array([MOST_CLASSES - 1] + [255] * (width - 1), np.int32)


def _faults(block: bytes, width: int, line: int, path: Path) -> Iterator[DataError]:
    """Yield an error for each fault in a block of lines, with its place."""
    largest = _largest(width).tolist()
    for number, text in enumerate(block.split(b"\n"), line):
        place, fields = f"{path}, line {number:,}", text.split(b",")
        if not text.strip():
            yield DataError(f"{place} is blank; delete it.")
        elif len(fields) != width:
            yield DataError(f"{place} has {len(fields):,} columns; the first line has {width:,}.")
        for column, (field, most) in enumerate(zip(fields, largest, strict=False), 1):
            if not field.isdigit() or len(field) > _MOST_DIGITS or int(field) > most:
                what = "a label" if column == 1 else "a pixel"
                yield DataError(
                    f"{place}, column {column:,}: {_shown(field)} is not {what}, a whole number "
                    f"from 0 to {most:,}."
                )


def _too_long(path: Path, line: int) -> DataError:
    return DataError(
        f"{path}, line {line:,} is longer than {LONGEST_LINE:,} characters; is it a table?"
    )


def _shown(field: bytes) -> str:
    """Return a piece of the file as it can be printed."""
    text = field[:24].decode("utf-8", "replace")
    return repr(text + "…" if len(field) > 24 else text)
