"""What is changed, and what stays right around it."""

import gzip
import io
import json
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from mutations import blind, parts, structured
from mutations.specimens import SPECIMENS

TEXT = b'{"a": 1, "b": {"c": [true, "x"]}}'


def changed(kind, data=TEXT):
    """Return the strategy that changes bytes in one way."""
    return st.composite(lambda draw: kind(draw, data, b"other"))()


@pytest.mark.parametrize(
    ("kind", "is_wanted"),
    [
        (structured.as_json, lambda data: data.count(b'"a"') == 2),
        (structured.as_json, lambda data: b'"a"' not in data),
        (structured.as_json, lambda data: b"NaN" in data),
        (structured.as_json, lambda data: b"[" * 1000 in data),
        (structured.as_json, lambda data: b"\\ud800" in data),
        (structured.as_json, lambda data: b'"c":[false,' in data),
        (structured.as_tokens, lambda data: b"18446744073709551616" in data),
        (blind.as_bytes, lambda data: data.endswith(b"er") and data.startswith(b'{"a')),
        (blind.as_bytes, lambda data: b"\xff\xff\xff\x7f" in data),
        (blind.as_bytes, lambda data: 0 < len(data) < 5),
        # What Hypothesis finds depends on what is imported; it warns where it must show 30 kB.
        (blind.as_bytes, lambda data: 1000 < len(data) < 5000),
        (blind.as_bytes, lambda data: sorted(data) == sorted(TEXT) and data != TEXT),
    ],
)
def test_every_kind_of_damage_occurs(kind, is_wanted):
    tries = settings(max_examples=20_000, database=None, derandomize=True)
    assert is_wanted(find(changed(kind), is_wanted, settings=tries))


@given(changed(blind.as_numbers))
def test_numbers_are_changed_where_they_stand(data):
    assert len(data) == len(TEXT)


def test_lines_change_places_whole():
    lines = {b"a = 1\n", b"b = 2\n"}
    found = find(
        changed(structured.as_lines, b"a = 1\nb = 2\n"), lambda data: data == b"b = 2\na = 1\n",
        settings=settings(max_examples=20_000, database=None, derandomize=True),
    )  # fmt: skip
    assert set(found.splitlines(keepends=True)) == lines


def test_a_changed_part_is_packed_as_the_format_wants_it():
    assert gzip.decompress(parts.gzipped().put(b"", b"changed")) == b"changed"
    archive = parts.member("y_train.npy").put(SPECIMENS["npz, deflated"].data, b"changed")
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        assert found.testzip() is None
        assert found.read("y_train.npy") == b"changed"
    picture = parts.png_chunk(b"IDAT").put(SPECIMENS["PNG, gray"].data, b"changed")
    place = picture.index(b"IDAT")
    size = int.from_bytes(picture[place - 4 : place], "big")
    chunk, crc = picture[place : place + 4 + size], picture[place + 4 + size : place + 8 + size]
    assert zlib.decompress(chunk[4:]) == b"changed"
    assert zlib.crc32(chunk) == int.from_bytes(crc, "big")


def test_a_changed_card_stays_within_a_right_header():
    model = SPECIMENS["model file"].data
    found = parts.card("clearprop").put(model, b"{}")
    size = int.from_bytes(found[:8], "little")
    header = json.loads(found[8 : 8 + size])
    assert header["__metadata__"]["clearprop"] == "{}"
    assert found[8 + size :] == parts.tensors().take(model)


def test_an_npy_header_is_as_long_as_it_says(tmp_path):
    buffer = io.BytesIO()
    np.save(buffer, np.arange(3, dtype=np.uint8))
    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}"
    made = parts.npy_header().put(buffer.getvalue(), header)
    assert np.load(io.BytesIO(made), allow_pickle=False).tolist() == [0, 1, 2]
