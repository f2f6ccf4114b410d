"""Pictures: to predict, and in a folder of classes."""

import io
from functools import partial
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from clearprop.data import datasets
from clearprop.data.pictures.images import read_digit, read_garment, read_picture
from mutations.of_rows import check_set
from mutations.parts import Part, png_chunk, whole
from mutations.specimen import Specimen

_GRAY = (b"IHDR", b"IDAT")


def specimens() -> list[Specimen]:
    """Return the specimens of this module."""
    drawn = _seven()
    return [
        _picture("PNG, gray", "seven.png", _png(drawn), read_digit, *_GRAY),
        _picture("PNG, RGBA", "seven.png", _png(_transparent(drawn)), read_digit, *_GRAY),
        _picture("PNG, 16 bits", "seven.png", _png(_deep(drawn)), read_garment, *_GRAY),
        _picture("PNG, palette", "seven.png", _palette(drawn), read_garment, *_GRAY,
                 b"PLTE", b"tRNS"),
        _picture("PNG, text and EXIF", "seven.png", _talkative(drawn),
                 partial(read_picture, shape=(28, 28)), *_GRAY, b"zTXt", b"iTXt", b"eXIf", b"iCCP"),
        _picture("JPEG", "seven.jpg", _jpeg(drawn.convert("RGB")), read_digit),
        _picture("JPEG, progressive, EXIF", "seven.jpg",
                 _jpeg(drawn, progressive=True, exif=_exif()), read_garment),
        _folder("folder of pictures"),
    ]  # fmt: skip


def _picture(name: str, file: str, data: bytes, read: Any, *chunks: bytes) -> Specimen:
    def check(found: np.ndarray) -> None:
        assert found.shape == (28, 28)
        assert found.dtype == np.uint8

    parts = (whole(), *map(png_chunk, chunks))
    return Specimen(name, {file: data}, file, file, read, check, parts)


def _folder(name: str) -> Specimen:
    small = [_png(_seven().resize((8, 8)).rotate(angle)) for angle in (0, 90, 180)]
    files = {f"set/{label}/{i}.png": data for label in "ab" for i, data in enumerate(small)}
    parts: tuple[Part, ...] = (whole(), *map(png_chunk, _GRAY))
    return Specimen(name, files, "set/b/1.png", "set", datasets.load, check_set, parts)


def seven() -> bytes:
    """Return a PNG file of a drawn seven."""
    return _png(_seven())


def _seven() -> Image.Image:
    image = Image.new("L", (40, 50), 250)
    ImageDraw.Draw(image).line([(8, 10), (32, 10), (18, 42)], fill=10, width=4)
    return image


def _transparent(image: Image.Image) -> Image.Image:
    made = image.convert("RGBA")
    made.putalpha(image.point(lambda shade: 255 - shade))
    return made


def _deep(image: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(image).astype(np.uint16) * 257)


def _palette(image: Image.Image) -> bytes:
    return _png(image.quantize(8), transparency=0)


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    return exif.tobytes()


def _talkative(image: Image.Image) -> bytes:
    info = PngInfo()
    info.add_text("Comment", "seven " * 20, zip=True)
    info.add_itxt("Title", "seven", "en", "seven")
    return _png(image, pnginfo=info, exif=_exif(), icc_profile=b"profile" * 20)


def _png(image: Image.Image, **words: Any) -> bytes:
    return _saved(image, "PNG", **words)


def _jpeg(image: Image.Image, **words: Any) -> bytes:
    return _saved(image, "JPEG", **words)


def _saved(image: Image.Image, kind: str, **words: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **words)
    return buffer.getvalue()
