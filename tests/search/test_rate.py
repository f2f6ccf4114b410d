"""The learning-rate test: its rule by hand, on both engines, and a model that stays as it was."""

import signal

import numpy as np
import pytest

from clearprop import MLP
from clearprop.engines import jax_run
from clearprop.errors import DivergedError, SettingError
from clearprop.search import find_learning_rate
from clearprop.search.rate import first_exploded, smooth, steepest

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 5))
Y = X[:, :3].argmax(axis=1)


def model(engine="numpy", **words):
    return MLP([5, 16, 3], engine=engine, precision="float64", **words)


def test_the_steepest_descent_of_a_known_curve():
    # loss = 1/(1 + (rate/0.01)²) falls most over log(rate) where rate = 0.01: there its slope
    # over ln(rate), -2u/(1 + u)² with u = (rate/0.01)², is -1/2, the least that it can be.
    rates = np.geomspace(1e-5, 1.0, 2001)
    loss = 1.0 / (1.0 + (rates / 0.01) ** 2)
    assert steepest(rates, loss) == pytest.approx(0.01, rel=0.01)
    # A steeper fall after the lowest loss says nothing: the run has left the valley by then.
    high = np.concatenate([loss, [9.0, 0.5]])
    assert steepest(np.geomspace(1e-5, 1.0, 2003), high) == pytest.approx(0.01, rel=0.02)


def test_the_mean_of_the_neighbours_by_hand():
    found = smooth(np.array([1.0, 2.0, 6.0, 3.0, 0.0]), 1)
    assert found.tolist() == [1.5, 3.0, pytest.approx(11 / 3), 3.0, 1.5]
    assert smooth(np.array([4.0, 2.0]), 0).tolist() == [4.0, 2.0]


def test_where_a_loss_has_exploded_by_hand():
    assert first_exploded(np.ones(20)) == 20
    # The running mean after 20 ones is 1; one loss of 100 then weighs 0.1/(1 - 0.9²¹).
    assert first_exploded(np.append(np.ones(20), [100.0, 1.0])) == 20
    assert first_exploded(np.append(np.ones(20), [3.0] * 9)) == 29
    assert first_exploded(np.array([1.0, np.nan, 1.0])) == 1
    assert first_exploded(np.array([np.inf])) == 0


def test_deformation_does_not_fade_while_the_rate_rises():
    pixels = RNG.integers(0, 256, (300, 3, 3)).astype(np.uint8)
    made = [
        find_learning_rate(
            MLP([9, 4, 3], deformation={"shift": 1.0, "fade": fade}), pixels, Y, steps=60
        )
        for fade in (0.0, 0.9)
    ]
    assert made[0].losses.tolist() == made[1].losses.tolist()


def test_a_test_is_a_training_whose_rate_rises(engine):
    # Against plain SGD by hand, in float64, on the same batches.
    from clearprop.data.batches import order

    one = MLP([5, 3], engine=engine, optimizer="sgd", precision="float64", seed=2)
    found = find_learning_rate(one, X, Y, batch_size=100, steps=60, highest=1.0)
    weight, bias = one.parameters["layers.0.weight"], one.parameters["layers.0.bias"]
    rates = 1e-6 * 1e6 ** (np.arange(60) / 59)
    np.testing.assert_allclose(found.rates, rates[: len(found.rates)], 1e-9)
    batches = np.concatenate([order(2, epoch, 300, 100) for epoch in range(20)])
    for rate, rows, loss in zip(rates, batches, found.losses, strict=False):
        z = X[rows] @ weight + bias
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        assert loss == pytest.approx(-np.log(p[range(100), Y[rows]]).mean(), rel=1e-9)
        p[range(100), Y[rows]] -= 1.0
        weight, bias = weight - rate * X[rows].T @ p / 100, bias - rate * p.mean(axis=0)


