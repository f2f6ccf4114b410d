import numpy as np
import pytest

from clearprop.data import Split, from_arrays
from clearprop.data.arrays import as_images
from clearprop.errors import DataError

IMAGES = np.zeros((4, 2, 3), np.uint8)
LABELS = [0, 2, 1, 2]


def test_pixels_and_integer_labels_are_taken_as_they_are():
    split = from_arrays(IMAGES, LABELS)
    assert len(split) == 4
    assert split.images.dtype == np.uint8
    assert split.labels.dtype == np.int32
    assert split.labels.tolist() == LABELS
    assert split.classes == ("0", "1", "2")


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_keep_their_precision(dtype):
    assert from_arrays(IMAGES.astype(dtype), LABELS).images.dtype == dtype


@pytest.mark.parametrize(("dtype", "expected"), [("g", "f8"), (">f8", "f8"), (">f4", "f4")])
def test_floats_that_jax_does_not_take_become_such_as_it_does(dtype, expected):
    for images in (
        from_arrays((IMAGES + 0.25).astype(dtype), LABELS).images,
        as_images((IMAGES + 0.25).astype(dtype)),
    ):
        assert images.dtype == np.dtype(expected)
        assert (images == 0.25).all()


@pytest.mark.skipif(np.dtype("g").itemsize == 8, reason="longdouble is float64 here")
def test_a_longdouble_beyond_float64_is_refused():
    images = np.ones((4, 2), np.longdouble)
    images[3, 1] *= np.longdouble(np.finfo(np.float64).max) * 2
    with pytest.raises(DataError, match="Row 3, column 1 of the images is inf"):
        from_arrays(images, LABELS)


@pytest.mark.parametrize("dtype", [np.int16, np.int64, np.uint32])
def test_whole_numbers_become_pixels(dtype):
    split = from_arrays((IMAGES + 255).astype(dtype), LABELS)
    assert split.images.dtype == np.uint8
    assert (split.images == 255).all()


@pytest.mark.parametrize(
    "labels",
    [
        [0.0, 2.0, 1.0, 2.0],
        [[0], [2], [1], [2]],
        [[1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 1]],
        [[1.0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 1]],
        np.array([0, 2, 1, 2], np.uint64),
        np.array([0, 2, 1, 2], object),
    ],
)
def test_other_ways_of_writing_labels_mean_the_same(labels):
    split = from_arrays(IMAGES, labels)
    assert split.labels.tolist() == LABELS
    assert split.classes == ("0", "1", "2")


@pytest.mark.parametrize(
    ("labels", "given", "numbers", "classes"),
    [
        ([True, False, True, True], None, [1, 0, 1, 1], ("0", "1")),
        ([[1, 0, 0], [0, 1, 0]] * 2, None, [0, 1, 0, 1], ("0", "1", "2")),
        (["dog", "cat", "eel", "cat"], None, [1, 0, 2, 0], ("cat", "dog", "eel")),
        (["dog", "cat"] * 2, ["eel", "dog", "cat"], [1, 2, 1, 2], ("eel", "dog", "cat")),
        ([1, 1, 1, 1], ["a", "b"], [1, 1, 1, 1], ("a", "b")),
    ],
    ids=["booleans", "an empty column", "sorted names", "given names", "one of two classes"],
)
def test_labels_become_numbers_of_classes(labels, given, numbers, classes):
    split = from_arrays(IMAGES, labels, given)
    assert (split.labels.tolist(), split.classes) == (numbers, classes)


def test_the_callers_array_stays_writable_and_the_splits_is_not():
    images = IMAGES.copy()
    split = from_arrays(images, LABELS)
    images[0] = 1
    for values in (split.images, split.labels):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1


def holed(value):
    images = np.zeros((4, 3))
    images[2, 1] = value
    return images


