"""One PNG or JPEG file: opened within bounds, turned upright and gray."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from clearprop.data.pictures import parts
from clearprop.errors import ClearpropError, ImageError

if TYPE_CHECKING:
    from PIL import Image

Array = np.ndarray[Any, Any]

MAX_BYTES = 64 * 2**20
MAX_PIXELS = 50_000_000
WORKING_SIDE = 1200  # larger pictures are averaged down first: nothing finer survives 28 pixels


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """Open a picture for a `with` block, without decoding it yet.

    Any failure in the block is blamed on the picture: a decoder can fail in many ways, mostly late.

    Args:
        path: the file; at most 64 MiB and 50 million pixels.

    Yields:
        The picture; its `size` is what its header claims.

    Raises:
        ImageError: the file is missing, over 64 MiB or 50 million pixels, not a PNG or JPEG, or
            damaged.
    """
    _check_file(path)
    try:
        parts.check(path)
        with warnings.catch_warnings():  # Pillow warns of damage it can live with
            warnings.simplefilter("ignore")
            with _open(path) as image:
                yield image
    except ClearpropError:
        raise
    except Exception as error:
        # The system's errors explain themselves; a decoder's are about its internals.
        refusal = getattr(error, "strerror", None)
        fault = f"cannot be read ({refusal}); check that you may open it"
        damage = "not a readable PNG or JPEG picture; save it again as PNG or JPEG"
        raise ImageError(f"{path}: {fault if refusal else damage}.") from error


def gray(image: Image.Image) -> Image.Image:
    """Return a picture upright (EXIF), on paper where it is transparent, in 256 shades of gray."""
    from PIL import ImageOps

    return _on_paper(_eight_bits(ImageOps.exif_transpose(image))).convert("L")


def sized(image: Image.Image, shape: tuple[int, int]) -> Image.Image:
    """Return a picture of that height and width: itself, or resized."""
    from PIL.Image import Resampling

    height, width = shape
    if image.size == (width, height):
        return image
    return image.resize((width, height), Resampling.BILINEAR)


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise ImageError(f"{path}: a folder, not a picture; name the pictures in it.")
    if not path.is_file():
        raise ImageError(f"{path}: no such picture file; check the path.")
    if path.stat().st_size == 0:
        raise ImageError(f"{path}: the file is empty; save the picture again.")
    if path.stat().st_size > MAX_BYTES:
        raise ImageError(f"{path}: larger than {MAX_BYTES >> 20} MiB; save a smaller picture.")


def _open(path: Path) -> Image.Image:
    from PIL import Image

    too_many = ImageError(f"{path}: more than {MAX_PIXELS:,} pixels; save a smaller picture.")
    try:
        image = Image.open(path, formats=("PNG", "JPEG"))
    except Image.DecompressionBombError as error:
        raise too_many from error
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise too_many
    return image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Keep the upper byte of a 16-bit PNG: Pillow's own conversion clips all to white."""
    from PIL import Image

    if not image.mode.startswith("I"):
        return image
    return Image.fromarray((np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))


def _on_paper(image: Image.Image) -> Image.Image:
    """Lay a transparent picture on white, or on black where what can be seen is light."""
    from PIL import Image

    if not image.has_transparency_data:
        return image
    seen = image.convert("RGBA")
    small = seen.reduce(-(-max(seen.size) // WORKING_SIDE)).convert("LA")
    light, alpha = np.moveaxis(np.asarray(small, np.float64), -1, 0)
    mean = (light * alpha).sum() / max(alpha.sum(), 1.0)
    paper = "black" if mean > 127.5 and np.median(_border(alpha)) < 128 else "white"
    return Image.alpha_composite(Image.new("RGBA", seen.size, paper), seen)


def _border(array: Array) -> Array:
    return np.concatenate([array[0], array[-1], array[1:-1, 0], array[1:-1, -1]])
