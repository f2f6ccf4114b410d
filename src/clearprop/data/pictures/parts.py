"""Counts the parts of a PNG or JPEG file before it is decoded.

A decoder takes time for each part, and a megabyte can hold a hundred thousand empty ones, or as
many passes over fifty million pixels.
"""

from pathlib import Path
from typing import IO

from clearprop.errors import ImageError

MOST_PARTS = 1000
"""Before the pixels begin; a camera writes twenty."""

MOST_CHUNKS = 100_000
"""With those that hold the pixels: of 8 KiB each, as usual, in the largest file there are 8,192."""

MOST_SCANS = 100
"""Passes over a progressive JPEG; encoders make about ten, and one for a preview."""

_PNG = b"\x89PNG\r\n\x1a\n"
_SCAN = b"\xff\xda"
_END = b"\xff\xd9"
_BLOCK = 2**20


def check(path: Path) -> None:
    """Refuse a picture that would keep a decoder busy with anything but its pixels.

    Raises:
        ImageError: more parts or more scans than pictures have, or a part that claims more bytes
            than the file has.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        step = _chunk if file.read(8) == _PNG else _segment
        file.seek(8 if step is _chunk else 2)
        parts = 0
        while step(file):
            parts += 1
            if parts > MOST_PARTS:
                raise ImageError(f"{path}: more than {MOST_PARTS:,} parts; save the picture again.")
        if step is _chunk:
            file.seek(8)
            _check_chunks(path, file)
        if step is _segment and _scans(file) > MOST_SCANS:
            raise ImageError(f"{path}: more than {MOST_SCANS} scans; save the picture again.")


def _chunk(file: IO[bytes]) -> bool:
    """Pass over a chunk of a PNG file; False where the pixels begin, or nothing is left."""
    head = file.read(8)
    file.seek(int.from_bytes(head[:4], "big") + 4, 1)
    return len(head) == 8 and head[4:] not in (b"IDAT", b"IEND")


def _check_chunks(path: Path, file: IO[bytes]) -> None:
    # Pillow allocates what the last chunk of pixels claims before it reads.
    left = path.stat().st_size - len(_PNG)
    for _ in range(MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8 or head[4:] == b"IEND":
            return
        length = int.from_bytes(head[:4], "big")
        left -= length + 12
        if left < 0:
            raise ImageError(
                f"{path}: not a readable PNG or JPEG picture: a part of it claims more bytes than "
                "there are; save it again as PNG or JPEG."
            )
        file.seek(length + 4, 1)
    raise ImageError(f"{path}: more than {MOST_CHUNKS:,} parts; save the picture again.")


def _segment(file: IO[bytes]) -> bool:
    """Pass over a segment of a JPEG file, or a byte that fills the room before one."""
    marker = file.read(2)
    if marker == b"\xff\xff":
        file.seek(-1, 1)
        return True
    if len(marker) < 2 or marker in (_SCAN, _END) or marker[:1] != b"\xff":
        file.seek(-len(marker), 1)
        return False
    file.seek(max(2, int.from_bytes(file.read(2), "big")) - 2, 1)
    return True


def _scans(file: IO[bytes]) -> int:
    # Within the pixels 0xff is followed by a zero, so nothing else there looks like a scan.
    count, before = 0, b""
    while block := file.read(_BLOCK):
        count += (before + block).count(_SCAN)
        before = block[-1:]
    return count
