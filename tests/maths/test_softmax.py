"""Softmax and the losses, against SciPy and scikit-learn."""

import numpy as np
import pytest
from scipy import special
from sklearn.metrics import log_loss
from sklearn.utils.class_weight import compute_class_weight

from clearprop.maths import losses
from clearprop.maths.softmax import log_softmax, softmax

RNG = np.random.default_rng(0)
LOGITS = np.concatenate(
    [
        RNG.normal(size=(20, 5)),
        np.zeros((1, 5)),
        [[100.0, -100.0, 0.0, 100.0, 3.0], [1e4, 0.0, -1e4, 5.0, 5.0]],
    ]
)
LABELS = np.arange(len(LOGITS)) % 5
ONE_HOT = np.eye(5)[LABELS]
MEAN = np.full(len(LOGITS), 1.0 / len(LOGITS))


def plain(a) -> np.ndarray:
    return np.asarray(a)


def test_softmax_and_its_logarithm_equal_scipy(xp):
    z = xp.asarray(LOGITS, dtype=xp.float32)
    np.testing.assert_allclose(plain(softmax(xp, z)), special.softmax(LOGITS, axis=1), 2e-6, 1e-30)
    np.testing.assert_allclose(
        plain(log_softmax(xp, z)), special.log_softmax(LOGITS, axis=1), 1e-6, 1e-6
    )


def test_in_double_precision():
    np.testing.assert_allclose(softmax(np, LOGITS), special.softmax(LOGITS, axis=1), 1e-13)
    expected = LOGITS - special.logsumexp(LOGITS, axis=1, keepdims=True)
    np.testing.assert_allclose(log_softmax(np, LOGITS), expected, 1e-13, 1e-13)
    np.testing.assert_allclose(softmax(np, LOGITS).sum(axis=1), 1.0, rtol=1e-15)


def test_cross_entropy_equals_log_loss():
    z = LOGITS[:20]
    loss, _ = losses.cross_entropy(np, z, ONE_HOT[:20], MEAN[:20] * len(LOGITS) / 20)
    assert loss == pytest.approx(log_loss(LABELS[:20], special.softmax(z, axis=1)), rel=1e-13)


def test_class_weights_equal_log_loss():
    balanced = compute_class_weight("balanced", classes=np.arange(5), y=LABELS)[LABELS]
    z = np.clip(LOGITS, -5.0, 5.0)
    loss, _ = losses.cross_entropy(np, z, ONE_HOT, balanced / balanced.sum())
    probabilities = special.softmax(z, axis=1)
    assert loss == pytest.approx(log_loss(LABELS, probabilities, sample_weight=balanced), rel=1e-13)


def test_sigmoid_cross_entropy_equals_scipy():
    loss, _ = losses.sigmoid_cross_entropy(np, LOGITS, ONE_HOT, MEAN)
    log_p, log_q = special.log_expit(LOGITS), special.log_expit(-LOGITS)
    expected = -np.mean(np.sum(np.where(ONE_HOT == 1.0, log_p, log_q), axis=1))
    assert loss == pytest.approx(expected, rel=1e-13)


def test_squared_error_is_half_the_sum_over_outputs_and_the_mean_over_rows():
    outputs, targets = np.asarray([[1.0, 2.0], [0.0, 4.0]]), np.asarray([[0.0, 0.0], [3.0, 0.0]])
    loss, _ = losses.squared_error(np, outputs, targets, np.asarray([0.5, 0.5]))
    assert loss == 0.5 * (0.5 * (1.0 + 4.0) + 0.5 * (9.0 + 16.0))


@pytest.mark.parametrize("name", ["cross_entropy", "sigmoid_cross_entropy", "squared_error"])
def test_a_row_of_weight_zero_counts_nothing(name):
    loss, vjp = getattr(losses, name), getattr(losses, f"{name}_vjp")
    weight = np.where(np.arange(len(LOGITS)) == 3, 0.0, MEAN)
    other = LOGITS.copy()
    other[3] = 77.0
    (one, saved), (two, _) = (loss(np, z, ONE_HOT, weight) for z in (LOGITS, other))
    assert one == two
    assert np.all(vjp(np, saved, 1.0)[3] == 0.0)


def test_one_hot(xp):
    made = losses.one_hot(xp, xp.asarray([2, 0, 1, 2]), 3, xp.float32)
    assert plain(made).tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert made.dtype == xp.float32


def test_smoothing_shares_a_part_among_all_classes():
    made = losses.smooth(np, ONE_HOT, 0.1, 5)
    np.testing.assert_allclose(made, np.where(ONE_HOT == 1.0, 0.92, 0.02), rtol=1e-15)
    np.testing.assert_allclose(made.sum(axis=1), 1.0, rtol=1e-15)


@pytest.mark.parametrize("name", ["cross_entropy", "sigmoid_cross_entropy"])
def test_a_certain_mistake_costs_a_finite_amount(xp, name):
    z = xp.asarray([[-100.0, 100.0]], dtype=xp.float32)
    target, weight = xp.asarray([[1.0, 0.0]], dtype=xp.float32), xp.ones(1, dtype=xp.float32)
    loss, saved = getattr(losses, name)(xp, z, target, weight)
    assert float(loss) == 200.0
    g = getattr(losses, f"{name}_vjp")(xp, saved, 1.0)
    np.testing.assert_allclose(plain(g), [[-1.0, 1.0]])
