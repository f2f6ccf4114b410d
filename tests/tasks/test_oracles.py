"""What networks of each task learn, against scikit-learn's own methods."""

import numpy as np
import pytest
from problems import MIXED, TARGETS, X
from sklearn.datasets import load_diabetes, make_friedman1, make_multilabel_classification
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import f1_score, r2_score
from sklearn.neural_network import MLPRegressor

from clearprop import MLP, KeepBest
from clearprop.training import Position

pytestmark = pytest.mark.usefixtures("unchecked_shapes")

PENALTY = 0.05
LINEAR = {
    "optimizer": {"name": "nesterov", "momentum": 0.9},
    "learning_rate": 0.3,
    "l2": PENALTY,
    "precision": "float64",
}


@pytest.mark.parametrize("problem", ["a value", "values"])
def test_a_network_without_hidden_layers_is_ridge_regression(problem):
    y = TARGETS[problem]
    model = MLP([4, np.atleast_2d(y.T).shape[0]], task="values", **LINEAR)
    model.fit(X, y, epochs=800, batch_size=60)
    # ½·mean (a - t)² + λ/2·w² of standardized t is Σ (a - t)² + n·λ·w².
    z = (y - np.mean(y, axis=0)) / np.std(y, axis=0)
    theirs = Ridge(alpha=60 * PENALTY).fit(X, z).predict(X)
    wanted = theirs * np.std(y, axis=0) + np.mean(y, axis=0)
    np.testing.assert_allclose(model.predict(X), wanted, rtol=1e-8)


def test_labels_without_hidden_layers_are_logistic_regressions():
    y = TARGETS["labels"]
    model = MLP([4, 3], **LINEAR)
    model.fit(X, y, epochs=1500, batch_size=60)
    assert model.task == "labels"
    for k in range(3):
        one = LogisticRegression(C=1 / (60 * PENALTY), tol=1e-12, max_iter=9999).fit(X, y[:, k])
        np.testing.assert_allclose(
            model.predict_proba(X)[:, k], one.predict_proba(X)[:, 1], rtol=1e-5
        )


def test_one_output_is_two_outputs_at_half_the_rate():
    # p = softmax(0, z) = σ(z) with z = z₁ - z₀. Each of two outputs moves by its own gradient, and
    # these are opposite: z moves by twice the rate.
    y, weight = TARGETS["yes or no"], np.linspace(0.5, 2.0, 60)
    one = MLP([4, 1], optimizer="sgd", learning_rate=0.2, precision="float64")
    two = MLP([4, 2], optimizer="sgd", learning_rate=0.1, precision="float64")
    state, before = one.position.state, two.position.state.params
    params = {name: p[..., 1:] - p[..., :1] for name, p in before.items()}
    one.resume(Position(state._replace(params=params)))
    rows = {"sample_weight": weight, "validation_data": (X, y)}
    single, double = (model.fit(X, y, epochs=5, batch_size=16, **rows) for model in (one, two))
    assert (one.task, two.task) == ("labels", "classes")
    np.testing.assert_allclose(one.predict_proba(X)[:, 0], two.predict_proba(X)[:, 1], rtol=1e-12)
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert single[name] == pytest.approx(double[name], rel=1e-12)


def test_the_losses_are_those_of_scikit_learns_regressor():
    y = (MIXED - MIXED.mean(axis=0)) / MIXED.std(axis=0)
    theirs = MLPRegressor(
        hidden_layer_sizes=(7,), activation="tanh", solver="sgd", alpha=0.3, batch_size=60,
        shuffle=False, learning_rate_init=0.1, momentum=0.0, nesterovs_momentum=False,
    ).partial_fit(X, y)  # fmt: skip
    ours = MLP([4, 7, 3], activation="tanh", optimizer="sgd", learning_rate=0.1, lmbda=0.3,
               precision="float64")  # fmt: skip
    for k, (weight, bias) in enumerate(zip(theirs.coefs_, theirs.intercepts_, strict=True)):
        weight[:] = ours.parameters[f"layers.{k}.weight"]
        bias[:] = ours.parameters[f"layers.{k}.bias"]
    penalties = []
    for _ in range(10):
        penalties.append(0.3 / 2 / 60 * sum((w**2).sum() for w in theirs.coefs_))
        theirs.partial_fit(X, y)
    history = ours.fit(X, y, epochs=10, batch_size=60)
    assert len(theirs.loss_curve_) == 11  # the first was before the weights were ours
    # Its loss is half the mean over rows and columns, and ours half the sum over the columns; its
    # steps are those of the sum.
    assert np.array(history.loss) / 3 + penalties == pytest.approx(theirs.loss_curve_[1:], rel=1e-9)


def test_a_network_beats_ridge_where_the_world_is_not_linear():
    x, y = make_friedman1(600, noise=1.0, random_state=0)
    x = (x - 0.5) * np.sqrt(12.0)
    train, test = slice(0, 400), slice(400, 600)
    # l2 was chosen among 0.001, 0.01 and 0.03 by the rows held out below.
    model = MLP([10, 64, 64, 1], learning_rate=3e-3, l2=0.01)
    model.fit(x[train], y[train], epochs=60, batch_size=32, validation_split=0.2,
              callbacks=[KeepBest()])  # fmt: skip
    found = model.evaluate(x[test], y[test])
    linear = Ridge().fit(x[train], y[train]).predict(x[test])
    theirs = MLPRegressor(hidden_layer_sizes=(64, 64), max_iter=100, random_state=0, batch_size=32)
    with pytest.warns(UserWarning, match="Maximum iterations"):
        other = theirs.fit(x[train], y[train]).predict(x[test])
    assert found.r2 == pytest.approx(r2_score(y[test], model.predict(x[test])))
    assert found.r2 > r2_score(y[test], linear) + 0.1
    assert found.r2 > r2_score(y[test], other) - 0.01


def test_diabetes_is_predicted_as_well_as_ridge_does():
    x, y = load_diabetes(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    train, test = order[:342], order[342:]
    model = MLP([10, 64, 1], preparation="standardize", l2=0.03, learning_rate=3e-3)
    model.fit(x[train], y[train], epochs=60, batch_size=32)
    linear = Ridge(0.1).fit(x[train], y[train]).predict(x[test])
    assert model.evaluate(x[test], y[test]).r2 > r2_score(y[test], linear) - 0.02


def test_several_labels_are_learned():
    x, y = make_multilabel_classification(700, 12, n_classes=5, random_state=0)
    train, test = slice(0, 500), slice(500, 700)
    model = MLP([12, 64, 5], preparation="standardize", learning_rate=3e-3)
    model.fit(x[train], y[train], epochs=40, batch_size=32)
    found = model.evaluate(x[test], y[test])
    guess = np.tile(y[train].mean(axis=0) > 0.5, (200, 1))
    assert found.accuracy > (guess == y[test]).mean() + 0.1
    assert found.f1 == pytest.approx(f1_score(y[test], model.predict(x[test]), average="macro"))
