"""Attacks on `.npz` files: the zip archive, its members' names and sizes, the npy headers."""

import io
import stat
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable

import numpy as np

from attacks.attack import of_bytes
from attacks.idx_files import deflated
from attacks.pickles import CALLS, program

MIB = 2**20
ROWS = np.arange(12, dtype=np.uint8).reshape(4, 3)
LABELS = np.array([0, 1, 0, 1])
X, Y = "x_train.npy", "y_train.npy"


def npy(array: np.ndarray) -> bytes:
    """Return an array as the bytes of an npy file."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def headed(header: str, data: bytes = b"", version: int = 1) -> bytes:
    """Return an npy file whose header is this text."""
    size = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + size + header.encode() + data


def described(shape: str, data: bytes = b"", kind: str = "'|u1'") -> bytes:
    """Return an npy file of this shape and type, whatever its data."""
    return headed(f"{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}, }}\n", data)


def archive(
    *members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_STORED
) -> bytes:
    """Return a zip archive of these members."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as file:
        warnings.simplefilter("ignore")  # of two members of one name
        for name, data in members:
            file.writestr(name, data, method)
    return buffer.getvalue()


def images(data: bytes, method: int = zipfile.ZIP_STORED) -> Callable[[], bytes]:
    """Return the maker of an archive whose images are these bytes."""
    return lambda: archive((X, data), (Y, npy(LABELS)), method=method)


def bomb(claim: int, real: int, sizes: int | None = None) -> Callable[[], bytes]:
    """Return the maker of an archive whose images are deflated zeros.

    Args:
        claim: how many the npy header promises.
        real: how many there are.
        sizes: how many bytes the archive's directory says it unpacks to; without it, the truth.
    """

    def make() -> bytes:
        head = described(f"({claim},)")
        packed = deflated(head, real)
        return by_hand((X, packed, 8, 0, len(head) + real if sizes is None else sizes))

    return make


def by_hand(*members: tuple[str, bytes, int, int, int], offsets: tuple[int, ...] = ()) -> bytes:
    """Return an archive of (name, packed bytes, method, checksum, size) that is not looked over."""
    body, entries = b"", b""
    for number, (name, packed, method, check, size) in enumerate(members):
        common = struct.pack("<HHHHH", 20, 0, method, 0, 33)
        common += struct.pack("<III", check, len(packed), size)
        common += struct.pack("<HH", len(name), 0)
        offset = offsets[number] if offsets else len(body)
        entries += b"PK\x01\x02" + struct.pack("<H", 20) + common + bytes(10)
        entries += struct.pack("<I", offset) + name.encode()
        body += b"PK\x03\x04" + common + name.encode() + packed
    end = (b"PK\x05\x06", 0, 0, len(members), len(members), len(entries), len(body), 0)
    return body + entries + struct.pack("<4sHHHHIIH", *end)


def plain(name: str, data: bytes) -> tuple[str, bytes, int, int, int]:
    """Return a member that is stored as it is."""
    return name, data, 0, zlib.crc32(data), len(data)


def overlapping() -> bytes:
    """Return an archive whose labels lie inside its images: one file shows two contents."""
    labels = by_hand(plain(Y, npy(LABELS)))[: 30 + len(Y) + len(npy(LABELS))]
    rows = described(f"(4, {len(labels)})", labels * 4)
    start = 30 + len(X) + rows.index(labels)
    data = by_hand(plain(X, rows), plain(Y, npy(LABELS)), offsets=(0, start))
    return data


def one_place() -> bytes:
    """Return an archive with two entries in its directory for one member."""
    rows = plain(X, npy(ROWS))
    return by_hand(rows, (Y, rows[1], *rows[2:]), offsets=(0, 0))


def changed(place: int, value: bytes) -> Callable[[], bytes]:
    """Return the maker of a good archive in whose directory a field of the images is another."""

    def make() -> bytes:
        data = bytearray(archive((X, npy(ROWS)), (Y, npy(LABELS))))
        record = data.index(b"PK\x01\x02")
        data[record + place : record + place + len(value)] = value
        return bytes(data)

    return make


def ended(place: int, value: bytes) -> Callable[[], bytes]:
    """Return the maker of a good archive whose end record has another field."""

    def make() -> bytes:
        data = bytearray(archive((X, npy(ROWS)), (Y, npy(LABELS))))
        record = data.rindex(b"PK\x05\x06")
        data[record + place : record + place + len(value)] = value
        return bytes(data)

    return make


def link() -> bytes:
    """Return an archive whose images are a symbolic link to a file of the reader's."""
    info = zipfile.ZipInfo(X)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return archive((info, b"/etc/passwd"), (Y, npy(LABELS)))


def called(name: str) -> Callable[[], bytes]:
    """Return the maker of an archive whose images have this name."""
    return lambda: archive((name, npy(ROWS)), (Y, npy(LABELS)))


