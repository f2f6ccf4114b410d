"""Labels and names: one rule wherever labels come from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearprop import MLP
from clearprop.data import from_arrays
from clearprop.errors import DataError
from clearprop.tasks.matching import (
    answers,
    first_names,
    in_order,
    numbered,
    numbers_of,
    rank,
    renumbered,
)

NAMES = ("cat", "dog", "emu")


def test_labels_are_names_before_they_are_numbers():
    assert numbered(np.array(["emu", "cat"]), NAMES).tolist() == [2, 0]
    # 1 is called "1", which stands in the second place; 0 is none of the names.
    assert numbered(np.array([3, 1, 2]), ("2", "1", "3")).tolist() == [2, 1, 0]
    assert numbered(np.array([1.0, 3.0]), ("3", "1")).tolist() == [1, 0]
    assert numbered(np.array(["10", "9"]), ("9", "10")).tolist() == [1, 0]


def test_whole_numbers_count_the_names_where_none_of_them_is_one():
    assert numbered(np.array([0, 2, 1]), NAMES).tolist() == [0, 2, 1]
    assert numbered(np.array([0, 1]), ("7", "8")).tolist() == [0, 1]


@given(
    st.lists(st.integers(-(10**18) + 1, 10**18 - 1), min_size=1, max_size=9)
    | st.lists(st.text(min_size=1).filter(lambda text: "\0" not in text), min_size=1, max_size=9)
)
def test_answers_are_the_labels_that_were_given(labels):
    labels = np.array(labels)
    names = in_order(map(str, labels.tolist()))
    found = answers(numbered(labels, names), names)
    # Of texts that are whole numbers all, the answers are these numbers.
    assert found.astype(labels.dtype).tolist() == labels.tolist()


def test_a_table_of_odd_numbers_is_answered_in_them():
    x = np.random.default_rng(0).normal(size=(90, 3))
    y = np.array([3, 5, 8])[x.argmax(axis=1)]
    model = MLP([3, 12, 3], learning_rate=0.05)
    model.fit(x, y, epochs=20)
    assert np.mean(model.predict(x) == y) == model.evaluate(x, y).accuracy > 0.8
    named = np.array(["ash", "elm", "oak"])[x.argmax(axis=1)]
    model = MLP([3, 12, 3], learning_rate=0.05)
    model.fit(x, named, epochs=20)
    assert np.mean(model.predict(x) == named) == model.evaluate(x, named).accuracy > 0.8
    assert answers(np.array([1, 0]), ("007", "8")).tolist() == ["8", "007"]


@pytest.mark.parametrize(
    ("labels", "names", "says"),
    [
        ([0, 3], NAMES, "row 1 is 3, but the 3 classes are numbered from 0 to 2"),
        ([0, 1, 2], ("1", "2", "3"), "row 0 is 0, but the 3 classes are called 1, 2, 3"),
        (["cat", "yak"], NAMES, "row 1 is yak, but the 3 classes are called cat, dog, emu"),
        ([0.5, 1.0], NAMES, "row 0 is 0.5; give whole numbers"),
        ([np.nan, 1.0], NAMES, "row 0 is nan; give whole numbers"),
    ],
)
def test_labels_that_are_no_class_are_refused_with_their_row(labels, names, says):
    with pytest.raises(DataError, match=says):
        numbered(np.array(labels), names)


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=30, unique=True))
def test_numerals_sort_as_numbers(numbers):
    assert in_order(map(str, numbers)) == tuple(map(str, sorted(numbers)))


@given(st.lists(st.text(max_size=6), max_size=20))
def test_the_order_is_one_order_whatever_comes_first(names):
    made = in_order(names)
    assert made == in_order(reversed(names))
    assert list(made) == sorted(set(names), key=rank)


def test_a_split_is_matched_by_name_and_else_by_number():
    numbers = np.array([0, 1, 1])
    assert renumbered(numbers, ("emu", "cat"), NAMES).tolist() == [2, 0, 0]
    assert renumbered(numbers, ("0", "1"), NAMES).tolist() == [0, 1, 1]
    assert renumbered(numbers, ("cat", "dog"), ("0", "1", "2")).tolist() == [0, 1, 1]
    assert renumbered(numbers, ("7", "3"), ("3", "5", "7")).tolist() == [2, 0, 0]
    with pytest.raises(DataError, match="the class 'yak' is not one of the network's: cat, dog"):
        renumbered(numbers, ("cat", "yak"), NAMES)


def test_the_first_rows_name_as_many_classes_as_there_are_outputs():
    assert first_names(np.array([0, 2, 1]), 3) == ("0", "1", "2")
    assert first_names(np.array([8, 3, 5]), 3) == ("3", "5", "8")
    assert first_names(np.array(["9", "10"]), 2) == ("9", "10")
    assert first_names(np.array([1, -1]), 2) == ("-1", "1")


@pytest.mark.parametrize("labels", [np.arange(10), np.arange(10).astype(str)])
def test_thirty_outputs_for_ten_classes_are_refused(labels):
    x = np.random.default_rng(0).random((10, 784))
    for rows in ((x, labels), (from_arrays(x, labels),)):
        with pytest.raises(DataError, match=r"10 classes.*, but the network has 30 outputs"):
            MLP([784, 30]).fit(*rows)


def test_classes_that_the_first_rows_do_not_show_are_named_ahead():
    x, y = np.random.default_rng(0).random((20, 4)), np.arange(20) % 3
    with pytest.raises(DataError, match=r"up to 2, .* 5 outputs; .* name all classes ahead"):
        MLP([4, 5]).fit(x, y)
    model = MLP([4, 5])
    model.fit(x, y, classes=range(5), epochs=1)
    assert model.classes == ("0", "1", "2", "3", "4")
    model.fit(x, y + 2, epochs=1)  # the last two come later
    assert model.evaluate(x, y + 2).rows == 20
    named = MLP([4, 3])
    named.fit(x, np.array(["dog", "emu"])[y % 2], classes=["emu", "cat", "dog"], epochs=1)
    assert named.evaluate(x, np.array(["dog", "emu"])[y % 2]) == named.evaluate(x, 2 - 2 * (y % 2))


@pytest.mark.parametrize(
    ("classes", "says"),
    [
        (["a", "b"], "has 2 names, but classes of 3 outputs take 3"),
        (["a", "b", "c"], "have names already: 0, 1, 2"),
        (["0", "1", "1"], "'1' occurs twice"),
        ("012", "is '012'; give a list of names"),
    ],
)
def test_names_that_do_not_fit_are_refused(classes, says):
    x, y = np.random.default_rng(0).random((20, 4)), np.arange(20) % 3
    model = MLP([4, 3])
    if classes == ["a", "b", "c"]:
        model.fit(x, y, epochs=1)
    with pytest.raises(ValueError, match=says):
        model.fit(x, y, classes=classes, epochs=1)
    with pytest.raises(ValueError, match="is for classes and labels; these are values"):
        MLP([4, 1]).fit(x, x[:, 0], classes=["a"])


def test_classes_that_are_called_by_numbers_are_numbers():
    assert numbers_of(("3", "-1", "2.5")).tolist() == [3.0, -1.0, 2.5]
    with pytest.raises(DataError, match="called cat, dog, emu, which are not numbers"):
        numbers_of(NAMES)
