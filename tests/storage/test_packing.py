"""The bytes that are written are a safetensors file: the library itself reads them back."""

import hypothesis.extra.numpy as arrays
import hypothesis.strategies as st
import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from safetensors import safe_open

from clearprop.storage.packing import packed

TENSORS = st.dictionaries(
    st.text(min_size=1, max_size=20).filter(lambda name: name != "__metadata__"),
    arrays.arrays(
        st.sampled_from(["<f4", "<f8", ">f4"]),
        arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    ),
    max_size=5,
)


def joined(parts):
    return b"".join(bytes(part) for part in parts)


@given(TENSORS, st.dictionaries(st.text(max_size=9), st.text(max_size=30), max_size=3))
def test_the_library_reads_what_was_written(tmp_path_factory, tensors, metadata):
    data = joined(packed(metadata, tensors))
    found = safetensors.numpy.load(data)
    assert set(found) == set(tensors)
    for name, tensor in tensors.items():
        assert found[name].dtype == tensor.dtype.newbyteorder("=")
        assert found[name].shape == tensor.shape
        assert found[name].tobytes() == tensor.astype(tensor.dtype.newbyteorder("<")).tobytes()
    path = tmp_path_factory.mktemp("packed") / "file.safetensors"
    path.write_bytes(data)
    with safe_open(path, framework="numpy") as file:
        assert (file.metadata() or {}) == metadata


@pytest.mark.parametrize("shape", [(3, 4), (4, 3)])
def test_a_tensor_that_lies_turned_in_memory_is_written_in_order(shape):
    turned = np.arange(12, dtype=np.float32).reshape(shape).T
    assert (safetensors.numpy.load(joined(packed({}, {"w": turned})))["w"] == turned).all()


def test_tensors_are_not_copied():
    tensor = np.zeros((8, 8), np.float32)
    tensor_bytes = packed({}, {"w": tensor})[1]
    tensor[0, 0] = 1.0
    assert np.frombuffer(tensor_bytes, np.float32)[0] == 1.0
