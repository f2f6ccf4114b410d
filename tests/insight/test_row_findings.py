"""What looks wrong with rows: every illness is made, and healthy rows are said to be healthy."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn import datasets as published

from clearprop import data_findings, datasets
from clearprop.data import from_arrays


def kinds(*splits):
    return [finding.kind for finding in data_findings(*splits)]


def only(*splits):
    (finding,) = data_findings(*splits)
    return finding


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits")


def table(name, seed=0, scaled=True):
    """Return one of scikit-learn's tables as a split of training and one of test rows."""
    bunch = getattr(published, f"load_{name}")()
    order = np.random.default_rng(seed).permutation(len(bunch.data))
    x, y = bunch.data[order], bunch.target[order]
    if scaled:
        x = (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), 1e-9)
    cut = len(x) * 4 // 5
    return from_arrays(x[:cut], y[:cut]), from_arrays(x[cut:], y[cut:])


@pytest.mark.data
@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_published_pictures_are_healthy(require_dataset, name):
    data = require_dataset(name)
    assert data_findings(data.train, data.test) == []


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits"])
@pytest.mark.parametrize("seed", range(3))
def test_scaled_tables_are_healthy(name, seed):
    assert kinds(*table(name, seed)) == []


def test_the_digits_are_healthy(digits):
    assert data_findings(digits.train, digits.test) == []


@pytest.mark.parametrize("seed", range(5))
def test_labels_that_hang_on_little_are_not_called_shuffled(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1000, 200))
    noisy = (x[:, 7] + rng.normal(size=1000) > 0).astype(int)
    assert kinds(from_arrays(x, noisy)) == []
    two = x[:, :2]
    assert kinds(from_arrays(two, (two[:, 0] * two[:, 1] > 0).astype(int))) == []
    bits = rng.integers(0, 2, (1000, 8))
    parity = from_arrays(bits.astype(float), bits.sum(axis=1) % 2)
    # All 256 rows that there can be are in both halves, and none was copied.
    first, second = (
        replace(parity, images=parity.images[cut], labels=parity.labels[cut])
        for cut in (slice(None, 800), slice(800, None))
    )
    assert kinds(first, second) == []


@pytest.mark.parametrize("seed", range(5))
def test_shuffled_labels_are_found(digits, seed):
    labels = np.random.default_rng(seed).permutation(digits.train.labels)
    finding = only(replace(digits.train, labels=labels))
    assert finding.kind == "shuffled_labels"
    assert finding.figures["chance"] == pytest.approx(10.0, abs=0.1)
    assert "the same order" in finding.remedy


def test_labels_that_are_one_row_off_are_found(digits):
    # The digits' own order has a rhythm that a shift by one keeps; theirs is taken from it first.
    order = np.random.default_rng(0).permutation(len(digits.train))
    images, labels = digits.train.images[order], digits.train.labels[order]
    assert kinds(replace(digits.train, images=images, labels=labels)) == []
    assert kinds(replace(digits.train, images=images, labels=np.roll(labels, 1))) == [
        "shuffled_labels"
    ]


def test_features_that_are_not_scaled_are_found():
    train, _ = table("wine", scaled=False)
    finding = only(train)
    assert finding.kind == "unscaled_inputs"
    column = train.images[:, 12]  # proline, the largest by far
    assert finding.figures["worst"] == 12
    assert finding.figures["mean"] == pytest.approx(column.mean())
    assert finding.figures["deviation"] == pytest.approx(column.std())
    sizes = np.maximum(np.abs(train.images.mean(axis=0)), train.images.std(axis=0))
    assert finding.figures["count"] == (sizes > 20).sum()


def test_pixels_are_healthy_as_bytes_and_not_as_floats_up_to_255(digits):
    floats = digits.train.images.astype(np.float32)
    assert kinds(replace(digits.train, images=floats)) == ["unscaled_inputs"]
    assert kinds(replace(digits.train, images=floats / 255)) == []


def test_pixels_that_were_divided_twice_are_found(digits):
    finding = only(replace(digits.train, images=digits.train.images / 255.0 / 255.0))
    assert finding.kind == "faint_inputs"
    assert finding.figures["largest"] == pytest.approx(1 / 255)
    # Zeros and ones as bytes become 0 and 1/255 on their way into the network.
    ones = (digits.train.images > 127).astype(np.uint8)
    assert kinds(replace(digits.train, images=ones)) == ["faint_inputs"]


def test_inputs_that_hardly_change_are_found(digits):
    images = np.zeros_like(digits.train.images)
    images[:, 3, 3] = digits.train.images[:, 3, 3]
    finding = only(replace(digits.train, images=images))
    assert finding.kind == "constant_inputs"
    assert (finding.figures["count"], finding.figures["features"]) == (63, 64)


def test_a_rare_class_is_found_and_named(digits):
    keep = (digits.train.labels != 3) | (np.arange(len(digits.train)) < 60)
    images, labels = digits.train.images[keep], digits.train.labels[keep]
    finding = only(replace(digits.train, images=images, labels=labels))
    assert finding.kind == "rare_class"
    assert finding.figures["name"] == "3"
    assert finding.figures["count"] == (labels == 3).sum() < 10


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_test_rows_among_the_training_rows_are_counted(digits, dtype):
    train = replace(digits.train, images=digits.train.images.astype(dtype) // 16)
    images = digits.test.images.astype(dtype) // 16
    mixed = np.concatenate([images[20:], train.images[500:520]])
    found = data_findings(train, replace(digits.test, images=mixed))
    (finding,) = [one for one in found if one.kind == "shared_rows"]
    assert finding.figures == {"count": 20, "rows": 360, "expected": 0}


def test_a_few_shared_rows_are_not_worth_a_word(digits):
    mixed = np.concatenate([digits.test.images[3:], digits.train.images[:3]])
    assert kinds(digits.train, replace(digits.test, images=mixed)) == []


def test_the_test_rows_in_another_memory_order_are_the_same_rows(digits):
    images = np.asfortranarray(digits.train.images[:360])
    assert kinds(digits.train, replace(digits.test, images=images)) == ["shared_rows"]


@pytest.mark.parametrize("big", [1e30, 1e300])
def test_numbers_of_any_size_are_looked_at_without_a_warning(big):
    x = np.random.default_rng(0).normal(size=(100, 3)) * big
    assert "unscaled_inputs" in kinds(from_arrays(x, np.arange(100) % 2))


@pytest.mark.parametrize(("rows", "found"), [(2, []), (3, []), (10, ["shared_rows"])])
def test_a_handful_of_rows_is_looked_at(rows, found):
    x = np.random.default_rng(0).normal(size=(rows, 3))
    split = from_arrays(x, np.arange(rows) % 2)
    assert kinds(split) == []
    assert kinds(split, split) == found


def test_many_classes_of_few_rows_are_looked_at():
    x = np.random.default_rng(0).normal(size=(3000, 4))
    labels = np.arange(3000) // 2
    assert kinds(from_arrays(x + labels[:, None] % 7, labels)) == []
