"""Calibration and abstention: worked by hand, and against a plain loop."""

import numpy as np
import pytest

from clearprop.maths.calibration import accuracy_of_surest, calibration_error, reliability

RNG = np.random.default_rng(0)
CONFIDENCE = np.concatenate([RNG.random(500), RNG.beta(8, 1, 500), np.arange(16) / 15, [1.0, 1.0]])
RIGHT = RNG.random(len(CONFIDENCE)) < CONFIDENCE**2


def looped(confidence, right, bins):
    """Return the error as the formula reads: over the rows, bin by bin."""
    error = 0.0
    for number in range(bins):
        low, high = number / bins, (number + 1) / bins
        rows = [i for i, c in enumerate(confidence) if low < c <= high or (c == 0 == number)]
        if rows:
            accuracy = sum(bool(right[i]) for i in rows) / len(rows)
            mean = sum(float(confidence[i]) for i in rows) / len(rows)
            error += len(rows) / len(confidence) * abs(accuracy - mean)
    return error


@pytest.mark.parametrize("bins", [1, 10, 15])
def test_calibration_error_is_that_of_a_plain_loop(xp, bins, float64):
    made = reliability(xp, xp.asarray(CONFIDENCE), xp.asarray(RIGHT), bins)
    error = float(calibration_error(xp, made))
    assert error == pytest.approx(looped(CONFIDENCE, RIGHT, bins), rel=1e-12)


def test_calibration_worked_by_hand(xp):
    # Two bins: (0, 0.5] holds 0.2 and 0.5, (0.5, 1] holds 0.6, 0.8 and 1.
    confidence = xp.asarray([0.2, 0.5, 0.6, 0.8, 1.0], dtype=xp.float32)
    right = xp.asarray([False, True, False, True, True])
    made = reliability(xp, confidence, right, 2)
    np.testing.assert_allclose(np.asarray(made.share), [0.4, 0.6], rtol=1e-6)
    np.testing.assert_allclose(np.asarray(made.confidence), [0.35, 0.8], rtol=1e-6)
    np.testing.assert_allclose(np.asarray(made.accuracy), [0.5, 2 / 3], rtol=1e-6)
    # 0.4·|0.5 - 0.35| + 0.6·|2/3 - 0.8|
    assert float(calibration_error(xp, made)) == pytest.approx(0.06 + 0.08, rel=1e-5)


def test_empty_bins_count_nothing(xp):
    confidence = xp.asarray([0.0, 1.0], dtype=xp.float32)
    made = reliability(xp, confidence, xp.asarray([False, True]))
    shares = np.asarray(made.share)
    assert shares[[0, -1]].tolist() == [0.5, 0.5]
    assert shares.sum() == 1.0
    assert float(calibration_error(xp, made)) == 0.0


def test_what_is_left_when_the_least_sure_are_not_answered(xp):
    confidence = xp.asarray([0.6, 0.9, 0.7, 0.9, 0.5], dtype=xp.float32)
    right = xp.asarray([False, True, True, False, True])
    made = np.asarray(accuracy_of_surest(xp, confidence, right))
    # By confidence: right, wrong (it stood behind), right, wrong, right.
    np.testing.assert_allclose(made, [1, 1 / 2, 2 / 3, 2 / 4, 3 / 5], rtol=1e-6)


def test_the_surest_are_those_of_a_plain_loop(xp, float64):
    made = np.asarray(accuracy_of_surest(xp, xp.asarray(CONFIDENCE), xp.asarray(RIGHT)))
    ranked = sorted(range(len(CONFIDENCE)), key=lambda i: -CONFIDENCE[i])
    wanted = [np.mean(RIGHT[ranked[:k]]) for k in range(1, len(ranked) + 1)]
    np.testing.assert_allclose(made, wanted, rtol=1e-12)
