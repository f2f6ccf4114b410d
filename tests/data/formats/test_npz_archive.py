import io
import struct
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearprop.data.formats import npz_archive
from clearprop.errors import DataError


def member(header: str, data: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    """An npy file with a header of one's own."""
    size = struct.pack("<H" if version == b"\x01\x00" else "<I", len(header))
    return b"\x93NUMPY" + version + size + header.encode() + data


def described(shape: str, kind: str = "'|u1'", order: str = "False") -> str:
    return f"{{'descr': {kind}, 'fortran_order': {order}, 'shape': {shape}, }}\n"


@pytest.fixture
def archived(tmp_path):
    """Return a function that packs members into an archive."""

    def pack(*members, method=zipfile.ZIP_STORED):
        path = tmp_path / "own.npz"
        with zipfile.ZipFile(path, "w", method) as archive:
            for name, data in members:
                archive.writestr(name, data)
        return path

    return pack


def refuse(path, message, names=("x",)):
    with pytest.raises(DataError, match=r"own\.npz: .*" + message):
        npz_archive.arrays(path, names)


def test_only_what_is_asked_for_is_read(archived):
    path = archived(
        ("x.npy", member(described("(2, 3)"), b"abcdef")),
        ("y.npy", member(described("(2, 3)", order="True"), b"abcdef")),
        ("broken.npy", b"?"),
        ("x", b"?"),
    )
    found = npz_archive.arrays(path, ["x", "y", "z"])
    assert {name: array.tolist() for name, array in found.items()} == {
        "x": [[97, 98, 99], [100, 101, 102]],
        "y": [[97, 99, 101], [98, 100, 102]],
    }
    assert npz_archive.names_in(path) == ["x.npy", "y.npy", "broken.npy", "x"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (member(described("(34359738368,)")), "takes 34,359,738,368 bytes, but there are 0"),
        (member(described("(4,)"), b"abc"), r"shape \(4,\) and type uint8 takes 4 bytes, but .* 3"),
        (member(described("(4,)"), b"abcde"), "takes 4 bytes, but there are 5"),
        (member(described("(-1, -4)"), b"abcd"), r"shape \(-1, -4\)"),
        (member(described("(4294967296, 4294967296)")), "but there are 0"),
        (member(described("(1,)", "'|O'"), b"12345678"), "holds object; only arrays of numbers"),
        (member(described("(1,)", "[('a', '<i4')]"), b"1234"), "only arrays of numbers"),
        (member(described("(1,)", "'<m8[s]'"), b"12345678"), "only arrays of numbers"),
        (member(described("(1,)", "'|S4'"), b"1234"), "only arrays of numbers"),
        (member(described("(1.5,)"), b"1"), "the npy header is damaged"),
        (member(described("(__import__('os'),)"), b"1"), "the npy header is damaged"),
        (member("(" * 3000), "the npy header is damaged"),
        (member("x" * 60_000), "the npy header is damaged"),
        (member(described("(1,)"), b"1", b"\x03\x00"), r"version \(3, 0\); 1\.0 and 2\.0 are read"),
        (member(described("(1,)"), b"1", b"\x09\x00"), r"version \(9, 0\)|header is damaged"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff", "the npy header is damaged"),
        (b"", "the npy header is damaged"),
        (b"text", "the npy header is damaged"),
    ],
)
def test_a_header_that_lies_or_is_none_is_refused(archived, content, message):
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        refuse(archived(("x.npy", content), method=method), "x.npy.*" + message)


@pytest.mark.skipif(np.dtype(np.longdouble).itemsize == 8, reason="longdouble is float64 here")
def test_numbers_longer_than_the_engines_take_are_refused(archived):
    kind = np.dtype(np.longdouble)
    path = archived(("x.npy", member(described("(1,)", repr(kind.str)), bytes(kind.itemsize))))
    refuse(path, f"x.npy holds {kind}; save its numbers as float64 or float32")


def test_a_version_two_header_is_read(archived):
    path = archived(("x.npy", member(described("(3,)"), b"abc", b"\x02\x00")))
    assert npz_archive.arrays(path, ["x"])["x"].tolist() == [97, 98, 99]


@given(st.text(max_size=60), st.binary(max_size=9))
def test_every_other_header_is_refused_by_name(tmp_path_factory, text, data):
    path = tmp_path_factory.getbasetemp() / "own.npz"
    for header in (text, described(text), described("(1,)", text), described("(1,)", repr(text))):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("x.npy", member(header, data))
        try:
            (array,) = npz_archive.arrays(path, ["x"]).values()
        except DataError as error:
            message = str(error)
            assert message.startswith(f"{path}: x.npy")
        else:
            assert array.tolist() == np.load(io.BytesIO(member(header, data))).tolist()


def test_two_arrays_of_one_name_are_refused(archived):
    good = member(described("(1,)"), b"1")
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = archived(("x.npy", good), ("x.npy", good))
    refuse(path, "two arrays called x")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(archived, method):
    path = archived(("x.npy", member(described("(1,)"), b"1")), method=method)
    refuse(path, f"x.npy is compressed by method {method}; save the arrays with")


def changed(path, name: bytes, place: int, value: bytes) -> None:
    """Change a field of a member's record in the archive's directory."""
    data = bytearray(path.read_bytes())
    record = data.rindex(b"PK\x01\x02", 0, data.rindex(name))
    data[record + place : record + place + len(value)] = value
    path.write_bytes(data)


def test_an_encrypted_member_is_refused(archived):
    path = archived(("x.npy", member(described("(1,)"), b"1")))
    changed(path, b"x.npy", 8, b"\x01\x00")
    refuse(path, "x.npy is encrypted; save the arrays without a password")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_size_that_cannot_be_true_is_refused(archived, method):
    path = archived(("x.npy", member(described("(4000000000,)"))), method=method)
    changed(path, b"x.npy", 24, struct.pack("<I", 4_000_000_128))
    refuse(path, "x.npy cannot be 4,000,000,128 bytes made of")


def test_a_changed_value_is_seen_by_its_checksum(archived):
    path = archived(("x.npy", member(described("(6,)"), b"values")))
    path.write_bytes(path.read_bytes().replace(b"values", b"volues"))
    refuse(path, "damaged or cut short .*CRC")


def test_arrays_beyond_the_limit_are_refused_together(archived, monkeypatch):
    good = member(described("(6,)"), b"values")
    monkeypatch.setattr(npz_archive, "LIMIT", 2 * len(good) - 1)
    assert len(npz_archive.arrays(archived(("x.npy", good)), ["x"])) == 1
    refuse(archived(("x.npy", good), ("y.npy", good)), "its arrays take .* more than", ["x", "y"])


def deflated(claim: int, real: int, padding: int = 0) -> bytes:
    """An archive of one member that claims so many zeros and holds another number of them."""
    head = member(described(f"({claim},)"))
    press = zlib.compressobj(9, wbits=-15)
    packed = press.compress(head) + b"".join(
        press.compress(bytes(2**20)) for _ in range(real >> 20)
    )
    packed += press.flush() + bytes(padding)
    sizes = struct.pack("<III", zlib.crc32(head + bytes(real)), len(packed), len(head) + claim)
    common = struct.pack("<HHHHH", 20, 0, 8, 0, 33) + sizes + struct.pack("<HH", 5, 0)
    local = b"PK\x03\x04" + common + b"x.npy" + packed
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + common + bytes(14 - 4) + struct.pack("<I", 0)
    entry += b"x.npy"
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, len(entry), len(local), 0)
    return local + entry + end


