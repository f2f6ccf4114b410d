import gzip
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from clearprop.data import from_idx, load
from clearprop.data.formats import idx
from clearprop.errors import DataError


@pytest.fixture
def files(tiny_files, tmp_path):
    """Write the tiny set's four files, and return their paths."""
    for name, data in tiny_files.items():
        (tmp_path / name).write_bytes(data)
    return [tmp_path / name for name in tiny_files]


@given(data=st.data(), zipped=st.booleans())
def test_what_is_written_is_read(tmp_path_factory, data, zipped):
    rows = data.draw(st.integers(2, 6))
    shape = (rows, *data.draw(hnp.array_shapes(min_dims=1, max_dims=2, max_side=5)))
    images = data.draw(hnp.arrays(np.uint8, shape))
    labels = data.draw(hnp.arrays(np.uint8, rows).filter(lambda values: len(set(values)) > 1))
    folder = tmp_path_factory.getbasetemp()
    for name, array in (("x", images), ("y", labels)):
        content = idx.encode(array)
        (folder / name).write_bytes(gzip.compress(content) if zipped else content)
    split = from_idx(folder / "x", str(folder / "y"))
    assert split.images.tolist() == images.tolist()
    assert split.labels.tolist() == labels.tolist()
    assert split.classes == tuple(map(str, range(max(labels.tolist()) + 1)))
    assert not split.images.flags.writeable


GOOD = idx.encode(np.arange(12, dtype=np.uint8).reshape(3, 2, 2))
GOOD_LABELS = idx.encode(np.array([0, 1, 2], np.uint8))


@given(st.data())
def test_damaged_files_are_refused_by_name(tmp_path_factory, damaged, read_or_refuse, data):
    images, labels = (tmp_path_factory.getbasetemp() / f"good {name}" for name in ("x", "y"))
    images.write_bytes(GOOD)
    labels.write_bytes(GOOD_LABELS)
    whole = data.draw(st.sampled_from([GOOD, gzip.compress(GOOD, mtime=0)]))
    for split in (
        read_or_refuse(lambda path: from_idx(path, labels), data.draw(damaged(whole))),
        read_or_refuse(lambda path: from_idx(images, path), data.draw(damaged(GOOD_LABELS))),
    ):
        assert split is None or len(split) == 3


def test_the_wrong_kind_of_file_is_named(files):
    with pytest.raises(DataError, match=r"labels-idx1-ubyte holds labels .* images are expected"):
        from_idx(files[1], files[0])
    with pytest.raises(DataError, match="t10k-images-idx3-ubyte holds images, but labels"):
        from_idx(files[0], files[2])


def test_counts_that_differ_name_both_files(files):
    with pytest.raises(DataError) as error:
        from_idx(files[0], files[3])
    assert "train-images-idx3-ubyte holds 6 images" in str(error.value)
    assert "t10k-labels-idx1-ubyte holds 3 labels" in str(error.value)


def test_sizes_that_the_file_does_not_have_take_no_memory(tmp_path, memory_of):
    labels = tmp_path / "labels"
    labels.write_bytes(GOOD_LABELS)
    greedy = struct.pack(">4B3i", 0, 0, 8, 3, 2**31 - 1, 2**10, 2**10)
    for name, start in (("sparse", GOOD), ("sparse.gz", gzip.compress(GOOD))):
        with (tmp_path / name).open("wb") as file:
            file.write(start)
            file.truncate(2**28)
    (tmp_path / "claim").write_bytes(greedy)
    (tmp_path / "claim.gz").write_bytes(gzip.compress(greedy))
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(GOOD + bytes(10**8)))
    two_gigabytes = struct.pack(">4B3i", 0, 0, 8, 3, 2**11 - 1, 2**10, 2**10)
    (tmp_path / "liar.gz").write_bytes(gzip.compress(two_gigabytes + bytes(1000)))

    def refused() -> None:
        for name, message in (
            ("sparse", "has bytes after its end"),
            ("sparse.gz", "for it has 268,435,456 bytes itself"),
            ("claim", "is cut short"),
            ("claim.gz", "the header asks for"),
            ("bomb.gz", "unpacks to more than the 28 bytes"),
            ("liar.gz", "would unpack to more than 100 times its size"),
        ):
            with pytest.raises(DataError, match=message):
                from_idx(tmp_path / name, labels)

    assert memory_of(refused) < 1_000_000


@pytest.mark.parametrize("zipped", [(), (0, 1, 2, 3), (1, 2)])
def test_the_other_files_are_found_beside(files, zipped):
    for number in zipped:
        content = gzip.compress(files[number].read_bytes())
        files[number].rename(files[number].with_name(files[number].name + ".gz")).write_bytes(
            content
        )
    dataset = load(next(files[0].parent.glob("train-images*")))
    assert dataset.train.labels.tolist() == [3, 1, 4, 1, 5, 9]
    assert dataset.test.labels.tolist() == [2, 6, 5]
    assert dataset.test.classes == tuple("0123456789")
    whole = load(files[0].parent)
    assert whole.name == files[0].parent.name
    assert (whole.test.images == dataset.test.images).all()


def test_names_with_dots_and_the_word_test_are_usual_too(files):
    for file in files:
        name = file.name.replace("-idx", ".idx").replace("t10k", "test")
        file.rename(file.with_name(name))
    assert len(load(files[0].with_name("train-images.idx3-ubyte")).test) == 3
    assert len(load(files[0].parent).test) == 3


def test_without_test_files_there_are_no_test_rows(files):
    files[2].unlink()
    assert load(files[0]).test is None
    assert load(files[0].parent).test is None


def test_labels_that_are_not_there_are_missed(files):
    files[3].unlink()
    with pytest.raises(DataError, match="t10k-images-idx3-ubyte: the file of its labels is not"):
        load(files[0])
    with pytest.raises(DataError, match="train-labels-idx1-ubyte holds labels, not images; give"):
        load(files[1])
    odd = files[0].rename(files[0].with_name("odd"))
    with pytest.raises(DataError, match=r"odd: the file of its labels .* use datasets\.from_idx"):
        load(odd)


def test_a_test_label_that_training_lacks_is_refused(files):
    files[3].write_bytes(idx.encode(np.array([2, 6, 10], np.uint8)))
    with pytest.raises(DataError, match="t10k-labels-idx1-ubyte: The label in row 2 is 10"):
        load(files[0])