@pytest.mark.parametrize(
    ("images", "labels", "classes", "message"),
    [
        (holed(np.nan), LABELS, None, r"Row 2, column 1 of the images is nan \(1 values"),
        (holed(-np.inf), LABELS, None, "Row 2, column 1 of the images is -inf"),
        (np.full((4, 2, 3), np.nan), LABELS, None, "Row 0, line 0, column 0 of the images is nan"),
        (IMAGES, LABELS[:3], None, "4 images but 3 labels"),
        (IMAGES[:0], [], None, "nothing to learn from"),
        (np.zeros((4, 0)), LABELS, None, "nothing to learn from"),
        (IMAGES.astype(int) - 1, LABELS, None, "Row 0, line 0, column 0 of the images is -1"),
        (IMAGES.astype(int) + 256, LABELS, None, "pixels from 0 to 255"),
        (IMAGES.astype(bool), LABELS, None, "of type bool"),
        (IMAGES.astype(complex), LABELS, None, "of type complex"),
        ([["a", "b"]] * 4, LABELS, None, "give uint8 pixels"),
        ([[1.0, 2.0], [1.0]], [0, 1], None, "do not all have the same shape"),
        ([[{}]] * 4, LABELS, None, "of type object"),
        (np.zeros(4), LABELS, None, r"Images of shape \(4,\)"),
        (IMAGES, 3, None, r"labels of shape \(\)"),
        (IMAGES, np.zeros((4, 2, 2)), None, r"labels of shape \(4, 2, 2\)"),
        (IMAGES, [0, 1, 2, -1], None, "label in row 3 is -1, but the 3 classes"),
        (IMAGES, [0, 1, 9, 1], ["a", "b"], "label in row 2 is 9, but the 2 classes"),
        (
            IMAGES,
            [0, 1, 2**32, 1],
            ["a", "b"],
            "label in row 2 is 4294967296, but the 2 classes are numbered from 0 to 1",
        ),
        (IMAGES, [0, 1, 10**9, 1], None, "would make 1,000,000,001 classes"),
        (IMAGES, [0, 1, 0.5, 1], None, "label in row 2 is 0.5; give whole numbers"),
        (IMAGES, [0, np.nan, 0, 1], None, "label in row 1 is nan"),
        (IMAGES, [0, np.inf, 0, 1], None, "label in row 1 is inf"),
        (IMAGES, [1, 1, 1, 1], None, r"Every label is 1: .* \(In Python, from_arrays\("),
        (IMAGES, [["a", "b"]] * 4, None, "Class names are one a row"),
        (IMAGES, np.zeros((4, 0)), None, "columns do not fit 0 classes|one-hot"),
        (IMAGES, ["a"] * 4, None, "The only class is"),
        (IMAGES, [0, 0, 0, 0], ["a"], "The only class is"),
        (
            IMAGES,
            ["a", "b", "c", "a"],
            ["a", "b"],
            "label in row 2 is c, but the 2 classes are called a, b",
        ),
        (IMAGES, LABELS, "abc", "classes is the text 'abc'"),
        (IMAGES, [[1, 0], [0, 1], [1, 1], [0, 1]], None, "Row 2 of the labels is not one-hot"),
        (IMAGES, [[1, 0], [0, 1], [0, 0], [0, 1]], None, "Row 2 of the labels is not one-hot"),
        (IMAGES, [[1, 0], [0.5, 0.5], [0, 1], [0, 1]], None, "Row 1 of the labels is not one-hot"),
        (IMAGES, [[1, 0], [2, -1], [0, 1], [0, 1]], None, "Row 1 of the labels is not one-hot"),
        (IMAGES, [[1, 0], [np.nan, 1], [0, 1], [0, 1]], None, "Row 1 of the labels"),
        (IMAGES, [[1, 0]] * 4, ["a", "b", "c"], "2 columns do not fit 3 classes"),
    ],
)
def test_rows_that_cannot_be_learned_from_are_refused(images, labels, classes, message):
    with pytest.raises(DataError, match=message) as error:
        from_arrays(images, labels, classes)
    assert len(str(error.value).splitlines()) <= 5


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (IMAGES.astype(np.int64), np.zeros(4, np.int32)),
        (IMAGES, np.zeros(4)),
        (IMAGES, np.full(4, 2)),
        (IMAGES, np.zeros(3, np.int32)),
        (holed(np.nan), np.zeros(4, np.int32)),
        (holed(0).astype(holed(0).dtype.newbyteorder()), np.zeros(4, np.int32)),
        pytest.param(
            holed(0).astype(np.longdouble),
            np.zeros(4, np.int32),
            marks=pytest.mark.skipif(np.dtype("g").itemsize == 8, reason="this is float64 here"),
        ),
    ],
)
def test_a_split_cannot_be_made_from_unchecked_rows(images, labels):
    with pytest.raises(DataError):
        Split(images, labels, ("a", "b"))


@pytest.mark.parametrize("shape", [(784,), (28, 28), (5, 784), (5, 28, 28)])
def test_images_without_labels_keep_their_shape(shape):
    assert as_images(np.zeros(shape, np.int64)).dtype == np.uint8
    assert as_images(np.zeros(shape, np.float32)).shape == shape


def test_images_without_labels_are_checked():
    with pytest.raises(DataError, match=r"^Row 1 of the images is nan"):
        as_images([0.5, np.nan])
    with pytest.raises(DataError, match="pixels from 0 to 255"):
        as_images([[300, 0]])
