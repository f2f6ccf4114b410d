import ast
import contextlib
import gzip
import os
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clearprop
from clearprop.data.formats import classic_pickle
from clearprop.errors import DataError


def parts(rows=(2, 1, 1)):
    for count in rows:
        yield np.zeros((count, 784), np.float32), np.zeros(count, np.int64)


def test_the_four_files_are_rebuilt_bit_for_bit(tiny_classic, tiny_files):
    assert classic_pickle.idx_files(tiny_classic) == tiny_files


@pytest.mark.parametrize("protocol", [3, 4])
def test_a_file_saved_again_by_python_3_is_read_too(protocol):
    saved = gzip.compress(pickle.dumps(tuple(parts()), protocol))
    first, _, third = classic_pickle.read(saved)
    assert first[0].shape == (2, 784)
    assert third[1].dtype == np.int64


def test_arrays_stored_by_column_keep_their_order():
    images = np.asfortranarray(np.arange(2 * 784, dtype=np.float32).reshape(2, 784))
    saved = pickle.dumps(((images, np.zeros(2, np.int64)), *parts((1, 1))), 3)
    assert (classic_pickle.read(gzip.compress(saved))[0][0] == images).all()


class Wicked:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (os.system, ("touch owned",)),
        (eval, ("open('owned', 'w')",)),
        (np.load, ("owned", None, True)),
        (np.fromfile, ("owned",)),
        (getattr, (b"", "hex")),
    ],
)
def test_every_other_name_is_refused(function, arguments, protocol, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"the pickle asks for|is not allowed"):
        classic_pickle.read(gzip.compress(pickle.dumps(Wicked(function, *arguments), protocol)))
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (b"\x80\x02cnumpy\nndarray.__init__\n.", "asks for numpy.ndarray.__init__"),
        (b"\x80\x02cnumpy.core.multiarray\n_reconstruct.__globals__\n.", "__globals__"),
        (b"\x80\x04\x8c\x05numpy\x8c\x07ndarray\x93}b.", "EMPTY_DICT is not allowed"),
        (b"(S'touch owned'\nios\nsystem\n.", "byte 1: the instruction STRING is not allowed"),
        (b"(ios\nsystem\n.", "byte 1: the instruction INST is not allowed"),
        (b"\x80\x02cnumpy\nndarray\n)\x81.", "NEWOBJ is not allowed"),
        (b"\x80\x02\x82\x01.", "EXT1 is not allowed"),
        (b"\x80\x02NQ.", "BINPERSID is not allowed"),
        (b"\x80\x05\x96\x08\0\0\0\0\0\0\0bytearry.", "BYTEARRAY8 is not allowed"),
        (b"\x80\x02Nr\xff\xff\xff\x7f.", "byte 3: memo 2147483647 is beyond"),
    ],
)
def test_roundabout_ways_are_refused(program, message):
    with pytest.raises(DataError, match=message):
        classic_pickle.read(gzip.compress(program))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mutations_and_truncations_raise_data_error_only(data, classic):
    plain = gzip.decompress(classic(*parts((1, 1, 1))))
    # Most of the file is pixels; the faults that matter are in the instructions between them.
    places = [p for p in range(len(plain)) if plain[p] or p % 97 == 0]
    mutated = bytearray(plain)
    for _ in range(data.draw(st.integers(1, 3))):
        mutated[data.draw(st.sampled_from(places))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(plain)))
    for program in (bytes(mutated), plain[:end]):
        with contextlib.suppress(DataError):
            classic_pickle.idx_files(gzip.compress(program, 1))


@given(st.binary(max_size=60))
def test_noise_raises_data_error_only(noise):
    for program in (noise, gzip.compress(noise), gzip.compress(b"\x80\x02" + noise)):
        with pytest.raises(DataError):
            classic_pickle.read(program)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((2, 784), np.float32), np.zeros(3, np.int64), "do not fit together"),
        (np.zeros((2, 783), np.float32), np.zeros(2, np.int64), "do not fit together"),
        (np.full((2, 784), 0.3, np.float32), np.zeros(2, np.int64), "256 × pixel in row 0"),
        (np.full((2, 784), np.nan, np.float32), np.zeros(2, np.int64), "256 × pixel in row 0"),
        (np.full((2, 784), 1.0, np.float32), np.zeros(2, np.int64), "whole number from 0 to 255"),
        (np.zeros((2, 784), np.int32), np.zeros(2, np.int64), "holds floats"),
        (np.zeros((2, 784), np.float32), np.array([3, 10]), "label in row 1"),
        (np.zeros((2, 784), np.float32), np.array([-1, 0]), "label in row 0"),
    ],
)
def test_values_that_were_never_mnist_are_refused(images, labels, message, classic):
    with pytest.raises(DataError, match=message):
        classic_pickle.idx_files(classic((images, labels), *parts((1, 1))))


@pytest.mark.parametrize("code", [b"O8", b"V4", b"S4", b"c8", b"b1", b"M8", b"f9"])
def test_arrays_of_anything_but_numbers_are_refused(code, classic):
    plain = gzip.decompress(classic(*parts()))
    assert b"f4" in plain
    with pytest.raises(DataError, match="is not one of numbers"):
        classic_pickle.read(gzip.compress(plain.replace(b"f4", code)))


@pytest.mark.parametrize("shape", [(3, 784), (2**31 - 1, 784), (-2, -784)])
def test_a_shape_that_its_bytes_do_not_fill_is_refused(classic, shape):
    plain = gzip.decompress(classic(*parts()))
    stored, wrong = (struct.pack("<cici", b"J", n, b"J", m) for n, m in ((2, 784), shape))
    assert stored in plain
    message = rf"shape \({shape[0]}, {shape[1]}\) does not take 6272 bytes"
    with pytest.raises(DataError, match=message):
        classic_pickle.read(gzip.compress(plain.replace(stored, wrong)))


def test_a_refusal_is_one_printable_line_whatever_the_file_says():
    name = "numpy\n\x1b[31m" + "x" * 5000
    module = b"X" + struct.pack("<I", len(name)) + name.encode()
    for program in (b"\x80\x04" + module + b"\x8c\x01x\x93.", b"\x80\x04" + module + b"R."):
        with pytest.raises(DataError) as caught:
            classic_pickle.read(program)
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 500


def test_a_gzip_bomb_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(classic_pickle, "LIMIT", 1000)
    with pytest.raises(DataError, match="more than the 1,000 bytes"):
        classic_pickle.read(gzip.compress(bytes(10_000_000)))


def test_no_other_file_imports_pickle():
    def imports(path: Path) -> set[str]:
        found = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module or "")
        return found

    sources = Path(clearprop.__file__).parent.rglob("*.py")
    guilty = {path.name for path in sources if {"pickle", "dill", "joblib"} & imports(path)}
    assert guilty == {"classic_pickle.py"}
