"""Parts of a file that can be extracted, changed and put back, with valid data around them.

A changed byte in compressed data fails the checksum, so the reader of the content would never
run. Therefore the content is unpacked, changed, and packed again.
"""

import gzip
import io
import json
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from typing import NamedTuple

from mutations.blind import Kind, as_bytes, as_numbers
from mutations.structured import as_json, as_lines

Take = Callable[[bytes], bytes]
Put = Callable[[bytes, bytes], bytes]

_PNG = b"\x89PNG\r\n\x1a\n"


class Part(NamedTuple):
    """A part of a file.

    Attributes:
        name: its name.
        take: whole -> part.
        put: whole, changed part -> changed whole.
        kinds: the kinds of mutation for it.
    """

    name: str
    take: Take
    put: Put
    kinds: tuple[Kind, ...] = (as_bytes,)


def whole(*kinds: Kind) -> Part:
    """Return the whole file as a part of itself."""
    return Part("whole", lambda data: data, lambda _, part: part, kinds or (as_bytes,))


def within(outer: Part, inner: Part) -> Part:
    """Return a part of a part."""
    return Part(
        f"{outer.name}, {inner.name}",
        lambda data: inner.take(outer.take(data)),
        lambda data, part: outer.put(data, inner.put(outer.take(data), part)),
        inner.kinds,
    )


def gzipped(*kinds: Kind) -> Part:
    """Return the content of a gzip file."""

    def put(data: bytes, part: bytes) -> bytes:
        return gzip.compress(part, 6, mtime=0)

    return Part("below gzip", gzip.decompress, put, kinds or (as_bytes,))


def member(name: str, *kinds: Kind) -> Part:
    """Return a member of a zip archive."""

    def put(data: bytes, part: bytes) -> bytes:
        return _zipped(data, lambda one, content: (one, part if one == name else content))

    return Part(name, lambda data: _members(data)[name], put, kinds)


def member_names() -> Part:
    """Return the names in a zip archive, one per line."""

    def put(data: bytes, part: bytes) -> bytes:
        names = iter(part.decode("latin1").split("\n"))
        return _zipped(data, lambda one, content: (next(names, one)[:1000], content))

    return Part("names", lambda data: "\n".join(_members(data)).encode(), put, (as_lines, as_bytes))


def npy_header(*kinds: Kind) -> Part:
    """Return the Python literal in the header of an npy file."""

    def put(data: bytes, part: bytes) -> bytes:
        return data[:8] + struct.pack("<H", len(part[:65535])) + part[:65535] + data[_npy(data) :]

    return Part("npy header", lambda data: data[10 : _npy(data)], put, kinds)


def png_chunk(name: bytes) -> Part:
    """Return the data of a PNG file's first chunk of that name, uncompressed."""
    packed = name == b"IDAT"

    def take(data: bytes) -> bytes:
        content = next(content for kind, content in _chunks(data) if kind == name)
        return zlib.decompress(content) if packed else content

    def put(data: bytes, part: bytes) -> bytes:
        content = zlib.compress(part) if packed else part
        made = [(kind, content if kind == name else old) for kind, old in _chunks(data)]
        return _PNG + b"".join(map(_chunk, made))

    return Part(name.decode(), take, put)


def tensor_header() -> Part:
    """Return the JSON header of a safetensors file."""
    return Part("header", _header, _with_header, (as_json, as_bytes))


def card(key: str) -> Part:
    """Return Clearprop's JSON text in the header of a safetensors file."""

    def put(data: bytes, part: bytes) -> bytes:
        table = json.loads(_header(data))
        table["__metadata__"][key] = part.decode("utf-8", "replace")
        return _with_header(data, json.dumps(table).encode())

    def take(data: bytes) -> bytes:
        return json.loads(_header(data))["__metadata__"][key].encode()

    return Part("card", take, put, (as_json, as_json, as_bytes))


def tensors() -> Part:
    """Return the numbers of a safetensors file."""

    def put(data: bytes, part: bytes) -> bytes:
        return data[: 8 + len(_header(data))] + part

    return Part("tensors", lambda data: data[8 + len(_header(data)) :], put, (as_numbers,))


def _members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _zipped(data: bytes, change: Callable[[str, bytes], tuple[str, bytes]]) -> bytes:
    """Return an archive with each member's name and content changed."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(buffer, "w") as new,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # two members of one name
        for info in old.infolist():
            name, content = change(info.filename, old.read(info))
            new.writestr(zipfile.ZipInfo(name), content, info.compress_type)
    return buffer.getvalue()


def _npy(data: bytes) -> int:
    return 10 + struct.unpack_from("<H", data, 8)[0]


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found, place = [], len(_PNG)
    while place < len(data):
        (size,) = struct.unpack_from(">I", data, place)
        found.append((data[place + 4 : place + 8], data[place + 8 : place + 8 + size]))
        place += 12 + size
    return found


def _chunk(made: tuple[bytes, bytes]) -> bytes:
    name, content = made
    crc = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc)


def _header(data: bytes) -> bytes:
    return data[8 : 8 + struct.unpack_from("<Q", data)[0]]


def _with_header(data: bytes, header: bytes) -> bytes:
    return struct.pack("<Q", len(header)) + header + data[8 + len(_header(data)) :]
