"""Confusion counts, scores of classes and the interval of a share, against outside references."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from clearprop.maths.metrics import class_scores, confusion, wilson_interval

RNG = np.random.default_rng(0)
CLASSES = 6
# No row is of class 2, and none is taken for class 4.
LABELS = RNG.choice([0, 1, 3, 4, 5], 400, p=[0.5, 0.2, 0.1, 0.15, 0.05]).astype(np.int32)
PREDICTED = RNG.choice([0, 1, 2, 3, 5], 400).astype(np.int32)
PREDICTED[::2] = np.where(LABELS[::2] == 4, 5, LABELS[::2])


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
    for mine, theirs in zip(made, wanted[:3], strict=True):
        np.testing.assert_allclose(np.asarray(mine), theirs, rtol=1e-15)
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
