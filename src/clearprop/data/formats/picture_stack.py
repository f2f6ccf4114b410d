"""Many pictures in one array: all of one size, or resized to one."""

from __future__ import annotations

from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from clearprop.data.formats.own_file import LIMIT
from clearprop.data.pictures import picture_file
from clearprop.errors import DataError, ImageError, SettingError

if TYPE_CHECKING:
    from PIL import Image

Size = tuple[int, int]
"""Height and width, in pixels."""


def checked(size: Size | None) -> Size | None:
    """Return a valid size as a tuple.

    Raises:
        SettingError: not a height and a width, two whole numbers from 1.
    """
    if size is None:
        return None
    sides = tuple(size) if isinstance(size, tuple | list) else ()
    whole = [isinstance(side, Integral) and not isinstance(side, bool) for side in sides]
    if len(sides) != 2 or not all(whole) or not 1 <= min(sides) <= max(sides) <= 10_000:
        raise SettingError(
            f"size={size!r} is not a height and a width in pixels; give for example (28, 28)."
        )
    return sides


def read(files: list[Path], size: Size | None) -> NDArray[np.uint8]:
    """Return PNG or JPEG files as one array, uint8 (n, height, width), upright and gray.

    Args:
        files: at least one.
        size: height and width to resize to; by default all must have the same.

    Raises:
        DataError: a file that is not a picture, damaged, too large, or of another size than the
            first; too many pixels in all.
    """
    pixels, shape = bytearray(), size
    try:
        for file in files:
            image = _gray(file, size, shape, files)
            pixels += image.tobytes()
            shape = (image.height, image.width)
    except ImageError as error:
        raise DataError(
            f"{error} If it was never meant as one, move it elsewhere: the folder of a class holds "
            "pictures only."
        ) from error
    return np.frombuffer(pixels, np.uint8).reshape(len(files), *(shape or ()))


def _gray(file: Path, size: Size | None, shape: Size | None, files: list[Path]) -> Image.Image:
    """Return one picture, gray and of the common shape; its header is checked first."""
    with picture_file.opened(file) as image:
        _check_total(file, size or (image.height, image.width), len(files))
        # EXIF may turn the picture by 90°; any other difference needs no decoding.
        if size is None and shape is not None and sorted(image.size) != sorted(shape):
            raise _differs(file, image, files[0], shape)
        gray = picture_file.gray(image)
        if size is not None:
            return picture_file.sized(gray, size)
        if shape is not None and (gray.height, gray.width) != shape:
            raise _differs(file, gray, files[0], shape)
        return gray


def _check_total(file: Path, shape: Size, count: int) -> None:
    """Refuse too many pixels in all."""
    if count * shape[0] * shape[1] > LIMIT:
        raise DataError(
            f"{file}: {count:,} pictures of {shape[0]}×{shape[1]} pixels take more than {LIMIT:,} "
            "bytes; have them resized: --set size=[28,28] in a command, size=(28, 28) in Python."
        )


def _differs(file: Path, image: Image.Image, first: Path, shape: Size) -> DataError:
    return DataError(
        f"{file} has {image.height}×{image.width} pixels (height×width), but {first} has "
        f"{shape[0]}×{shape[1]}; make all alike, or have them resized: --set size=[28,28] in a "
        "command, size=(28, 28) in Python."
    )
