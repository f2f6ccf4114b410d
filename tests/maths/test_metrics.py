"""Counts, scores, rankings and distances, against scikit-learn; an interval, against SciPy."""

import numpy as np
import pytest
from scipy import special, stats
from sklearn import metrics as theirs
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from clearprop.maths.metrics import (
    area_under_roc,
    brier_score,
    class_scores,
    coefficient_of_determination,
    confusion,
    log_loss,
    mean_absolute_error,
    root_mean_square_error,
    scores_of,
    weighted_mean,
    wilson_interval,
)

RNG = np.random.default_rng(0)
CLASSES = 6
# No row is of class 2, and none is taken for class 4.
LABELS = RNG.choice([0, 1, 3, 4, 5], 400, p=[0.5, 0.2, 0.1, 0.15, 0.05]).astype(np.int32)
PREDICTED = RNG.choice([0, 1, 2, 3, 5], 400).astype(np.int32)
PREDICTED[::2] = np.where(LABELS[::2] == 4, 5, LABELS[::2])
ROWS = len(LABELS)
# Some rows weigh nothing, and the weights add up to no round number.
WEIGHTS = {"equal": np.ones(ROWS), "some": RNG.random(ROWS) * (RNG.random(ROWS) < 0.8)}
each_weight = pytest.mark.parametrize("weight", WEIGHTS.values(), ids=WEIGHTS)


def counted(xp):
    return confusion(xp, xp.asarray(LABELS), xp.asarray(PREDICTED), CLASSES)


def test_confusion_is_scikit_learns(xp):
    wanted = confusion_matrix(LABELS, PREDICTED, labels=range(CLASSES))
    assert np.array_equal(np.asarray(counted(xp)), wanted)


def test_confusion_of_a_single_row(xp):
    one, two = (xp.asarray([k], dtype=xp.int32) for k in (1, 2))
    made = np.asarray(confusion(xp, one, two, 3))
    assert made.tolist() == [[0, 0, 0], [0, 0, 1], [0, 0, 0]]


def test_scores_are_scikit_learns(xp, float64):
    made = class_scores(xp, counted(xp), xp.float64)
    wanted = precision_recall_fscore_support(
        LABELS, PREDICTED, labels=range(CLASSES), zero_division=np.nan
    )
    for mine, other in zip(made, wanted[:3], strict=True):
        np.testing.assert_allclose(np.asarray(mine), other, rtol=1e-15)
    assert np.isnan(np.asarray(made.recall)).nonzero()[0].tolist() == [2]
    assert np.isnan(np.asarray(made.precision)).nonzero()[0].tolist() == [4]


def test_a_class_that_occurs_nowhere_has_no_score(xp):
    counts = xp.asarray([[3, 0], [0, 0]], dtype=xp.int32)
    made = class_scores(xp, counts, xp.float32)
    assert [float(scores[0]) for scores in made] == [1.0, 1.0, 1.0]
    assert all(np.isnan(float(scores[1])) for scores in made)


@pytest.mark.parametrize(("right", "rows"), [(0, 7), (7, 7), (1, 1), (983, 1000), (9828, 10_000)])
def test_wilsons_interval_is_scipys(right, rows):
    wanted = stats.binomtest(right, rows).proportion_ci(0.95, method="wilson")
    assert wilson_interval(right, rows) == pytest.approx(wanted, abs=1e-14)


@each_weight
def test_the_mean_is_numpys(xp, float64, weight):
    for values in (RNG.normal(size=ROWS), RNG.normal(size=(ROWS, 3))):
        made = weighted_mean(xp, xp.asarray(values), xp.asarray(weight))
        wanted = np.average(values, axis=0, weights=weight)
        np.testing.assert_allclose(np.asarray(made), wanted, rtol=1e-12, atol=1e-15)


