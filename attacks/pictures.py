"""Attacks on pictures: sizes that nobody has room for, bombs in every chunk, foreign formats."""

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from attacks.attack import named, of_bytes
from attacks.idx_files import deflated
from attacks.no_files import NO_FILES

MIB = 2**20
SIGNATURE = b"\x89PNG\r\n\x1a\n"
GRAY, RGBA = 0, 6


def chunk(kind: bytes, data: bytes = b"", length: int = -1) -> bytes:
    """Return a PNG chunk, which may lie about its length."""
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data) if length < 0 else length) + kind + data + check


def packed(count: int) -> bytes:
    """Return so many zeros as zlib packs them, a thousandth of their number."""
    if count < MIB:
        return zlib.compress(bytes(count))
    # The checksum of zeros is known without them.
    return b"\x78\xda" + deflated(b"", count) + struct.pack(">HH", count // MIB * MIB % 65521, 1)


def png(
    width: int, height: int, data: bytes = b"", before: bytes = b"", color: int = GRAY
) -> bytes:
    """Return a PNG file of this size, with these packed lines, and chunks before them."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0))
    return SIGNATURE + head + before + chunk(b"IDAT", data) + chunk(b"IEND")


def noted(*chunks: bytes) -> Callable[[], bytes]:
    """Return the maker of a picture of one white pixel and these chunks before it."""
    return lambda: png(1, 1, zlib.compress(b"\0\xff"), b"".join(chunks))


def jpeg(width: int = 28, height: int = 28) -> bytes:
    """Return a JPEG file, in whose header its size was replaced."""
    buffer = io.BytesIO()
    Image.new("L", (28, 28), 255).save(buffer, "JPEG")
    data = bytearray(buffer.getvalue())
    start = data.index(b"\xff\xc0")
    data[start + 5 : start + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def scans(width: int, count: int) -> bytes:
    """Return a progressive JPEG of so many scans, each of which passes over all of the picture.

    A scan says in a few bytes that it changes nothing, and the decoder walks through every block
    of the picture to do so.
    """
    blocks = (-(-width // 8)) ** 2
    frame = struct.pack(">BHHB", 8, width, width, 1) + b"\x01\x11\x00"
    tables = bytes([0, 1]) + bytes(15) + b"\x00" + bytes([0x10, 1]) + bytes(15) + b"\xe0"
    # Each run of blocks that end here: a zero bit for its only code, then its 14 bits.
    bits = "".join(f"0{min(blocks - at, 2**15 - 1) - 2**14:014b}"
                   for at in range(0, blocks - 2**14, 2**15 - 1))  # fmt: skip
    bits += "1" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    scan = segment(0xDA, b"\x01\x01\x00\x01\x3f\x00") + data
    head = segment(0xDB, b"\x00" + b"\x01" * 64) + segment(0xC2, frame) + segment(0xC4, tables)
    return b"\xff\xd8" + head + scan * count + b"\xff\xd9"


def segment(marker: int, data: bytes) -> bytes:
    """Return a JPEG segment."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def other(kind: str) -> bytes:
    """Return a picture in another format."""
    buffer = io.BytesIO()
    Image.new("L", (28, 28), 128).save(buffer, kind)
    return buffer.getvalue()


POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%touch canary) (w) file\n"
PNG = {
    "2^31 - 1 by 2^31 - 1 pixels": lambda: png(2**31 - 1, 2**31 - 1),
    "2^32 - 1 by 2^32 - 1 pixels": lambda: png(2**32 - 1, 2**32 - 1),
    "100,000 by 100,000 pixels": lambda: png(100_000, 100_000, packed(2**27)),
    "60 million pixels": lambda: png(7746, 7746, packed(7747 * 7746)),
    "2^31 - 1 by one pixel": lambda: png(2**31 - 1, 1),
    "one by 2^31 - 1 pixels": lambda: png(1, 2**31 - 1),
    "no pixel": lambda: png(0, 0),
    "50 million pixels without any": lambda: png(7000, 7000),
    "a text of a gigabyte": noted(chunk(b"zTXt", b"Comment\0\0" + packed(2**30))),
    "a text of a gigabyte in every tongue": noted(
        chunk(b"iTXt", b"Comment\0\1\0\0\0" + packed(2**30))
    ),
    "a hundred texts of a megabyte": noted(*[chunk(b"zTXt", b"Comment\0\0" + packed(MIB))] * 100),
    "a color profile of a gigabyte": noted(chunk(b"iCCP", b"icc\0\0" + packed(2**30))),
    "a text of 2^31 bytes that are not there": noted(chunk(b"tEXt", b"a\0b", 2**31 - 1)),
    "a chunk of 2^32 - 1 bytes": noted(chunk(b"tEXt", b"a\0b", 2**32 - 1)),
    "half a million empty chunks": noted(chunk(b"teSt") * 500_000),
    "two headers": noted(chunk(b"IHDR", struct.pack(">IIBBBBB", 90_000, 90_000, 8, 0, 0, 0, 0))),
    "a depth of 255 bits": lambda: (
        SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", 28, 28, 255, 0, 0, 0, 0))
    ),
    "a film of 2^31 pictures": noted(
        chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)),
        chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 2**31 - 1, 2**31 - 1, 0, 0, 0, 0, 0, 0)),
    ),
    "EXIF data in a circle": noted(
        chunk(b"eXIf", b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0")
    ),
    "EXIF data of 2^32 turns": noted(
        chunk(b"eXIf", b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\xff\xff\xff\xff\x08\0\0\0\0\0\0\0")
    ),
    "a wrong checksum": lambda: png(28, 28, packed(29 * 28)).replace(b"IHDR", b"IHDr"),
    "a PNG cut in the middle": lambda: png(28, 28, packed(29 * 28))[:45],
    "a signature only": lambda: SIGNATURE,
}
JPEG = {
    "65,535 by 65,535 pixels": lambda: jpeg(65_535, 65_535),
    "65,535 by 1,000 pixels": lambda: jpeg(65_535, 1000),
    "no line": lambda: jpeg(28, 0),
    "60,000 scans of 49 million pixels": lambda: scans(7000, 60_000),
    "1,000 scans of 49 million pixels": lambda: scans(7000, 1000),
    "a header only": lambda: b"\xff\xd8\xff\xe0",
    "half a million segments": lambda: jpeg()[:2] + segment(0xEF, b"") * 500_000 + b"\xff\xd9",
    "60 megabytes of 0xff": lambda: jpeg()[:2] + b"\xff" * (60 * MIB),
    "a JPEG cut in the middle": lambda: jpeg()[:300],
}
FOREIGN = {
    "nothing": lambda: b"",
    "PostScript": lambda: POSTSCRIPT,
    "an SVG file": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
    "an XML bomb": lambda: b'<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><a>&d;</a>',
    "an X pixmap": lambda: b'/* XPM */\nstatic char *a[] = {"99999 99999 9 9",',
    "a pickle": lambda: b"\x80\x04cos\nsystem\n",
    **{f"{kind} in a PNG's name": (lambda kind=kind: other(kind)) for kind in
       ("BMP", "GIF", "TIFF", "ICO", "WEBP", "PCX", "PPM", "EPS", "PDF", "TGA")},
}  # fmt: skip


def _a_sparse_file_of_65_megabytes(path: Path) -> None:
    path.write_bytes(png(28, 28, packed(29 * 28)))
    os.truncate(path, 65 * MIB)


ATTACKS = [
    *of_bytes(".png", "picture", PNG | FOREIGN),
    *of_bytes(".jpg", "picture", JPEG),
    *named(
        ".png",
        "picture",
        _a_sparse_file_of_65_megabytes,
        *NO_FILES,
    ),
]
