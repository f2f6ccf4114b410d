"""Prepares a user's picture as the makers of the data set prepared theirs.

`read_digit` follows MNIST, `read_garment` Fashion-MNIST, `read_picture` a user's folder;
`write_image` saves what the network saw. Sizes are checked before anything is decoded.
"""

import io
import os
from pathlib import Path
from typing import Any

import numpy as np

from clearprop import atomic
from clearprop.data.pictures import picture_file
from clearprop.data.pictures.ink import extract_ink
from clearprop.data.pictures.picture_file import WORKING_SIDE
from clearprop.data.pictures.placing import (
    average,
    center_by_box,
    center_by_mass,
    crop,
    saturate,
    scale,
    widen_strokes,
)
from clearprop.errors import ImageError, SettingError

Array = np.ndarray[Any, Any]

_THINNEST = 1.4  # pixels of the result: one MNIST digit in twenty has thinner strokes


def read_digit(
    path: str | os.PathLike[str], *, shape: tuple[int, int] = (28, 28), fit: int = 20
) -> Array:
    """Read one handwritten digit from a PNG or JPEG file, prepared as MNIST's were.

    A picture of exactly `shape` is assumed to be prepared already: it is only converted to gray,
    and inverted if its corners are light. So an exported row of MNIST comes back unchanged.

    Any other picture is turned upright (EXIF), laid on paper if transparent, converted to gray,
    inverted if the ink is darker than the border, cleaned of paper, ruled lines, specks and dark
    edges, cropped to the ink, stretched so that a full stroke is 255, thickened if the pen is
    thinner than MNIST's, scaled so that its longer side is `fit` pixels, and placed with its
    center of mass at the middle of the field.

    Args:
        path: the file; at most 64 MiB and 50 million pixels.
        shape: height and width of the result: (8, 8) with `fit=8` for scikit-learn's digits.
        fit: pixels of the longer side of the ink, no more than the shorter side of `shape`.

    Returns:
        uint8 of `shape`, light ink (255) on black (0).

    Raises:
        ImageError: the file is missing, too large, not a PNG or JPEG, damaged, or blank.
        SettingError: `fit` does not fit into `shape`.
    """
    if not 1 <= fit <= min(shape):
        raise SettingError(f"fit={fit} does not fit into {shape}; choose 1 to {min(shape)}.")
    gray = _read_gray(Path(path))
    if gray.shape == tuple(shape):
        return _light_on_dark(gray)
    ink = crop(_ink(gray, Path(path), strong=0.35))
    coarse = saturate(average(ink, max(1, max(ink.shape) // (8 * fit))))
    drawn = widen_strokes(coarse, _THINNEST * max(coarse.shape) / fit)
    return center_by_mass(scale(drawn, fit), shape)


def read_garment(path: str | os.PathLike[str], *, shape: tuple[int, int] = (28, 28)) -> Array:
    """Read one garment from a PNG or JPEG file, prepared as Fashion-MNIST's were.

    As `read_digit`, but the shades of the cloth are kept (white paper becomes 0, black cloth 255),
    the longer side fills the field, and the bounding box, not the center of mass, is centered.

    Args:
        path: the file; at most 64 MiB and 50 million pixels.
        shape: height and width of the result.

    Returns:
        uint8 of `shape`, on black (0).

    Raises:
        ImageError: the file is missing, too large, not a PNG or JPEG, damaged, or blank.
    """
    gray = _read_gray(Path(path))
    if gray.shape == tuple(shape):
        return _light_on_dark(gray)
    ink = crop(_ink(gray, Path(path), strong=0.0))
    return center_by_box(scale(ink, min(shape)), shape)


def read_picture(path: str | os.PathLike[str], *, shape: tuple[int, int]) -> Array:
    """Read a PNG or JPEG file as `clearprop.datasets.from_folder` reads those of a class.

    The picture is turned upright (EXIF), put on white where it is transparent, made gray, and
    resized if needed; its shades are kept.

    Args:
        path: the file; at most 64 MiB and 50 million pixels.
        shape: height and width of the result, uint8.

    Raises:
        ImageError: the file is missing, too large, not a PNG or JPEG, or damaged.
    """
    with picture_file.opened(Path(path)) as image:
        return np.asarray(picture_file.sized(picture_file.gray(image), shape))


def write_image(path: str | os.PathLike[str], image: Array) -> Path:
    """Write an image, uint8 (height, width), atomically as a gray PNG file and return the path.

    A missing folder is created.

    Raises:
        ImageError: the file cannot be written.
    """
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    try:
        return atomic.write(path, buffer.getvalue())
    except OSError as error:
        raise ImageError(
            f"{path}: cannot be written ({error.strerror}); choose another path."
        ) from error


def _read_gray(path: Path) -> Array:
    """Return a picture in gray, averaged down if it is large."""
    with picture_file.opened(path) as image:
        gray = picture_file.gray(image)
        return np.asarray(gray.reduce(-(-max(gray.size) // WORKING_SIDE)))


def _light_on_dark(gray: Array) -> Array:
    """Invert a picture with light corners: no row of Fashion-MNIST has these."""
    corners = gray[[0, 0, -1, -1], [0, -1, 0, -1]]
    return 255 - gray if np.median(corners) > 127.5 else gray.copy()


def _ink(gray: Array, path: Path, strong: float) -> Array:
    ink = extract_ink(gray, strong=strong)
    if ink is None:
        raise ImageError(
            f"{path}: blank, nothing stands out from the paper; draw darker or larger."
        )
    return ink
