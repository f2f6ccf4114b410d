import contextlib
import gzip
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from clearprop.data.formats import gzip_data, idx
from clearprop.errors import DataError

ARRAYS = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5))
GOOD = idx.encode(np.arange(12, dtype=np.uint8).reshape(2, 3, 2))


@given(ARRAYS)
def test_what_is_encoded_is_decoded(array):
    decoded = idx.decode(idx.encode(array))
    assert decoded.shape == array.shape
    assert decoded.dtype == np.uint8
    assert (decoded == array).all()
    assert not decoded.flags.writeable


def test_the_bytes_are_those_of_the_published_files():
    assert GOOD[:16] == bytes.fromhex("00000803 00000002 00000003 00000002")
    assert GOOD[16:] == bytes(range(12))


@given(st.binary(max_size=40))
def test_noise_raises_data_error_only(noise):
    for data in (noise, b"\0\0\x08" + noise, b"\0\0\x08\x01" + noise):
        with contextlib.suppress(DataError):
            idx.decode(data)


@given(st.data())
def test_damage_raises_data_error_only(damaged, data):
    compressed = data.draw(damaged(gzip.compress(GOOD, mtime=0)))
    with contextlib.suppress(DataError):
        idx.decode(data.draw(damaged(GOOD)))
    with contextlib.suppress(DataError):
        idx.decode(idx.unpack(compressed, "file"))
    with contextlib.suppress(DataError):
        gzip_data.inflate(compressed, len(GOOD), "file")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "byte 0: the file is cut short"),
        (b"\x01" + GOOD[1:], "byte 0: an IDX file begins with 00 00, this with 01 00"),
        (GOOD[:2] + b"\x0d" + GOOD[3:], "byte 2: the file holds 32-bit floats"),
        (GOOD[:2] + b"\x77" + GOOD[3:], "byte 2: the file holds the unknown type 0x77"),
        (GOOD[:3] + b"\0" + GOOD[4:], "byte 3: 0 dimensions"),
        (GOOD[:3] + b"\x05" + GOOD[4:], "byte 3: 5 dimensions"),
        (GOOD[:11], "byte 11: the header is cut short: 3 sizes"),
        (GOOD[:8] + b"\xff\xff\xff\xfe" + GOOD[12:], "byte 8: the size of dimension 1 is -2"),
        (GOOD[:-1], "byte 27: the file is cut short: 2×3×2 values take 28 bytes, there are 27"),
        (GOOD + b"!", "byte 28: the file has bytes after its end"),
        # Sizes whose product is 2**64, which would be 0 in 64 bits.
        (
            struct.pack(">4B4i", 0, 0, 8, 4, 2**16, 2**16, 2**16, 2**16),
            "byte 20: the file is cut short",
        ),
    ],
)
def test_each_fault_is_named_with_its_place(data, message):
    with pytest.raises(DataError) as error:
        idx.decode(data, "my file")
    assert str(error.value).startswith("my file, ")
    assert message in str(error.value)


def test_a_gzip_bomb_is_not_unpacked(memory_of):
    bomb = gzip.compress(bytes(50_000_000))

    def refused() -> None:
        with pytest.raises(DataError, match="more than the 28 bytes"):
            gzip_data.inflate(bomb, 28, "bomb")

    assert memory_of(refused) < 1_000_000


def test_a_header_that_asks_for_too_much_is_refused_before_unpacking():
    header = struct.pack(">4B3i", 0, 0, 8, 3, 2**31 - 1, 2**31 - 1, 2**31 - 1)
    with pytest.raises(DataError, match="the header asks for"):
        idx.unpack(gzip.compress(header), "greedy")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (gzip.compress(GOOD, mtime=0)[:-1], "is cut short"),
        (gzip.compress(GOOD, mtime=0) + b"x", "has bytes after its end"),
        (gzip.compress(GOOD[:-1], mtime=0), "unpacks to 27 bytes, not to 28"),
        (gzip.compress(GOOD, mtime=0)[:-8] + bytes(8), "is damaged"),
        (b"\x1f\x8bxxxxxxxxxxxxxx", "is damaged"),
    ],
)
def test_damaged_compression_is_refused(data, message):
    with pytest.raises(DataError, match=message):
        gzip_data.inflate(data, len(GOOD), "file")


def test_read_takes_plain_and_compressed_files(tmp_path):
    for name, data in (("plain", GOOD), ("small.gz", gzip.compress(GOOD))):
        (tmp_path / name).write_bytes(data)
        assert idx.read(tmp_path / name).shape == (2, 3, 2)


def test_read_refuses_missing_and_oversized_files(tmp_path, monkeypatch):
    (tmp_path / "big").write_bytes(GOOD)
    monkeypatch.setattr(idx, "LIMIT", 27)
    for name, message in (("absent", "absent cannot be read: No"), ("big", "larger than 27 bytes")):
        with pytest.raises(DataError, match=message):
            idx.read(tmp_path / name)


@pytest.mark.parametrize("array", [np.zeros(3), np.uint8(3), np.zeros((1,) * 5, np.uint8)])
def test_encode_refuses_other_types_and_shapes(array):
    with pytest.raises(DataError, match="unsigned bytes in 1 to 4 dimensions"):
        idx.encode(np.asarray(array))
