"""scikit-learn's MLPClassifier from the same weights: the same probabilities, step and figures."""

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.neural_network import MLPClassifier

from clearprop.layers import Dense
from clearprop.network import (
    Batch,
    Choice,
    Network,
    StepParts,
    Training,
    derived_gradient,
    forward,
    initial_parameters,
    initial_state,
    outputs,
    program,
    step,
)
from clearprop.tasks import Targets
from clearprop.training.evaluation import evaluate_logits

X = np.random.default_rng(0).normal(size=(30, 4))
RATE, ALPHA = 0.1, 0.7
NAMES = {"relu": "relu", "tanh": "tanh", "sigmoid": "logistic", "identity": "identity"}


KINDS = pytest.mark.parametrize("kind", ["classes", "several labels"])
ACTIVATIONS = pytest.mark.parametrize("activation", NAMES)


def networks(activation: str, kind: str) -> tuple[Network, dict, MLPClassifier, np.ndarray]:
    """Return our network, its weights, scikit-learn's network with the same, and targets."""
    hidden = (Dense(6, activation), Dense(5, activation))
    theirs = MLPClassifier(
        (6, 5), activation=NAMES[activation], solver="sgd", alpha=ALPHA, batch_size=30,
        learning_rate_init=RATE, momentum=0.0, nesterovs_momentum=False, shuffle=False,
    )  # fmt: skip
    y = np.arange(30) % 3
    if kind == "classes":
        ours = Network((4,), (*hidden, Dense(3, "softmax")))
    else:  # each output says yes or no for itself
        ours = Network((4,), (*hidden, Dense(3, "sigmoid")), loss="sigmoid_cross_entropy")
        y = (X[:, :3] > 0.0).astype(int)
    theirs.partial_fit(X, y, classes=np.arange(3))
    params = initial_parameters(ours, 0, "float64")
    for i, (weight, bias) in enumerate(zip(theirs.coefs_, theirs.intercepts_, strict=True)):
        params[f"layers.{i}.bias"] = np.linspace(-1.0, 1.0, bias.size)
        weight[:], bias[:] = params[f"layers.{i}.weight"], params[f"layers.{i}.bias"]
    return ours, params, theirs, y


@KINDS
@ACTIVATIONS
def test_probabilities_are_equal(activation, kind):
    ours, params, theirs, _ = networks(activation, kind)
    made = outputs(np, ours, forward(np, ours, params, {}, X))
    np.testing.assert_allclose(made, theirs.predict_proba(X), rtol=1e-12)


@KINDS
@ACTIVATIONS
def test_one_step_of_sgd_is_equal(activation, kind):
    ours, params, theirs, y = networks(activation, kind)
    # Its penalty is alpha/2·ΣW² over the number of rows.
    training = Training(Choice("sgd"), RATE, l2=ALPHA / 30, precision="float64")
    made, values = program(ours, training), {"learning_rate": RATE, "l2": ALPHA / 30}
    batch = Batch(X, y if kind == "classes" else y.astype(float), np.ones(30))
    state = initial_state(np, made, params, {})
    after, outcome = step(np, made, StepParts(derived_gradient), state, batch, values)
    penalty = sum(ALPHA / 2 / 30 * np.sum(w**2) for w in theirs.coefs_)
    theirs.partial_fit(X, y)
    assert outcome.loss + penalty == pytest.approx(theirs.loss_, rel=1e-12)
    for i, (weight, bias) in enumerate(zip(theirs.coefs_, theirs.intercepts_, strict=True)):
        for name, expected in (("weight", weight), ("bias", bias)):
            ours_after = after.params[f"layers.{i}.{name}"]
            np.testing.assert_allclose(ours_after, expected, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("factor", [1e-300, 1.0, 1e307])
def test_figures_with_weights_of_any_size_are_equal(factor):
    ours, params, theirs, y = networks("relu", "classes")
    weight, p = np.linspace(0.0, 3.0, 30), theirs.predict_proba(X)
    logits = forward(np, ours, params, {}, X)
    made = evaluate_logits(ours, logits, y, Targets(("0", "1", "2")), weight * factor)
    loss = log_loss(y, p, sample_weight=weight)
    area = roc_auc_score(y, p, sample_weight=weight, multi_class="ovr")
    accuracy = theirs.score(X, y, weight)
    assert (made.loss, made.log_loss) == pytest.approx((loss, loss), rel=1e-12)
    assert (made.accuracy, made.roc_auc) == pytest.approx((accuracy, area), rel=1e-12)
