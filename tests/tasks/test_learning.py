"""Every task learns, stops, resumes, is kept, saved and measured: alike on both engines."""

import numpy as np
import pytest
from problems import MIXED, OUTPUTS, TARGETS, X, make

from clearprop import (
    MLP,
    Callback,
    Checkpoints,
    EarlyStopping,
    KeepBest,
    ReduceOnPlateau,
    datasets,
    fit_many,
    load,
)
from clearprop.data.splits import held_out_mask
from clearprop.errors import DataError, SettingError
from clearprop.network import State
from clearprop.search import find_learning_rate

pytestmark = pytest.mark.usefixtures("unchecked_shapes")

PROBLEMS = pytest.mark.parametrize("problem", TARGETS)


class StopAt(Callback):
    """Presses Ctrl-C at a step."""

    def __init__(self, step=0):
        self.every_steps = self.step = step

    def after_stretch(self, fit):
        if fit.steps == self.step:
            raise KeyboardInterrupt


def same(one: State, other: State) -> bool:
    parts = zip(one, other, strict=True)
    return all(a[name].tobytes() == b[name].tobytes() for a, b in parts for name in a)


@PROBLEMS
def test_it_learns(problem, engine):
    model, y = make(problem, engine=engine), TARGETS[problem]
    history = model.fit(X, y, epochs=60, batch_size=16, validation_data=(X, y))
    judge = model.network.task_type.judge
    assert history[f"val_{judge}"][-1] > max(0.9, history[f"val_{judge}"][0])
    assert history[judge][-1] > 0.9
    assert model.evaluate(X, y).metrics[judge] == pytest.approx(history[f"val_{judge}"][-1])
    assert model.predict(X).shape == np.shape(y)
    assert model.metrics[judge] == history[f"val_{judge}"][-1]


@PROBLEMS
@pytest.mark.parametrize("gradients", ["auto", "derived"])
def test_both_engines_learn_the_same(problem, gradients):
    y, words = TARGETS[problem], {"dropout": 0.2, "batch_norm": True, "moving_average": 0.9}
    ours, theirs = (
        make(problem, engine=engine, gradients=gradients, **words) for engine in ("numpy", "jax")
    )
    rows = {"validation_data": (X, y), "sample_weight": np.linspace(0.5, 2.0, 60)}
    one, other = (model.fit(X, y, epochs=3, batch_size=16, **rows) for model in (ours, theirs))
    for name in one.series.keys() - {"seconds"}:
        assert one[name] == pytest.approx(other[name], rel=1e-9), name
    np.testing.assert_allclose(ours.logits(X), theirs.logits(X), rtol=1e-8, atol=1e-10)


@PROBLEMS
@pytest.mark.parametrize("step", [3, 8, 11])
def test_a_fit_that_was_stopped_resumes_to_the_same_bytes(problem, engine, step, tmp_path):
    y = TARGETS[problem]

    def fit(*callbacks):
        model = make(problem, engine=engine, dropout=0.1)
        callbacks = [KeepBest(), ReduceOnPlateau(patience=1), *callbacks]
        model.fit(X, y, epochs=4, batch_size=16, validation_split=0.25, callbacks=callbacks)
        return model

    whole = fit(Checkpoints(tmp_path / "whole"), StopAt())
    with pytest.raises(KeyboardInterrupt):
        fit(Checkpoints(tmp_path / "part", "1steps"), StopAt(step))
    resumed = fit(Checkpoints(tmp_path / "part", "1steps", resume=True), StopAt())
    assert same(resumed.position.state, whole.position.state)
    for name in whole.history.series.keys() - {"seconds"}:
        assert resumed.history[name] == whole.history[name], name
    assert resumed.history.best_epoch == whole.history.best_epoch
    assert resumed.card.targets == whole.card.targets


def test_a_checkpoint_of_other_targets_is_refused(tmp_path):
    make("a value").fit(X, TARGETS["a value"], epochs=1, callbacks=[Checkpoints(tmp_path)])
    with pytest.raises(SettingError, match="the targets differ"):
        make("a value").fit(
            X, 2 * TARGETS["a value"], epochs=1, callbacks=[Checkpoints(tmp_path, resume=True)]
        )
    with pytest.raises(SettingError, match="the network"):
        make("yes or no").fit(
            X, TARGETS["yes or no"], epochs=1, callbacks=[Checkpoints(tmp_path, resume=True)]
        )


class Plant(Callback):
    """Writes figures of its own into the history."""

    def __init__(self, **series):
        self.series = series

    def after_epoch(self, fit):
        for name, values in self.series.items():
            fit.history[name][-1] = values[fit.epoch - 1]