@each_weight
def test_weighted_scores_are_scikit_learns(xp, float64, weight):
    of, taken_for = np.eye(CLASSES)[LABELS], np.eye(CLASSES)[PREDICTED]
    sums = (xp.asarray(weight @ rows) for rows in (of * taken_for, taken_for, of))
    made = scores_of(xp, *sums)
    words = {"labels": range(CLASSES), "average": None, "sample_weight": weight,
             "zero_division": np.nan}  # fmt: skip
    for mine, score in zip(
        made, (theirs.precision_score, theirs.recall_score, theirs.f1_score), strict=True
    ):
        wanted = score(LABELS, PREDICTED, **words)
        np.testing.assert_allclose(np.asarray(mine), wanted, rtol=1e-12)
    with pytest.warns(UserWarning, match="classes not in y_true"):
        balanced = theirs.balanced_accuracy_score(LABELS, PREDICTED, sample_weight=weight)
    assert np.nanmean(np.asarray(made.recall)) == pytest.approx(balanced, rel=1e-12)


def likely(classes):
    """Return labels, and probabilities that lean to them."""
    labels = RNG.integers(0, classes, ROWS)
    return labels, special.softmax(RNG.normal(size=(ROWS, classes)) + np.eye(classes)[labels], 1)


@each_weight
@pytest.mark.parametrize("classes", [2, 5])
def test_scores_of_probabilities_are_scikit_learns(xp, float64, classes, weight):
    labels, p = likely(classes)
    wanted, w = xp.asarray(np.eye(classes)[labels]), xp.asarray(weight)
    made = float(log_loss(xp, xp.asarray(np.log(p)), wanted, w))
    assert made == pytest.approx(theirs.log_loss(labels, p, sample_weight=weight), rel=1e-12)
    # Of two classes scikit-learn takes the probability of the second.
    scores = p[:, 1] if classes == 2 else p
    brier = theirs.brier_score_loss(labels, scores, sample_weight=weight)
    made = float(brier_score(xp, xp.asarray(p), wanted, w))
    assert made == pytest.approx(brier, rel=1e-12)


@each_weight
def test_the_log_loss_of_shares_is_that_of_a_row_for_each_class(xp, float64, weight):
    shares, (_, p) = special.softmax(RNG.normal(size=(ROWS, 4)), axis=1), likely(4)
    rows = np.tile(np.arange(4), ROWS), np.repeat(p, 4, axis=0)
    wanted = theirs.log_loss(*rows, sample_weight=(weight[:, None] * shares).reshape(-1))
    made = log_loss(xp, *(xp.asarray(a) for a in (np.log(p), shares, weight)))
    assert float(made) == pytest.approx(wanted, rel=1e-12)


YES = (RNG.random(ROWS) < 0.3) * 1.0
SCORES = {"all different": RNG.normal(size=ROWS) + YES, "all alike": np.full(ROWS, 0.1)}
SCORES["many ties"] = np.round(SCORES["all different"])
# The order of yes and no within a tie counts for nothing.
SCORES["ties, sorted"] = np.sort(SCORES["many ties"])
each_score = pytest.mark.parametrize("scores", SCORES.values(), ids=SCORES)


def area(xp, scores, yes, weight, dtype="float64"):
    arrays = (xp.asarray(a, dtype=getattr(xp, dtype)) for a in (scores, yes, weight))
    return area_under_roc(xp, *arrays)


@each_weight
@each_score
def test_the_area_under_roc_is_scikit_learns(xp, float64, scores, weight):
    wanted = theirs.roc_auc_score(YES, scores, sample_weight=weight)
    assert float(area(xp, scores, YES, weight)) == pytest.approx(wanted, rel=1e-12)


@each_weight
@each_score
def test_it_is_in_single_precision_too(xp, scores, weight):
    made = area(xp, scores, YES, weight, "float32")
    wanted = theirs.roc_auc_score(YES, scores.astype(np.float32), sample_weight=weight)
    assert made.dtype == xp.float32
    assert float(made) == pytest.approx(wanted, rel=1e-5)


def test_a_right_order_is_worth_1_and_the_opposite_0_to_the_last_digit(xp, float64):
    weight = WEIGHTS["some"]
    assert float(area(xp, YES, YES, weight)) == 1.0
    assert float(area(xp, -YES, YES, weight)) == 0.0


