"""The header of a safetensors file: what the library writes is read, all else refused."""

import io
import json

import numpy as np
import pytest
import safetensors
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from clearprop.storage import header, strict_json

WORDS = st.text(st.characters(codec="utf-8"))
TENSORS = st.dictionaries(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(
        lambda name: name != header.METADATA
    ),
    arrays.arrays(
        st.sampled_from([np.float32, np.float64]),
        arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    ),
    max_size=5,
)


def read(data: bytes) -> header.Header:
    return header.read(io.BytesIO(data), len(data))


def file_of(text: bytes, body: bytes = b"") -> bytes:
    return len(text).to_bytes(8, "little") + text + body


# Of neither tensors nor metadata the library makes no JSON.
@given(TENSORS, st.dictionaries(WORDS, WORDS, min_size=1))
def test_what_the_library_writes_is_read_as_it_was_meant(tensors, metadata):
    data = safetensors.numpy.save(tensors, metadata)
    found = read(data)
    assert found.metadata == metadata
    assert found.tensors.keys() == tensors.keys()
    for name, place in found.tensors.items():
        there = np.frombuffer(data, place.dtype, tensors[name].size, place.start)
        assert there.reshape(place.shape).tobytes() == tensors[name].tobytes()
        assert place.shape == tensors[name].shape


@given(TENSORS.filter(bool), st.data())
def test_what_is_read_after_a_change_the_library_reads_alike(tensors, data):
    whole = bytearray(safetensors.numpy.save(tensors, {"a": "b"}))
    end = 8 + int.from_bytes(whole[:8], "little")
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, end - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read(bytes(whole))
    except ValueError:
        return
    theirs = safetensors.deserialize(bytes(whole))
    assert {name: (place.shape, bytes(whole[place.start :])[: len(entry["data"])])
            for (name, entry) in theirs for place in [found.tensors[name]]} == {
        name: (tuple(entry["shape"]), bytes(entry["data"])) for name, entry in theirs}  # fmt: skip
    assert len(theirs) == len(found.tensors)


ONE = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'
REFUSED = {
    "a key twice": (f'{{"a":{ONE},"a":{ONE}}}', 4, "'a' occurs twice"),
    "twice once escaped": (f'{{"a":{ONE},"\\u0061":{ONE}}}', 4, "'a' occurs twice"),
    "within": ('{"a":' + ONE.replace("{", '{"dtype":"F64",') + "}", 4, "'dtype' occurs twice"),
    "overlap": (f'{{"a":{ONE},"b":{ONE}}}', 4, "overlap at byte 0, before 'b'"),
    "a gap": (f'{{"a":{ONE.replace("0,4", "4,8")}}}', 8, "leave a gap at byte 4, before 'a'"),
    "bytes over": (f'{{"a":{ONE}}}', 5, "take 4 bytes, but there are 5"),
    "a wrong span": (f'{{"a":{ONE.replace("[1]", "[2]")}}}', 4, "'a' takes 8 bytes, not .* 0 to 4"),
    "a longer span": (f'{{"a":{ONE.replace("0,4", "0,8")}}}', 8, "'a' takes 4 bytes, .* 0 to 8"),
    "wrapping": ('{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}', 0,
                 "73,786,976,294,838,206,464 bytes"),
    "a truth": (f'{{"a":{ONE.replace("[1]", "[true]")}}}', 4, "int"),
    "another type": (f'{{"a":{ONE.replace("F32", "I32")}}}', 4, "in 'a': .*I32"),
    "deep": ('{"a":' * 17 + "1" + "}" * 17, 0, "more than 16 deep"),
    "open": ('{"a":', 0, "or do not match"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_the_fault_is_reported(name):
    text, size, says = REFUSED[name]
    with pytest.raises(ValueError, match=says):
        read(file_of(text.encode(), bytes(size)))


def test_too_many_tensors_are_refused(monkeypatch):
    monkeypatch.setattr(header, "MOST_TENSORS", 1)
    tensors = {"a": np.zeros(1), "b": np.zeros(1)}
    assert len(read(safetensors.numpy.save({"a": np.zeros(1)})).tensors) == 1
    with pytest.raises(ValueError, match="2 tensors, more than 1"):
        read(safetensors.numpy.save(tensors))


def test_a_header_is_bounded_before_it_is_read(monkeypatch):
    class Greedy(io.BytesIO):
        def read(self, size=-1):
            assert size <= 8
            return super().read(size)

    data = safetensors.numpy.save({"a": np.zeros(1)})
    monkeypatch.setattr(header, "LONGEST", 10)
    with pytest.raises(ValueError, match="too long"):
        header.read(Greedy(data), len(data))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON, st.booleans())
def test_every_json_that_nests_little_is_read_as_python_reads_it(value, ascii_only):
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert strict_json.decode(text.encode(), object) == value


@given(st.integers(1, 40), st.sampled_from(["[]", "{}"]), st.text('[]{}"\\'))
def test_depth_is_counted_outside_of_texts(depth, kind, noise):
    inner = json.dumps(noise)
    begin = "[" if kind == "[]" else '{"[":'
    text = begin * depth + inner + kind[1] * depth
    if depth > strict_json.DEEPEST:
        with pytest.raises(ValueError, match="deep"):
            strict_json.decode(text.encode(), object)
    else:
        assert strict_json.decode(text.encode(), object) == json.loads(text)