def test_a_rate_that_hardly_rises_is_a_fit_at_that_rate(engine):
    # So Adam's corrections, the noise of dropout and the batches are those of a training.
    words = {"dropout": 0.3, "learning_rate": 0.01, "batch_norm": True}
    one = model(engine, **words)
    one.fit(X, Y, epochs=1, batch_size=32)
    found = find_learning_rate(
        one, X, Y, batch_size=32, steps=50, lowest=0.01, highest=0.01 * (1 + 1e-9)
    )
    sizes = [30, 30, 30, 30, 30, 30, 30, 30, 30, 30]
    history = one.fit(X, Y, epochs=2, batch_size=32)
    for epoch in range(2):
        losses = found.losses[10 * epoch : 10 * (epoch + 1)]
        assert history.loss[epoch] == pytest.approx(np.average(losses, weights=sizes), rel=1e-5)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_the_model_stays_as_it_was(engine, optimizer):
    one = model(engine, optimizer=optimizer, batch_norm=True, dropout=0.2, schedule="cosine",
                moving_average=0.9)  # fmt: skip
    one.fit(X, Y, epochs=1)
    before, settings, chosen = one.position, one.settings, one.chosen
    states = [{n: a.copy() for n, a in part.items()} for part in before.state]
    find_learning_rate(one, X, Y)
    assert one.position is before
    assert (one.settings, one.chosen, len(one.history)) == (settings, chosen, 1)
    for part, kept in zip(before.state, states, strict=True):
        assert all((part[name] == kept[name]).all() for name in kept)


def test_a_fresh_model_stays_fresh():
    one = model()
    find_learning_rate(one, X, Y)
    assert one.chosen is None
    assert one.history is None
    assert all((one.parameters[n] == a).all() for n, a in model().parameters.items())


def test_the_suggestion_learns_far_better_than_the_ends(engine):
    found = find_learning_rate(model(engine), X, Y, batch_size=32)
    assert 1e-4 < found.suggestion < 0.3
    losses = []
    for rate in (1e-6, found.suggestion, 10.0):
        one = model(engine, learning_rate=rate)
        one.fit(X, Y, epochs=5, batch_size=32)
        losses.append(one.evaluate(X, Y).loss)
    assert losses[1] < 0.5 * min(losses[0], losses[2])


def test_the_engines_agree():
    words = {"activation": "tanh", "dropout": 0.1}
    one, other = (
        find_learning_rate(model(e, **words), X, Y, highest=0.1) for e in ("numpy", "jax")
    )
    np.testing.assert_allclose(one.losses, other.losses, 1e-8)
    assert one.suggestion == other.suggestion


def test_where_it_ends_does_not_depend_on_where_its_stretches_end(monkeypatch):
    words = {"optimizer": "sgd", "loss": "squared_error"}
    whole = find_learning_rate(model(**words), X, Y)
    assert whole.exploded
    monkeypatch.setattr(
        "clearprop.search.rate.stretches", lambda steps: ((k, k + 1) for k in range(steps))
    )
    single = find_learning_rate(model(**words), X, Y)
    assert single.losses.tolist() == whole.losses.tolist()
    assert single.suggestion == whole.suggestion


def test_one_program_serves_every_rate():
    before = jax_run._stretch._cache_size()
    find_learning_rate(model("jax", activation="silu"), X, Y, steps=77)
    assert jax_run._stretch._cache_size() == before + 1


@pytest.mark.parametrize("wrong", [{"steps": 3}, {"steps": True}, {"steps": 99.0},
                                   {"lowest": 0.0}, {"lowest": 1.0, "highest": 0.5}])  # fmt: skip
def test_what_does_not_fit(wrong):
    with pytest.raises(SettingError, match=r"steps is|the rates must rise"):
        find_learning_rate(model(), X, Y, **wrong)


def test_rows_from_which_nothing_is_learned():
    with pytest.raises(DivergedError, match="the loss never fell"):
        find_learning_rate(model(), np.full_like(X, 1e200), Y)


def test_ctrl_c(monkeypatch):
    def press(steps):
        yield 0, 1
        signal.raise_signal(signal.SIGINT)
        yield 1, 2
        raise AssertionError("it went on")

    monkeypatch.setattr("clearprop.search.rate.stretches", press)
    with pytest.raises(KeyboardInterrupt):
        find_learning_rate(model(), X, Y)