@pytest.mark.parametrize(("dtype", "factor"), [
    ("float64", 1e-200), ("float64", 1e200), ("float32", 1e-25), ("float32", 1e25)
])  # fmt: skip
def test_weights_of_any_size_give_the_same_area(xp, float64, dtype, factor):
    scores, weight = SCORES["many ties"], WEIGHTS["some"]
    wanted = theirs.roc_auc_score(YES, scores, sample_weight=weight)
    made = float(area(xp, scores, YES, weight * factor, dtype))
    assert made == pytest.approx(wanted, rel=1e-12 if dtype == "float64" else 1e-5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("yes", "weight"), [
    (np.ones(ROWS), np.ones(ROWS)), (np.zeros(ROWS), np.ones(ROWS)),
    (YES, YES), (YES, 1.0 - YES), (YES, np.zeros(ROWS)),
], ids=["no no", "no yes", "no no that weighs", "no yes that weighs", "nothing"])  # fmt: skip
def test_there_is_no_area_where_one_kind_is_missing(xp, float64, yes, weight, dtype):
    assert np.isnan(float(area(xp, SCORES["many ties"], yes, weight, dtype)))


DISTANCES = {
    coefficient_of_determination: theirs.r2_score,
    root_mean_square_error: theirs.root_mean_squared_error,
    mean_absolute_error: theirs.mean_absolute_error,
}
each_distance = pytest.mark.parametrize("distance", DISTANCES, ids=lambda rule: rule.__name__)


def of_columns(distance, xp, predicted, true, weight):
    return np.asarray(distance(xp, *(xp.asarray(a) for a in (predicted, true, weight))))


@each_weight
@each_distance
@pytest.mark.parametrize("columns", [1, 3])
def test_distances_are_scikit_learns(xp, float64, columns, distance, weight):
    scale = np.array([3.0, 100.0, 0.01])[:columns]
    true = RNG.normal(size=(ROWS, columns)) * scale + 7.0
    # The second column is guessed worse than by its mean.
    predicted = true + RNG.normal(size=true.shape) * scale * np.array([0.3, 2.0, 0.7])[:columns]
    made = of_columns(distance, xp, predicted, true, weight)
    words = {"sample_weight": weight, "multioutput": "raw_values"}
    assert made.shape == (columns,)
    np.testing.assert_allclose(made, DISTANCES[distance](true, predicted, **words), rtol=1e-9)


@each_distance
def test_distances_of_a_constant_column_are_scikit_learns(xp, float64, distance):
    true = np.stack([np.full(ROWS, 7.0), np.full(ROWS, -2.0), RNG.normal(size=ROWS)], axis=1)
    predicted = true + RNG.normal(size=true.shape) * [1.0, 0.0, 1.0]
    made = of_columns(distance, xp, predicted, true, np.ones(ROWS))
    wanted = DISTANCES[distance](true, predicted, multioutput="raw_values")
    np.testing.assert_allclose(made, wanted, rtol=1e-12)
    if distance is coefficient_of_determination:
        assert made[:2].tolist() == [0.0, 1.0]


@pytest.mark.parametrize("value", [0.1, -1e-3, 123456.7])
@each_weight
def test_a_column_is_constant_also_where_its_mean_is_rounded(xp, float64, weight, value):
    # The mean of three times 0.1 is no 0.1. A row that weighs nothing may be of another value.
    weight = weight[:-1]
    true = np.where(weight[:, None] > 0.0, value, [5.0, 6.0])
    predicted = true + np.array([1.0, 0.0])
    made = of_columns(coefficient_of_determination, xp, predicted, true, weight)
    assert made.tolist() == [0.0, 1.0]


@pytest.mark.parametrize(("dtype", "unit"), [("float64", 1e-200), ("float32", 1e-30)])
def test_a_column_whose_variance_is_too_small_for_a_number_counts_as_constant(
    xp, float64, dtype, unit
):
    true = np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]) * unit
    predicted = true + np.array([1.0, 0.0])
    arrays = (xp.asarray(a, dtype=getattr(xp, dtype)) for a in (predicted, true, np.ones(3)))
    assert np.asarray(coefficient_of_determination(xp, *arrays)).tolist() == [0.0, 1.0]
