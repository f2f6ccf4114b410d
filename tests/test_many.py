"""Many networks at once, against each of them alone."""

import signal

import numpy as np
import pytest

from clearprop import MLP, fit_many
from clearprop.engines import jax_run
from clearprop.errors import DivergedError, SettingError
from clearprop.training import Fit

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 6))
Y = X[:, :3].argmax(axis=1)
VALIDATION = (X[:20], Y[:20])


def models(engine: str, count: int = 5, **words) -> list[MLP]:
    usual = {"learning_rate": 0.01, "precision": "float64", "batch_norm": True, "dropout": 0.2}
    words = usual | {"noise": 0.1, "input_noise": 0.1} | words
    rates = [words["learning_rate"] * (1 + k) for k in range(count)]
    return [
        MLP([6, 8, 3], engine=engine, seed=seed, **words | {"learning_rate": rate})
        for seed, rate in enumerate(rates)
    ]


@pytest.mark.parametrize("stacked", [1, 200, 10_000])
def test_each_learns_what_it_learns_alone(engine, stacked, monkeypatch):
    # 107 parameters each: groups of one, of two, and of as many as the cores leave.
    monkeypatch.setattr(jax_run, "STACKED", stacked)
    together, alone = models(engine), models(engine)
    histories = fit_many(together, X, Y, validation_data=VALIDATION, epochs=3, batch_size=16)
    for one, other, history in zip(together, alone, histories, strict=True):
        other.fit(X, Y, validation_data=VALIDATION, epochs=3, batch_size=16)
        assert one.history is history
        for name in ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"):
            found, expected = (getattr(h, name) for h in (history, other.history))
            np.testing.assert_allclose(found, expected, 1e-11)
        for name, p in other.parameters.items():
            np.testing.assert_allclose(one.parameters[name], p, 1e-9, 1e-11)
        assert one.epochs == other.epochs == 3
        assert one.metrics == pytest.approx(other.metrics, rel=1e-12)
        assert one.predict(X).tolist() == other.predict(X).tolist()
    assert len({tuple(history.loss) for history in histories}) == 5


def test_they_go_on_where_they_were(engine):
    together, alone = models(engine, 2), models(engine, 2)
    for _ in range(2):
        fit_many(together, X, Y, epochs=2, batch_size=16)
        for model in alone:
            model.fit(X, Y, epochs=2, batch_size=16)
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_allclose(one.history.loss, other.history.loss, 1e-11)


def test_one_that_diverges_does_not_stop_the_others(engine):
    plain = {"batch_norm": False, "dropout": 0.0, "noise": 0.0, "input_noise": 0.0}
    wild = plain | {"optimizer": "sgd", "loss": "squared_error"}
    made = models(engine, 2, **wild)
    made.insert(1, MLP([6, 8, 3], engine=engine, learning_rate=1e5, precision="float64", **wild))
    before = made[1].parameters
    with pytest.raises(DivergedError, match="of 3 models, counted from 0, these") as told:
        fit_many(made, X, Y, epochs=3, batch_size=16)
    assert "did not learn: 1. The first of them says: training diverged" in str(told.value)
    assert made[0].epochs == made[2].epochs == 3
    assert made[1].epochs == 0
    assert all((p == before[name]).all() for name, p in made[1].parameters.items())


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"activation": "tanh"}, "the same layers, activation"),
        ({"precision": "float32"}, "precision and"),
        ({"dropout": 0.0}, "on in all or in none"),
        ({"engine": "jax"}, "the same engine"),
    ],
)
def test_what_must_be_alike(other, said):
    words = {"dropout": 0.1, "precision": "float64", "engine": "numpy"}
    made = [MLP([6, 8, 3], **words), MLP([6, 8, 3], **words | other)]
    with pytest.raises(SettingError, match=said):
        fit_many(made, X, Y)
    assert all(model.epochs == 0 for model in made)


def test_a_model_that_comes_twice_or_without_a_list_is_refused():
    (one,) = models("numpy", 1)
    with pytest.raises(SettingError, match="give a list of models"):
        fit_many(one, X, Y)
    with pytest.raises(SettingError, match="each of them once"):
        fit_many([one, one], X, Y)


def test_models_that_number_their_classes_differently_are_refused():
    # Twelve names: a model that never met rows sorts them as texts, one that did as numbers.
    numbers = np.arange(24) % 12
    rows = (numbers[:, None] * 20).astype(np.uint8)
    fresh, learned = (MLP([1, 12], seed=seed) for seed in range(2))
    learned.fit(rows, numbers, epochs=1)
    with pytest.raises(SettingError, match="met the same rows"):
        fit_many([fresh, learned], rows, numbers.astype(str), epochs=1)
    assert fresh.epochs == 0


def test_no_epochs_change_nothing(engine):
    made = models(engine, 2)
    before = [model.parameters for model in made]
    assert [len(history) for history in fit_many(made, X, Y, epochs=0)] == [0, 0]
    for model, params in zip(made, before, strict=True):
        assert all((p == params[name]).all() for name, p in model.parameters.items())


def test_ctrl_c_keeps_what_was_learned_and_the_histories_say_so(engine, monkeypatch):
    def pressed(fit, *shown):
        record(fit, *shown)
        if fit.epoch == 2 and fit.training.seed == 1:
            signal.raise_signal(signal.SIGINT)

    record = Fit.record
    made = models(engine, 2)
    monkeypatch.setattr(Fit, "record", pressed)
    with pytest.raises(KeyboardInterrupt):
        fit_many(made, X, Y, epochs=50, batch_size=16)
    for one, other in zip(made, models(engine, 2), strict=True):
        monkeypatch.setattr(Fit, "record", record)
        other.fit(X, Y, epochs=2, batch_size=16)
        assert one.epochs == 2
        assert one.history.interrupted
        np.testing.assert_allclose(one.predict_proba(X), other.predict_proba(X), 1e-9, 1e-11)


@pytest.mark.parametrize(
    ("networks", "parameters", "cores", "size"),
    [(1, 100, 2, 1), (16, 23_860, 2, 8), (16, 109_386, 2, 1), (16, 100, 1, 16), (5, 100, 2, 3)],
)
def test_how_many_networks_are_stacked(networks, parameters, cores, size):
    assert jax_run.group_size(networks, parameters, cores) == size
