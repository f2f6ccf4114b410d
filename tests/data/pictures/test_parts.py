import io
import struct
import zlib

import pytest
from PIL import Image

from clearprop.data.pictures import parts
from clearprop.errors import ImageError


def segments(count: int, scans: int = 0, fill: int = 0) -> bytes:
    """A JPEG of so many empty comments, filling bytes, and scans."""
    scan = b"\xff\xda\x00\x02" + b"\x10\xff\x00\x10"
    return b"\xff\xd8" + b"\xff" * fill + b"\xff\xfe\x00\x02" * count + scan * scans + b"\xff\xd9"


def chunks(count: int, after: int = 5000, claimed: int = 0) -> bytes:
    """A PNG of so many empty chunks before its pixels, and more after them.

    The pixels claim a length that they need not have.
    """
    empty = struct.pack(">I", 0) + b"teSt" + struct.pack(">I", zlib.crc32(b"teSt"))
    pixels = struct.pack(">I", claimed) + b"IDAT" + bytes(4)
    return b"\x89PNG\r\n\x1a\n" + empty * count + pixels + empty * after


GOOD = {
    "parts of a PNG": chunks(parts.MOST_PARTS),
    "all parts of a PNG": chunks(1, after=parts.MOST_CHUNKS - 3),
    "pixels to the last byte": chunks(1, after=1, claimed=12),
    "parts of a JPEG": segments(parts.MOST_PARTS),
    "filling bytes": segments(1, 1, fill=parts.MOST_PARTS - 1),
    "scans": segments(9, parts.MOST_SCANS),
    "nothing": b"",
    "something else": b"GIF89a" + bytes(100),
    "a segment of no length": b"\xff\xd8\xff\xe0\x00\x00\xff",
}
BAD = {
    "parts of a PNG": (chunks(parts.MOST_PARTS + 1), "1,000 parts"),
    "all parts of a PNG": (chunks(1, after=parts.MOST_CHUNKS), "100,000 parts"),
    "one byte too many": (chunks(1, after=1, claimed=13), "more bytes than there are"),
    # Pillow would take a gigabyte for these 45 bytes.
    "pixels that are not there": (chunks(1, after=0, claimed=2**30), "more bytes than there are"),
    "parts of a JPEG": (segments(parts.MOST_PARTS + 1), "1,000 parts"),
    "filling bytes": (segments(1, 1, fill=parts.MOST_PARTS), "1,000 parts"),
    "scans": (segments(9, parts.MOST_SCANS + 1), "100 scans"),
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "picture"


@pytest.mark.parametrize("name", GOOD)
def test_what_is_within_bounds_passes(path, name):
    path.write_bytes(GOOD[name])
    parts.check(path)


@pytest.mark.parametrize("name", BAD)
def test_what_is_beyond_them_is_refused(path, name):
    data, says = BAD[name]
    path.write_bytes(data)
    with pytest.raises(ImageError, match=says):
        parts.check(path)


def test_a_scan_that_lies_across_two_blocks_is_counted_once(path, monkeypatch):
    path.write_bytes(segments(1, parts.MOST_SCANS))
    for block in (1, 2, 3, 7, 2**20):
        monkeypatch.setattr(parts, "_BLOCK", block)
        parts.check(path)
    path.write_bytes(segments(1, parts.MOST_SCANS + 1))
    for block in (1, 2, 3, 7, 2**20):
        monkeypatch.setattr(parts, "_BLOCK", block)
        with pytest.raises(ImageError):
            parts.check(path)


@pytest.mark.parametrize("words", [{"progressive": True}, {"quality": 95}, {"exif": b"Exif\0\0II"}])
def test_what_encoders_write_passes(path, words):
    buffer = io.BytesIO()
    Image.effect_noise((300, 200), 90).save(buffer, "JPEG", **words)
    path.write_bytes(buffer.getvalue())
    parts.check(path)
