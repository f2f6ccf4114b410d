"""Which task targets are for: what is certain is taken, and what is not is asked."""

import numpy as np
import pytest

from clearprop import MLP
from clearprop.data import from_arrays
from clearprop.errors import DataError, SettingError
from clearprop.tasks import decided

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 4))
Y = np.arange(40) % 3
YES = np.arange(40) % 2
REAL = RNG.normal(size=40)
MANY = (RNG.random((40, 3)) < 0.5).astype(int)
MANY[0] = 1


@pytest.mark.parametrize(
    ("y", "outputs", "loss", "task"),
    [
        (Y, 3, None, "classes"),
        (Y.astype(float), 3, None, "classes"),
        (Y[:, None], 3, None, "classes"),
        (Y.astype(str), 3, None, "classes"),
        (np.eye(3)[Y], 3, None, "classes"),
        (np.eye(3)[Y] * 0.7 + 0.1, 3, None, "classes"),
        (np.eye(3)[Y], 3, "squared_error", "classes"),
        (Y, 3, "squared_error", "classes"),
        (Y, 3, "sigmoid_cross_entropy", "classes"),
        (MANY, 3, None, "labels"),
        (MANY > 0, 3, None, "labels"),
        (MANY * 0.5, 3, "sigmoid_cross_entropy", "labels"),
        (YES, 1, None, "labels"),
        (YES > 0, 1, None, "labels"),
        (YES.astype(float), 1, None, "labels"),
        (2 * YES - 1, 1, None, "labels"),
        (np.where(YES, "yes", "no"), 1, None, "labels"),
        (REAL, 1, None, "values"),
        (REAL[:, None], 1, None, "values"),
        (Y, 1, None, "values"),
        (YES, 1, "squared_error", "values"),
        (RNG.random(40), 1, None, "values"),
        (RNG.random(40), 1, "sigmoid_cross_entropy", "labels"),
        (RNG.normal(size=(40, 3)), 3, None, "values"),
        (RNG.normal(size=(40, 3)), 3, "squared_error", "values"),
        (100 * MANY, 3, None, "values"),
    ],
)
def test_targets_tell_their_task(y, outputs, loss, task):
    assert decided(y, outputs, loss).name == task
    model = MLP([4, outputs], loss=loss)
    model.fit(X, y, epochs=1)
    assert model.task == task
    assert model.decided == decided(y, outputs, loss)


@pytest.mark.parametrize(
    ("y", "outputs", "says"),
    [
        (RNG.random((40, 3)), 3, r"task='labels', or real numbers, task='values'"),
        (REAL, 3, "real numbers in one column, but the network has 3 outputs"),
        (np.arange(40).astype(str), 1, "one output answers yes or no, but 40 different answers"),
    ],
)
def test_what_cannot_be_known_is_asked(y, outputs, says):
    with pytest.raises(DataError, match=says):
        MLP([4, outputs]).fit(X, y)


def test_many_whole_numbers_of_a_file_may_be_either():
    y = RNG.integers(0, 300, 200)
    x = RNG.normal(size=(200, 2))
    with pytest.raises(
        DataError, match=r"different whole numbers in 200 rows: .*--set task=values"
    ):
        from_arrays(x, y, task="auto")
    assert from_arrays(x, y, task="values").task == "values"
    assert from_arrays(x, np.arange(200) % 60, task="classes").task == "classes"
    assert from_arrays(x, np.arange(200) % 10, task="auto").task == "classes"


def test_what_was_asked_for_is_not_guessed():
    model = MLP([4, 3], task="values")
    model.fit(X, np.eye(3)[Y], epochs=1)
    assert model.task == "values"
    assert model.decided.why == "it was asked for"
    with pytest.raises(DataError, match="labels of 3 outputs are rows of 3 numbers"):
        MLP([4, 3], task="labels").fit(X, Y)


def test_the_first_rows_decide_for_good():
    model = MLP([4, 1])
    model.fit(X, REAL, epochs=1)
    first = model.decided
    model.fit(X, YES, epochs=1)  # two values are values too
    assert (model.task, model.decided) == ("values", first)
    assert first.why == "the targets are real numbers"


def test_parameters_do_not_depend_on_the_task():
    before = MLP([4, 8, 1], seed=3)
    after = MLP([4, 8, 1], seed=3, task="values")
    for name, value in before.parameters.items():
        assert (value == after.parameters[name]).all()


@pytest.mark.parametrize(
    "words",
    [
        {"layers": [4, 1], "task": "classes"},
        {"layers": [4, 3], "task": "labels", "loss": "cross_entropy"},
        {"layers": [4, 3], "task": "values", "output": "sigmoid"},
        {"layers": [4, 1], "task": "values", "label_smoothing": 0.1},
        {"layers": [4, 3], "task": "value"},
    ],
)
def test_what_does_not_go_together_is_refused(words):
    with pytest.raises(SettingError):
        MLP(**words)
