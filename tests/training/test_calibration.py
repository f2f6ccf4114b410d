"""The best temperature, against SciPy's minimizer."""

import numpy as np
import pytest
from scipy import special
from scipy.optimize import minimize_scalar

from clearprop.errors import DataError
from clearprop.training import calibration
from clearprop.training.calibration import best_temperature, measured

RNG = np.random.default_rng(0)
N, CLASSES = 400, 4


def problem(answers: int, sureness: float):
    """Return logits that are right about the chances but for their scale, and labels."""
    truth = RNG.normal(scale=1.5, size=(N, CLASSES))
    labels = [RNG.choice(CLASSES, p=p) for p in special.softmax(truth, axis=1)]
    logits = sureness * (truth + RNG.normal(scale=0.3, size=(answers, N, CLASSES)))
    return logits, np.eye(CLASSES)[labels]


def scipys(logits, targets) -> float:
    def loss(tau):
        average = special.softmax(logits / np.exp(tau), axis=2).mean(axis=0)
        return -(targets * np.log(average)).sum(axis=1).mean()

    bounds = (np.log(0.02), np.log(50.0))
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded",
                                        options={"xatol": 1e-9}).x))  # fmt: skip


@pytest.mark.parametrize("answers", [1, 2, 7])
@pytest.mark.parametrize("sureness", [0.1, 0.5, 1.0, 4.0, 20.0])
def test_the_best_temperature_is_scipys(answers, sureness):
    logits, targets = problem(answers, sureness)
    found = best_temperature(logits, targets)
    assert found == pytest.approx(scipys(logits, targets), rel=1e-6)
    # What makes it so: the slope is zero there, and both sides are worse.
    loss, slope = measured(logits, targets, found)
    assert abs(slope) < 1e-7
    assert all(measured(logits, targets, found * f)[0] > loss for f in (0.99, 1.01))


def test_a_scale_that_is_wrong_by_a_factor_is_found():
    logits, targets = problem(1, 1.0)
    one, eight = (best_temperature(f * logits, targets) for f in (1.0, 8.0))
    assert eight == pytest.approx(8.0 * one, rel=1e-7)


def test_the_deepest_of_two_valleys_is_taken():
    # A bold answer with small logits and a timid one that is surely wrong here and there.
    logits, targets = problem(1, 1.0)
    other = 60.0 * RNG.normal(size=(1, N, CLASSES))
    both = np.concatenate([logits, other])
    grid = np.geomspace(0.011, 99.0, 4000)
    losses = [measured(both, targets, t)[0] for t in grid]
    found = best_temperature(both, targets)
    assert measured(both, targets, found)[0] <= min(losses) + 1e-9


def test_rows_are_weighed_alike_in_whatever_parts_they_are_measured(monkeypatch):
    logits, targets = problem(3, 2.0)
    whole = measured(logits, targets, 1.3)
    monkeypatch.setattr(calibration, "AT_ONCE", 7 * 3 * CLASSES)
    assert measured(logits, targets, 1.3) == pytest.approx(whole, rel=1e-13)


def test_rows_without_a_best_temperature_are_refused():
    logits, targets = problem(1, 1.0)
    right = targets[None] * 5.0
    for given in (right, -right, np.zeros_like(logits)):
        with pytest.raises(DataError, match=r"no temperature between 0\.01 and 100 fits these 400"):
            best_temperature(given, targets)
    logits[0, 3, 1] = np.nan
    with pytest.raises(DataError, match="not finite"):
        best_temperature(logits, targets)
