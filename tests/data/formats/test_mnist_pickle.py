import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearprop.data import from_pickle, load
from clearprop.data.formats import idx
from clearprop.errors import DataError


@pytest.fixture
def written(classic, tmp_path):
    """Return a function that writes a classic pickle of given images and labels."""

    def write(*parts):
        path = tmp_path / "own.pkl.gz"
        path.write_bytes(classic(*parts))
        return path

    return write


def part(rows, pixel=0.0, label=1, dtype=np.float32):
    labels = np.full(rows, label, np.int64)
    labels[::2] = 0
    return np.full((rows, 784), pixel, dtype), labels


def test_the_classic_layout_becomes_the_published_rows(tiny_classic, tiny_files, tmp_path):
    images, labels, test_images, test_labels = map(idx.decode, tiny_files.values())
    for name, content in (("zipped", tiny_classic), ("plain", gzip.decompress(tiny_classic))):
        (tmp_path / name).write_bytes(content)
        for dataset in (from_pickle(tmp_path / name), load(tmp_path / name)):
            assert dataset.name == name
            assert dataset.train.images.dtype == np.uint8
            assert (dataset.train.images == images).all()
            assert (dataset.train.labels == labels).all()
            assert (dataset.test.images == test_images).all()
            assert (dataset.test.labels == test_labels).all()
            assert dataset.train.classes == dataset.test.classes == tuple("0123456789")


@given(k=st.integers(0, 255), other=st.floats(0, 1, width=32))
def test_pixels_are_bytes_where_all_are_256ths(tmp_path_factory, classic, k, other):
    path = tmp_path_factory.getbasetemp() / "pixels.pkl.gz"
    path.write_bytes(classic(part(2, k / 256), part(2, other), part(2)))
    images = from_pickle(path).train.images
    exact = other * 256 == int(other * 256) < 256
    assert images.dtype == (np.uint8 if exact else np.float32)
    assert images[0, 0, 0] == (k if exact else np.float32(k / 256))
    assert images[2, 0, 0] == (other * 256 if exact else np.float32(other))


def test_whole_numbers_are_pixels_already(written):
    images = from_pickle(written(*[part(2, 200, dtype=np.int32)] * 3)).train.images
    assert (images.dtype, images.max()) == (np.uint8, 200)


def test_labels_beyond_the_digits_name_their_own_classes(written):
    dataset = from_pickle(written(part(2, label=25), part(2), part(2)))
    assert len(dataset.train.classes) == len(dataset.test.classes) == 26


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([part(2), part(2)], "the pickle is damaged"),
        ([part(2), part(2), part(2, np.nan)], "test rows: Row 0, line 0, column 0 .* is nan"),
        ([part(2), part(2, label=-1), part(2)], "training rows: The label in row 3 is -1"),
        (
            [part(2), part(2), part(2, label=11)],
            "test rows: The label in row 1 is 11, but the 10 classes",
        ),
        ([part(2), part(2), part(0)], "test rows: .* there is nothing to learn from"),
    ],
)
def test_rows_that_cannot_be_learned_from_name_file_and_part(written, parts, message):
    with pytest.raises(DataError, match=r"own\.pkl\.gz.*" + message):
        from_pickle(written(*parts))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataError, match=r"absent\.pkl\.gz cannot be read"):
        from_pickle(tmp_path / "absent.pkl.gz")


@given(st.data())
def test_damaged_files_are_refused_by_name(classic, damaged, read_or_refuse, data):
    zipped = classic(*[part(2)] * 3)
    plain = gzip.decompress(zipped)
    # Most of the file is pixels; the instructions between them are what damage can abuse.
    damage = data.draw(damaged(plain[:400]))
    for content in (data.draw(damaged(zipped)), damage + plain[400:]):
        dataset = read_or_refuse(from_pickle, content)
        assert dataset is None or dataset.train.images.shape[1:] == (28, 28)
