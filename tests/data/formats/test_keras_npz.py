import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from clearprop.data import from_npz, load
from clearprop.errors import DataError

IMAGES = np.arange(36, dtype=np.uint8).reshape(4, 3, 3)
LABELS = np.array([0, 2, 1, 0])


@pytest.fixture
def written(tmp_path):
    """Return a function that saves arrays as an npz file."""

    def write(**arrays):
        np.savez(tmp_path / "own.npz", **arrays)
        return tmp_path / "own.npz"

    return write


@given(data=st.data(), compressed=st.booleans(), test=st.booleans(), shade=st.booleans())
def test_what_numpy_saves_is_read(tmp_path_factory, data, compressed, test, shade):
    rows = data.draw(st.integers(2, 5))
    shape = (rows, *data.draw(hnp.array_shapes(min_dims=1, max_dims=2, max_side=4)))
    kind = data.draw(st.sampled_from(["u1", "<i8", ">i4", "<f4", ">f8", "f2"]))
    numbers = st.integers(0, 255) if kind[-2] != "f" else st.floats(-9, 9, width=16)
    images = data.draw(hnp.arrays(kind, shape, elements=numbers))
    if data.draw(st.booleans()):
        images = np.asfortranarray(images)
    labels = np.array(data.draw(st.lists(st.integers(0, 9), min_size=rows, max_size=rows)))
    assume(len(set(labels)) > 1)
    given = {"x_train": images, "y_train": labels[:, None] if shade else labels}
    if len(shape) == 3 and shade:
        given["x_train"] = images[..., None]
    if test:
        given |= {"x_test": images[:1], "y_test": labels[:1]}
    path = tmp_path_factory.getbasetemp() / "written.npz"
    (np.savez_compressed if compressed else np.savez)(path, **given)
    dataset = from_npz(path)
    assert dataset.train.images.tolist() == images.tolist()
    assert dataset.train.images.dtype.isnative
    assert (dataset.train.images.dtype == np.uint8) == (kind[-2] != "f")
    assert dataset.train.labels.tolist() == labels.tolist()
    assert dataset.train.classes == tuple(map(str, range(max(labels.tolist()) + 1)))
    assert (dataset.test is not None) == test
    if dataset.test:
        assert dataset.test.classes == dataset.train.classes
        assert dataset.test.labels.tolist() == labels[:1].tolist()


def test_other_arrays_and_strange_names_are_left_alone(written):
    path = written(x_train=IMAGES, y_train=LABELS, **{"/etc/x": [1], "../../up": [{}], "x": [1]})
    assert len(from_npz(path).train) == 4
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["own.npz"]


def test_one_hot_labels_are_labels(written):
    train = from_npz(written(x_train=IMAGES, y_train=np.eye(3)[LABELS])).train
    assert (train.labels == LABELS).all()


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "has no array x_train; it holds nothing"),
        ({"images": IMAGES, "labels": LABELS}, "no array x_train; it holds images, labels"),
        ({f"array{k}": 1 for k in range(9)}, "array7, …"),
        ({"x_train": IMAGES}, "has no array y_train"),
        ({"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES}, "has no array y_test"),
        ({"x_train": IMAGES, "y_train": LABELS[:3]}, "4 images but 3 labels"),
        ({"x_train": IMAGES, "y_train": LABELS - 1}, "The label in row 0 is -1"),
        ({"x_train": IMAGES, "y_train": LABELS * 0}, "Every label is 0"),
        ({"x_train": IMAGES, "y_train": list("abca")}, "y_train.npy holds <U1; only arrays of num"),
        ({"x_train": [{}] * 4, "y_train": LABELS}, "x_train.npy holds object; only arrays of num"),
        ({"x_train": IMAGES > 3, "y_train": LABELS}, "x_train.npy holds bool; only arrays of num"),
        ({"x_train": IMAGES * 1j, "y_train": LABELS}, "x_train.npy holds complex128; only arrays"),
        ({"x_train": IMAGES + 250.0 * np.inf, "y_train": LABELS}, "of the images is inf"),
        ({"x_train": IMAGES.astype(int) + 250, "y_train": LABELS}, "is 256, but whole numbers"),
        ({"x_train": np.zeros((4, 2, 2, 3)), "y_train": LABELS}, "are in color"),
        ({"x_train": 3, "y_train": LABELS}, r"shape \(\)"),
        (
            {"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES, "y_test": LABELS + 1},
            "x_test and y_test: The label in row 1 is 3, but the 3 classes",
        ),
        (
            {"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES / 255, "y_test": LABELS},
            "a training image is 3×3 uint8, a test image 3×3 float64",
        ),
    ],
)
def test_arrays_that_cannot_be_learned_from_are_named(written, arrays, message):
    with pytest.raises(DataError, match=r"own\.npz.*" + message):
        from_npz(written(**arrays))


@given(st.data())
def test_damaged_files_are_refused_by_name(tmp_path_factory, damaged, read_or_refuse, data):
    path = tmp_path_factory.getbasetemp() / "whole.npz"
    save = data.draw(st.sampled_from([np.savez, np.savez_compressed]))
    save(path, x_train=IMAGES, y_train=LABELS.astype(np.uint8))
    dataset = read_or_refuse(from_npz, data.draw(damaged(path.read_bytes())))
    if dataset is not None:
        # Damage outside the arrays, in dates and the like, is harmless; inside the CRC sees it.
        assert (dataset.train.images == IMAGES).all()
        assert (dataset.train.labels == LABELS).all()


def test_a_file_is_loaded_by_its_content(written):
    path = written(x_train=IMAGES, y_train=LABELS)
    renamed = path.rename(path.with_name("mine.csv"))
    assert load(renamed).name == "mine"
    assert load(str(renamed)).test is None


def test_names_in_an_archive_are_shown_as_they_can_be_printed(written):
    path = written(**{"x_train\n\x1b[31m": IMAGES, "y_train": LABELS})
    with pytest.raises(
        DataError, match=r"no array x_train; it holds x_train\\n\\x1b\[31m, y_train"
    ):
        from_npz(path)