OBJECTS = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"
NUMPY = {
    "an array of 2^62 bytes": images(described("(4611686018427387904,)")),
    "sizes that wrap to nothing": images(described("(4294967296, 4294967296)")),
    "sizes below zero": images(described("(-4, -3)", bytes(12))),
    "a size of 4,000 digits": images(described(f"({'9' * 4000},)")),
    "2^63 rows of nothing": images(described("(9223372036854775808, 0)")),
    "a thousand dimensions": images(described(f"({'1,' * 1000})", b"1")),
    "an array a byte short": images(described("(4, 3)", bytes(11))),
    "an array a byte long": images(described("(4, 3)", bytes(13))),
    "objects that run code": images(headed(OBJECTS, program(CALLS["os.system"]))),
    "a table with objects": images(described("(1,)", b"12345678", "[('a', '|O')]")),
    "a type of a gigabyte": images(described("(1,)", b"1", "'|V1073741824'")),
    "a text for a type": images(described("(1,)", b"1", "'__import__(\"os\")'")),
    "code for a shape": images(described("(__import__('os').system('true'),)", b"1")),
    "code for a header": images(headed("__import__('os').system('true')\n")),
    "3,000 brackets": images(headed("(" * 3000)),
    "3,000 minus signs": images(described(f"({'-' * 3000}1,)", b"1")),
    "a sum of 2,000 parts": images(described(f"({'1+' * 1900}1,)", b"1")),
    "a power": images(described("(9**9**9**9,)", b"1")),
    "a text times a billion": images(described("('a'*10**9,)", b"1")),
    "a header of 60,000 letters": images(headed("x" * 60_000)),
    "a header of 4 GB that is not there": images(b"\x93NUMPY\x02\x00\xff\xff\xff\xff"),
    "a version to come": images(headed("{}", version=9)),
    "a NUL in a header": images(headed("{'descr': '|u1', \0}")),
    "a key twice in a header": images(headed("{'descr': '|u1', 'descr': '|O', "
                                             "'fortran_order': False, 'shape': (1,), }", b"1")),
    "escape codes in a header": images(headed("\x1b[2J\n\n\n")),
    "pixels that are NaN": images(npy(np.full((4, 3), np.nan))),
    "pixels that are infinite": images(npy(np.full((4, 3), np.inf))),
    "labels of 2^62": lambda: archive((X, npy(ROWS)), (Y, npy(LABELS + 2**62))),
    "labels below zero": lambda: archive((X, npy(ROWS)), (Y, npy(LABELS - 1))),
    "labels that are NaN": lambda: archive((X, npy(ROWS)), (Y, npy(LABELS * np.nan))),
    "numbers that are complex": images(npy(ROWS * 1j)),
    "dates": images(npy(ROWS.astype("M8[s]"))),
}  # fmt: skip
ZIP = {
    "a bomb of 1,000 to 1": bomb(2**30, 2**30),
    "a bomb that unpacks to more than it says": bomb(1000, 2**28, sizes=1080),
    "a bomb that unpacks to less than it says": bomb(2**31 - 2**20, 2**21),
    "a bomb beyond the limit": bomb(2**32 - 2**20, 2**24),
    "a bomb in bzip2": images(npy(np.zeros(2**22, np.uint8)), zipfile.ZIP_BZIP2),
    "a bomb in LZMA": images(npy(np.zeros(2**22, np.uint8)), zipfile.ZIP_LZMA),
    "an archive within an archive": images(archive((X, npy(ROWS)))),
    "labels within the images": overlapping,
    "two names for one place": one_place,
    "two arrays of one name": lambda: archive((X, npy(ROWS)), (X, npy(ROWS + 1)), (Y, npy(LABELS))),
    "a directory of 10,000 members": lambda: archive(*[(f"{i}.npy", b"") for i in range(10_000)]),
    "a directory beyond the file": ended(12, struct.pack("<II", 2**32 - 2, 0)),
    "a directory of four gigabytes": ended(12, struct.pack("<I", 2**32 - 2)),
    "a member beyond the file": changed(42, struct.pack("<I", 2**31)),
    "a member of four gigabytes": changed(20, struct.pack("<II", 2**32 - 2, 2**32 - 2)),
    "a member that is encrypted": changed(8, b"\x01\x00"),
    "a member in an unknown compression": changed(10, b"\x63\x00"),
    "a wrong checksum": changed(16, bytes(4)),
    "cut in the middle": lambda: archive((X, npy(ROWS)), (Y, npy(LABELS)))[:200],
    "an archive of nothing": archive,
    "PK and nothing else": lambda: b"PK\x03\x04",
}
NAMES = {
    "a name that climbs": called(f"../{X}"),
    "a name from the root": called(f"/tmp/{X}"),  # noqa: S108 - the attack, not a file of ours
    "a name that climbs in Windows": called(f"..\\{X}"),
    "a name on a drive": called(f"C:\\{X}"),
    "a name with a NUL": lambda: by_hand(plain(f"{X}\0.txt", npy(ROWS)), plain(Y, npy(LABELS))),
    "a name with escape codes": called("\x1b[2J\n\n\nx.npy"),
    "a name of 60,000 letters": called("a" * 60_000),
    "a folder for an array": called(f"{X}/"),
    "a link out of the archive": link,
}

ATTACKS = of_bytes(".npz", "data", NUMPY | ZIP | NAMES)