def test_the_best_epoch_of_real_numbers_is_that_of_the_largest_r2():
    planted = Plant(val_r2=[0.1, 0.7, 0.4], val_rmse=[9.0, 9.0, 1.0])
    for keep, best in ((KeepBest(), 2), (KeepBest("val_rmse"), 3), (KeepBest("val_mae"), None)):
        model = make("a value")
        history = model.fit(X, TARGETS["a value"], epochs=3, validation_split=0.2,
                            callbacks=[planted, keep])  # fmt: skip
        assert history.best_epoch == best or (best is None and history.best_epoch)


def test_it_is_the_last_epoch_where_it_goes_on_getting_better():
    model = make("a value", learning_rate=1e-3)
    history = model.fit(X, TARGETS["a value"], epochs=5, validation_data=(X, TARGETS["a value"]),
                        callbacks=[KeepBest()])  # fmt: skip
    assert history.best_epoch == 5


def test_early_stopping_and_the_plateau_know_which_way_is_better():
    y, worse = TARGETS["a value"], Plant(val_rmse=[1.0, 2.0, 3.0, 4.0], val_r2=[0.9, 0.8, 0.7, 0.6])
    for monitor in ("val_rmse", "val_r2"):
        stop, reduce = EarlyStopping(2, monitor), ReduceOnPlateau(0.5, 1, monitor)
        history = make("a value").fit(X, y, epochs=9, validation_split=0.2,
                                      callbacks=[worse, stop, reduce])  # fmt: skip
        assert len(history) == 3
        assert history.learning_rate == [0.01, 0.01, 0.005]


def test_a_metric_of_another_task_cannot_be_monitored():
    with pytest.raises(SettingError, match=r"unknown series to monitor 'val_accuracy'.* known are"):
        make("a value").fit(X, TARGETS["a value"], validation_split=0.2,
                            callbacks=[KeepBest("val_accuracy")])  # fmt: skip
    with pytest.raises(SettingError, match="did you mean 'val_rmse'"):
        KeepBest("val_rsme")


@PROBLEMS
def test_a_loaded_model_answers_and_learns_on(problem, engine, tmp_path):
    model, y = make(problem, engine=engine), TARGETS[problem]
    model.fit(X, y, epochs=3, validation_split=0.2)
    path = model.save(tmp_path / "m.safetensors")
    again = load(path, engine=engine)
    assert (again.predict(X) == model.predict(X)).all()
    assert again.evaluate(X, y) == model.evaluate(X, y)
    assert (again.task, again.targets, again.metrics) == (model.task, model.targets, model.metrics)
    assert again.save(tmp_path / "again.safetensors").read_bytes() == path.read_bytes()
    again.fit(X, y, epochs=1)
    assert again.targets == model.targets


@pytest.mark.parametrize("problem", ["values", "a value"])
def test_no_unit_changes_what_is_learned(problem):
    y = TARGETS[problem]
    plain, scaled = make(problem), make(problem)
    plain.fit(X, y, epochs=5)
    scaled.fit(X, 1000.0 * y + 7.0, epochs=5)
    assert scaled.predict(X) == pytest.approx(1000.0 * plain.predict(X) + 7.0, rel=1e-9)
    one, other = plain.evaluate(X, y), scaled.evaluate(X, 1000.0 * y + 7.0)
    assert other.r2 == pytest.approx(one.r2)
    assert other.rmse == pytest.approx(1000.0 * one.rmse)


def test_values_have_no_probabilities():
    model = make("a value")
    model.fit(X, TARGETS["a value"], epochs=1)
    with pytest.raises(SettingError, match="real numbers have no probabilities"):
        model.predict_proba(X)
    with pytest.raises(AttributeError, match="there are r2, rmse, mae"):
        model.evaluate(X, TARGETS["a value"]).accuracy  # noqa: B018


@PROBLEMS
def test_a_share_of_the_rows_is_held_out(problem):
    y = TARGETS[problem]
    chosen = held_out_mask(60, 0.25, seed=1)
    model, by_hand = make(problem), make(problem)
    one = model.fit(X, y, epochs=2, batch_size=16, validation_split=0.25)
    other = by_hand.fit(X[~chosen], y[~chosen], epochs=2, batch_size=16,
                        validation_data=(X[chosen], y[chosen]))  # fmt: skip
    assert model.targets == by_hand.targets
    for name in one.series.keys() - {"seconds"}:
        assert one[name] == other[name], name