def test_bombs_take_no_memory(tmp_path, memory_of):
    more_than_claimed, fewer_than_claimed = deflated(1000, 2**28), deflated(2**30, 2**21)

    def refused() -> None:
        for data, message in (
            (more_than_claimed, "CRC"),
            (fewer_than_claimed, "cannot be 1,073,741,901 bytes made of"),
            (fewer_than_claimed + bytes(2**21), "damaged"),
        ):
            (tmp_path / "own.npz").write_bytes(data)
            refuse(tmp_path / "own.npz", message)

    assert memory_of(refused) < 8_000_000


def test_an_array_that_ends_early_has_taken_no_more_than_there_was(tmp_path, memory_of):
    path = tmp_path / "own.npz"
    path.write_bytes(deflated(2**25, 2**21, padding=2**17))
    assert memory_of(lambda: refuse(path, "is cut short: 2,097,152 bytes of 33,554,432")) < 2**23


def test_a_long_directory_takes_no_memory(tmp_path, memory_of):
    path = tmp_path / "own.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(3000):
            archive.writestr(f"{number}.npy", b"")
    assert memory_of(lambda: refuse(path, "its directory takes more than 131,072")) < 1_000_000


def test_a_directory_of_a_quarter_gigabyte_of_nothing_takes_no_memory(tmp_path, memory_of):
    path = tmp_path / "own.npz"
    with path.open("wb") as file:
        file.truncate(2**28)
        file.seek(2**28)
        file.write(struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, 2**28, 0, 0))
    assert memory_of(lambda: refuse(path, "its directory takes more than")) < 1_000_000


def test_a_directory_that_is_longer_than_the_file_is_refused(archived):
    path = archived(("x.npy", member(described("(1,)"), b"1")))
    data = bytearray(path.read_bytes())
    end = data.rindex(b"PK\x05\x06")
    data[end + 12 : end + 20] = struct.pack("<II", 2**32 - 2, 0)
    path.write_bytes(data)
    refuse(path, "damaged")
