"""Pairs (x, y): a view of the pixels, divided as in Nielsen's book."""

import random
from dataclasses import replace

import numpy as np
import pytest

import clearprop.classic as mnist_loader
from clearprop.classic import MLP
from clearprop.classic.pairs import Pairs
from clearprop.data import Dataset, from_arrays
from clearprop.errors import DataError

RNG = np.random.default_rng(5)
IMAGES = RNG.integers(0, 256, (60_000, 3, 2)).astype(np.uint8)
LABELS = RNG.integers(0, 10, 60_000)
ROWS = from_arrays(IMAGES, LABELS)


@pytest.fixture
def loaded(monkeypatch):
    """What the loader gives of sixty thousand tiny pictures."""

    def load(name):
        assert name == "mnist"
        return Dataset(name, ROWS, from_arrays(IMAGES[:9], LABELS[:9]))

    monkeypatch.setattr("clearprop.data.datasets.load", load)
    return mnist_loader.load_data_wrapper()


def test_the_first_fifty_thousand_rows_train_and_the_rest_validate(loaded):
    train, validation = loaded
    assert (len(train), len(validation)) == (50_000, 10_000)
    for pairs, i, row in ((train, 0, 0), (train, -1, 49_999), (validation, 140, 50_140)):
        x, y = pairs[i]
        assert (x.shape, x.dtype) == ((6, 1), np.float32)
        assert np.allclose(x[:, 0], IMAGES[row].reshape(-1) / 255, atol=1e-7)
        if pairs is train:
            assert (y == np.eye(10)[:, [LABELS[row]]]).all()
        else:
            assert (type(y), y) == (int, LABELS[row])


def test_slices_are_pairs_over_the_same_memory(loaded):
    train, _ = loaded
    part = train[100:200:2]
    assert isinstance(part, Pairs)
    assert len(part) == 50
    assert np.shares_memory(part.images, IMAGES)
    assert (part[1][0] == train[102][0]).all()
    assert (part[1][1] == train[102][1]).all()
    assert len(train[:10_000][:50_000]) == 10_000


def test_pairs_are_a_sequence(loaded):
    _, validation = loaded
    few = validation[:4]
    assert [y for _, y in few] == LABELS[50_000:50_004].tolist()
    inputs, labels = zip(*few, strict=True)
    assert len(inputs) == len(labels) == 4
    assert (few[np.int64(2)][0] == inputs[2]).all()
    for wrong in (4, -5):
        with pytest.raises(IndexError):
            few[wrong]
    assert repr(validation) == "<10,000 pairs (x, y)>"


def trained(rows, *layers):
    """Return the parameters of a network after three epochs."""
    model = MLP(layers=layers)
    model.fit(rows, epochs=3)
    return model.model.parameters


def test_pairs_lists_and_bytes_of_the_same_rows_give_the_same_network(loaded):
    train = loaded[0][:300]
    pairs = trained(train, 6, 4, 10)
    listed = trained(list(train), 6, 4, 10)
    labelled = trained([(x.tolist(), int(y.argmax())) for x, y in train], 6, 4, 10)
    raw = trained(list(zip(IMAGES[:300], LABELS[:300], strict=True)), 6, 4, 10)
    for name, value in pairs.items():
        assert np.allclose(value, listed[name], atol=1e-5)
        assert (listed[name] == labelled[name]).all()
        assert (value == raw[name]).all()


def test_integers_that_are_not_uint8_are_ordinary_numbers():
    table = [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)]
    whole = trained(table, 2, 4, 2)
    floating = trained([(np.array(x, float), y) for x, y in table], 2, 4, 2)
    assert all((value == floating[name]).all() for name, value in whole.items())


X, Y = np.zeros((4, 6, 1)), [0, 1, 2, 0]
WRONG = {
    "an iterator": (zip(X, Y, strict=True), "train_data is of type zip; .* list\\(zip"),
    "an array": (X, "of type ndarray"),
    "inputs alone": (list(X), r"train_data\[0\] is not a pair \(x, y\) but of type ndarray"),
    "inputs and labels": ((X, Y), r"train_data\[0\] is not a pair"),
    "nothing": ([], "train_data has no rows"),
    "no pairs": (Pairs(ROWS, one_hot=True)[:0], "train_data has no rows"),
    "rows of two sizes": ([(np.zeros(6), 0), (np.zeros(7), 1)], "hold 6 to 7 numbers"),
    "two kinds of labels": ([(X[0], 0), (X[1], np.eye(3)[1])], "hold 1 to 3 numbers"),
    "a label too large": ([(X[0], 0), (X[1], 3)], "numbered from 0 to 2"),
    "a soft label": ([(X[0], [0.5, 0.5, 0.0]), (X[1], [1.0, 0.0, 0.0])], "not one-hot"),
    "a text": ([("six", 0), ("seven", 1)], "not an array of numbers"),
    "NaN": ([(X[0] * np.nan, 0), (X[1], 1)], "nan"),
    "a wider row": ([(np.zeros(7), 0), (np.zeros(7), 1)], "takes 6"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("place", ["train_data", "val_data"])
def test_what_is_no_list_of_pairs_is_refused(make, train, name, place):
    data, says = WRONG[name]
    given = {"train_data": train} | {place: data}
    with pytest.raises(DataError, match=says.replace("train_data", place)):
        make().fit(**given, epochs=1)


PIXEL, FLOAT = np.full(6, 200, np.uint8), np.full(6, 0.5)
MIXED = {
    "floats after pixels": ([PIXEL, PIXEL, FLOAT, PIXEL], 2, "other numbers"),
    "pixels after floats": ([FLOAT, PIXEL, PIXEL, FLOAT], 1, "uint8 pixels"),
}


@pytest.mark.parametrize("name", MIXED)
@pytest.mark.parametrize("place", ["train_data", "val_data"])
def test_pixels_and_floats_in_one_list_are_refused(make, train, name, place):
    rows, first, kind = MIXED[name]
    data = list(zip(rows, Y, strict=True))
    with pytest.raises(DataError, match=rf"the input of {place}\[{first}\] holds {kind}"):
        make().fit(**({"train_data": train} | {place: data}), epochs=1)


@pytest.mark.parametrize("x", [np.ones(6) * 1j, ["1"] * 6, np.zeros(6, "datetime64[s]")])
def test_what_only_looks_like_numbers_is_refused(make, x):
    with pytest.raises(DataError, match="not an array of numbers"):
        make().fit([(x, 0), (x, 1)], epochs=1)
    with pytest.raises(DataError, match="not an array of numbers"):
        make().predict(x)


def test_shuffling_in_place_says_how_to_shuffle(loaded):
    train = loaded[0][:50]
    with pytest.raises(TypeError, match=r"random\.sample\(pairs, len\(pairs\)\)"):
        random.shuffle(train)
    shuffled = random.Random(1).sample(train, len(train))
    bytes_of = [[x.tobytes() for x, _ in rows] for rows in (train, shuffled)]
    assert bytes_of[0] != bytes_of[1]
    assert sorted(bytes_of[0]) == sorted(bytes_of[1])


def test_pairs_keep_how_pictures_are_read():
    garments = Pairs(replace(ROWS, reading="garment"), one_hot=False)[:300]
    model = MLP(layers=[6, 4, 10])
    model.fit(garments, epochs=1)
    assert model.model.inputs.reading == "garment"