@PROBLEMS
def test_weights_of_held_out_rows_are_those_of_their_metrics(problem):
    y, weight = TARGETS[problem], np.random.default_rng(0).integers(0, 3, 60)
    model, copies = make(problem), make(problem)
    one = model.fit(X, y, epochs=2, validation_data=(X, y, weight))
    more = np.repeat(X, weight, axis=0), np.repeat(y, weight, axis=0)
    other = copies.fit(X, y, epochs=2, validation_data=more)
    for name in one.series.keys() - {"seconds"}:
        assert one[name] == pytest.approx(other[name], rel=1e-12), name
    found = model.evaluate(X, y, sample_weight=weight).metrics
    assert found == pytest.approx(copies.evaluate(*more).metrics, rel=1e-12)
    split = make(problem).fit(X, y, epochs=1, validation_split=0.25, sample_weight=weight + 1)
    assert len(split.val_loss) == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"validation_split": 0.2, "validation_data": (X, TARGETS["a value"])}, "not both"),
        ({"validation_split": 1.5}, "Cannot hold out 1.5"),
        ({"validation_split": 60}, "Cannot hold out 60"),
        ({"validation_data": (X, TARGETS["a value"], [1.0])}, "must be"),
        ({"class_weight": "balanced"}, "class_weight is for classes"),
    ],
)
def test_what_does_not_fit_is_refused(words, says):
    with pytest.raises(SettingError, match=says):
        make("a value").fit(X, TARGETS["a value"], **words)


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (np.full(60, 3.5), "all 60 rows have the target 3.5"),
        (np.where(X[:, 0] > 1, np.nan, X[:, 0]), "is nan; leave such rows out"),
        (np.array(["a", "b"] * 30), "values are numbers"),
        (MIXED, "3 columns, but the network has 1 outputs"),
    ],
)
def test_targets_that_cannot_be_learned_are_refused(y, says):
    with pytest.raises(DataError, match=says):
        make("a value", task="values").fit(X, y)


def test_columns_without_change_are_no_trouble():
    y = np.stack([MIXED[:, 0], np.full(60, 4.0)], axis=1)
    model = MLP([4, 2], learning_rate=0.03)
    model.fit(X, y, epochs=400, batch_size=60)
    assert model.targets.deviations[1] == 1.0
    assert model.predict(X)[:, 1] == pytest.approx(4.0, abs=0.2)


@PROBLEMS
def test_many_networks_learn_side_by_side(problem):
    alone, together = ([make(problem, seed=k) for k in range(2)] for _ in range(2))
    y = TARGETS[problem]
    for model in alone:
        model.fit(X, y, epochs=2, validation_data=(X, y))
    fit_many(together, X, y, epochs=2, validation_data=(X, y))
    for one, other in zip(alone, together, strict=True):
        assert (one.predict(X) == other.predict(X)).all()
        assert one.metrics == other.metrics


def test_two_classes_are_a_yes_or_no_for_a_single_output():
    names = np.where(TARGETS["yes or no"], "yes", "no")
    model = make("yes or no")
    model.fit(datasets.from_arrays(X, names), epochs=40)
    assert model.classes == ("no", "yes")
    assert model.evaluate(X, names).accuracy > 0.9
    assert model.evaluate(X, names) == model.evaluate(X, TARGETS["yes or no"])
    turned = datasets.from_arrays(X, names, classes=["yes", "no"])
    assert model.evaluate(turned) == model.evaluate(X, names)
    assert ((model.predict(X) == "yes") == (model.predict_proba(X)[:, 0] > 0.5)).all()
    assert np.mean(model.predict(X) == names) == model.evaluate(X, names).accuracy


def test_a_learning_rate_is_found_for_every_task():
    for problem, y in TARGETS.items():
        found = find_learning_rate(make(problem), X, y, batch_size=16)
        assert 1e-6 < found.suggestion < 10.0, problem


@pytest.mark.parametrize("problem", ["labels", "values"])
def test_labels_of_a_split_are_matched_by_name(problem):
    y, names = TARGETS[problem].astype(float), ("red", "green", "blue")
    model = make(problem)
    model.fit(datasets.from_arrays(X, y, classes=names, task=problem), epochs=2)
    assert model.classes == names
    turned = datasets.from_arrays(X, y[:, [2, 0, 1]], ("blue", "red", "green"), task=problem)
    found, wanted = model.evaluate(turned).as_dict(), model.evaluate(X, y).as_dict()
    assert found == pytest.approx(wanted, rel=1e-12)


def test_outputs_are_as_many_as_the_problem_says():
    assert all(make(problem).network.outputs == n for problem, n in OUTPUTS.items())
