"""The loss and the accuracy of outputs, also of outputs that are not finite."""

import math

import numpy as np
import pytest
from scipy.special import log_softmax

from clearprop.network.build import build_network
from clearprop.tasks import Targets
from clearprop.training.evaluation import evaluate_logits

NETWORK, NAMES = build_network([2, 3]), Targets(("0", "1", "2"))


def test_loss_and_accuracy_are_those_of_scipy_and_of_counting():
    logits = np.array([[1.0, 2.0, 0.5], [3.0, -1.0, 0.0]], np.float32)
    found = evaluate_logits(NETWORK, logits, np.array([1, 2]), NAMES)
    rows = log_softmax(logits.astype(float), axis=1)
    assert found.loss == pytest.approx(-(rows[0, 1] + rows[1, 2]) / 2)
    assert (found.accuracy, found.rows) == (0.5, 2)


@pytest.mark.parametrize("wild", [math.inf, -math.inf, math.nan])
def test_outputs_that_are_not_finite_have_no_finite_loss_and_cause_no_warning(wild):
    logits = np.array([[wild, 2.0, 0.5], [3.0, -1.0, 0.0]], np.float32)
    assert not math.isfinite(evaluate_logits(NETWORK, logits, np.array([0, 2]), NAMES).loss)
