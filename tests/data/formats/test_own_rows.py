import numpy as np
import pytest

from clearprop.data.formats import own_rows
from clearprop.errors import DataError

LABELS = np.array([0, 1])


def split(images, labels=LABELS, classes=None):
    return own_rows.split_of(np.asarray(images), labels, "my file", classes)


def test_the_one_shade_of_keras_is_no_axis():
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4, 1)
    assert (split(images).images == images[..., 0]).all()


@pytest.mark.parametrize("code", [">f4", "<f4", ">i4"])
def test_numbers_of_another_machine_become_this_ones(code):
    images = np.array([[1, 2], [3, 4]], code)
    found = split(images, LABELS.astype(">i8"))
    assert found.images.tolist() == images.tolist()
    assert found.images.dtype.isnative
    assert found.labels.dtype == np.int32


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((2, 3, 3, 3)), LABELS, "are in color; make them gray"),
        (np.zeros((2, 3, 3, 2)), LABELS, r"shape \(2, 3, 3, 2\); give"),
        (np.zeros(2), LABELS, r"shape \(2,\); give"),
        (np.zeros((3, 2)), LABELS, "3 images but 2 labels"),
        (np.full((2, 2), np.nan), LABELS, "Row 0, column 0 of the images is nan"),
        (np.full((2, 2), 256), LABELS, "is 256, but whole numbers"),
        (np.zeros((2, 2)), np.array([0, 2**32]), "label 4294967296 in row 1"),
        (np.zeros((2, 2)), np.array([1, -1]), "label in row 1 is -1"),
    ],
)
def test_rows_that_cannot_be_learned_from_name_their_file(images, labels, message):
    with pytest.raises(DataError, match="^my file: .*" + message):
        split(images, labels)


def test_ten_digits_are_named_where_a_nine_is_lacking():
    assert own_rows.digit_names(np.array([0, 8])) == tuple("0123456789")
    assert own_rows.digit_names(np.array([0, 10])) is None
    assert own_rows.digit_names(np.array([-1, 9])) is None


def test_test_images_must_be_as_the_training_images(tmp_path):
    train = split(np.zeros((2, 3, 3), np.uint8))
    path = tmp_path / "own.npz"
    assert own_rows.dataset_of(path, train, train).name == "own"
    assert own_rows.dataset_of(path, train, None).test is None
    for images, message in (
        (np.zeros((2, 3, 4), np.uint8), "3×3 uint8, a test image 3×4 uint8"),
        (np.zeros((2, 3, 3), np.float32), "3×3 uint8, a test image 3×3 float32"),
    ):
        with pytest.raises(DataError, match=message):
            own_rows.dataset_of(path, train, split(images))


def test_names_are_those_of_files_without_ending_and_of_folders(tmp_path, monkeypatch):
    (tmp_path / "my.digits").mkdir()
    monkeypatch.chdir(tmp_path / "my.digits")
    assert own_rows.name_of(".") == own_rows.name_of("../my.digits") == "my.digits"
    assert own_rows.name_of("train.csv") == own_rows.name_of("a/train") == "train"
    assert own_rows.name_of("mnist.pkl.gz") == "mnist"
    assert own_rows.name_of("train-images-idx3-ubyte.gz") == "train-images-idx3-ubyte"
