"""Class weights and sample weights: the same as having so many copies of a row."""

import numpy as np
import pytest

from clearprop.errors import SettingError
from clearprop.tasks import Targets
from clearprop.training.weights import row_weights

NAMES = Targets(("0", "1", "2"))
SGD = {"optimizer": "sgd", "learning_rate": 0.5, "l2": 0.01}


def close(one, other):
    """Return whether two networks have the same parameters but for rounding."""
    return all(
        np.allclose(a, other.parameters[name], rtol=1e-9, atol=1e-12)
        for name, a in one.parameters.items()
    )


def test_a_weight_is_a_number_of_copies(model, rows, engine):
    x, y = rows
    copies = np.random.default_rng(0).integers(0, 4, len(y))
    weighted, copied = model(engine=engine, **SGD), model(engine=engine, **SGD)
    one = weighted.fit(x, y, epochs=5, batch_size=1000, sample_weight=copies)
    x, y = np.repeat(x, copies, axis=0), np.repeat(y, copies)
    other = copied.fit(x, y, epochs=5, batch_size=1000)
    assert close(weighted, copied)
    assert one.loss == pytest.approx(other.loss, rel=1e-9)


def test_only_the_proportions_count(model, rows):
    one, other = model(**SGD), model(**SGD)
    weights = np.linspace(0.5, 2.0, 50)
    for network, factor in ((one, 1.0), (other, 5e307)):
        network.fit(*rows, epochs=3, batch_size=16, sample_weight=weights * factor)
    assert close(one, other)


def test_equal_weights_change_nothing(model, rows):
    plain, weighted = model(**SGD), model(**SGD)
    plain.fit(*rows, epochs=3, batch_size=16)
    weighted.fit(*rows, epochs=3, batch_size=16, sample_weight=[7] * 50)
    assert close(plain, weighted)


def test_class_weights_are_the_weights_of_their_rows(model, rows):
    x, y = rows
    by_class, by_row, one_hot = model(**SGD), model(**SGD), model(**SGD)
    by_class.fit(x, y, batch_size=16, class_weight={0: 3.0, 2: 0.5})
    by_row.fit(x, y, batch_size=16, sample_weight=np.array([3.0, 1.0, 0.5])[y])
    one_hot.fit(x, np.eye(3)[y], batch_size=16, class_weight={0: 3.0, 2: 0.5})
    assert close(by_class, by_row)
    assert close(by_class, one_hot)


def test_both_kinds_multiply(rows):
    _, y = rows
    weights = np.linspace(0.1, 1.0, 50)
    both = row_weights(y, NAMES, {0: 2.0}, weights)
    expected = weights * np.array([2.0, 1.0, 1.0])[y]
    assert both == pytest.approx(expected / expected.mean())


def test_balanced_lets_every_class_weigh_the_same():
    labels = np.repeat([0, 1, 2], [30, 6, 4])
    weights = row_weights(labels, NAMES, "balanced", None)
    assert [weights[labels == k].sum() for k in range(3)] == pytest.approx([40 / 3] * 3)
    assert weights.mean() == pytest.approx(1.0)


def test_balanced_helps_the_rare_class(model):
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2], [300, 12, 12])
    x = rng.normal(size=(324, 6)) + 1.0 * np.eye(3, 6)[y]
    found = []
    for weight in (None, "balanced"):
        network = model()
        network.fit(x, y, epochs=20, class_weight=weight)
        found.append((network.predict(x)[300:] == y[300:]).mean())
    assert found[1] > found[0] + 0.2


def test_a_class_without_rows_is_no_trouble():
    labels = np.array([0, 1, 1, 1])
    made = row_weights(labels, Targets(("a", "b", "never")), "balanced", None)
    assert made == pytest.approx([2, 2 / 3, 2 / 3, 2 / 3])


def test_classes_may_be_weighed_by_name():
    labels, names = np.array([0, 1, 1, 0]), Targets(("cat", "dog"))
    by_name = row_weights(labels, names, {"dog": 3.0}, None)
    assert by_name == pytest.approx(row_weights(labels, names, {1: 3.0}, None))
    # A name goes before a number: here 1 is called "0".
    turned = row_weights(labels, Targets(("1", "0")), {0: 3.0}, None)
    assert turned == pytest.approx(by_name)


def test_a_single_yes_or_no_is_weighed_as_two_classes_are():
    yes = np.array([[1.0], [0.0], [0.0], [0.0]])
    made = row_weights(yes, Targets(("0", "1")), "balanced", None)
    assert made == pytest.approx([2, 2 / 3, 2 / 3, 2 / 3])


@pytest.mark.parametrize(
    ("y", "targets"),
    [
        (np.array([[1.0, 1.0], [0.0, 1.0]]), Targets(("a", "b"))),
        (np.array([[0.5], [-0.5]]), Targets(("value",), (1.0,), (2.0,))),
    ],
)
def test_what_is_no_class_has_no_class_weight(y, targets):
    with pytest.raises(SettingError, match="class_weight is for classes"):
        row_weights(y, targets, "balanced", None)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"class_weight": "blanced"}, "balanced"),
        ({"class_weight": [1, 2, 3]}, "table"),
        ({"class_weight": 5}, "table"),
        ({"class_weight": {7: 1.0}}, "is for 7, but the 3 classes are called 0, 1, 2"),
        ({"class_weight": {"a": 1.0, 7: 1.0}}, "is for a, 7, but the 3 classes"),
        ({"class_weight": {0: -1.0}}, "-1"),
        ({"class_weight": {0: float("inf")}}, "inf"),
        ({"class_weight": {0: None}}, "nan"),
        ({"class_weight": {0: "much"}}, "numbers"),
        ({"class_weight": {0: 0, 1: 0, 2: 0}}, "no row"),
        ({"sample_weight": [1.0, 2.0]}, r"\(50,\)"),
        ({"sample_weight": np.full(50, np.nan)}, "nan"),
        ({"sample_weight": -np.ones(50)}, "-1"),
        ({"sample_weight": np.zeros(50)}, "no row"),
        ({"sample_weight": ["a"] * 50}, "numbers"),
        ({"sample_weight": [[1], [1, 2]]}, "numbers"),
    ],
)
def test_weights_that_make_no_sense_are_refused(model, rows, words, says):
    with pytest.raises(SettingError, match=says):
        model().fit(*rows, **words)
