"""Callbacks: when they are called, and that the best epoch's network is really put back."""

import numpy as np
import pytest

from clearprop import Callback, ClearpropError, EarlyStopping, KeepBest, ReduceOnPlateau
from clearprop.errors import DivergedError, SettingError

BEST = pytest.mark.parametrize("best", [1, 2, 4])


class Plant(KeepBest):
    """Makes one epoch the best, whatever the network did: after it the weights are ruined."""

    def __init__(self, best, watched):
        self.best_one, self.watched = best, watched

    def before_fit(self, fit):
        self.watched.before_fit(fit)

    def after_epoch(self, fit):
        fit.history.val_accuracy[-1] = 0.9 if fit.epoch == self.best_one else 0.1 * fit.epoch
        self.watched.after_epoch(fit)

    def after_fit(self, fit):
        self.watched.after_fit(fit)


@BEST
def test_the_planted_best_epoch_is_put_back_whole(model, rows, other_rows, spy, same, engine, best):
    words = {"batch_norm": True, "moving_average": 0.8, "engine": engine, "learning_rate": 0.1}
    states = spy(lambda fit: fit.fetch())
    network = model(**words)
    history = network.fit(
        *rows,
        epochs=5,
        batch_size=16,
        validation_data=other_rows,
        callbacks=[states, Plant(best, KeepBest())],
    )
    assert history.best_epoch == best
    kept = network._position.state
    assert all(same(one, other) for one, other in zip(kept, states.seen[best - 1], strict=True))
    assert not same(kept.params, states.seen[4].params)
    assert not same(kept.stats, states.seen[4].stats)
    assert network.evaluate(*other_rows).loss == pytest.approx(history.val_loss[best - 1])
    assert network.metrics["accuracy"] == 0.9
    # The network of that many epochs, trained alone, is the same: nothing leaked in.
    alone = model(**words)
    alone.fit(*rows, epochs=best, batch_size=16)
    assert same(alone.parameters, network.parameters)
    assert same(alone.statistics, network.statistics)


@pytest.mark.parametrize(
    ("monitor", "best"),
    [("val_accuracy", np.argmax), ("val_loss", np.argmin), ("accuracy", np.argmax)],
)
def test_the_best_is_the_largest_accuracy_or_the_smallest_loss(
    model, rows, other_rows, monitor, best
):
    network = model(learning_rate=0.3)
    history = network.fit(
        *rows, epochs=12, batch_size=8, validation_data=other_rows, callbacks=[KeepBest(monitor)]
    )
    chosen = int(best(getattr(history, monitor)))  # the first among equals
    assert history.best_epoch == chosen + 1
    found = network.evaluate(*other_rows)
    assert found.accuracy == history.val_accuracy[chosen]
    assert found.loss == pytest.approx(history.val_loss[chosen])


def test_early_stopping_stops_when_patience_is_out_and_restores(model, rows, other_rows):
    network, stop = model(learning_rate=0.3), EarlyStopping(patience=3)
    history = network.fit(
        *rows, epochs=200, batch_size=8, validation_data=other_rows, callbacks=[stop]
    )
    assert len(history) == history.best_epoch + 3 < 200
    assert history.best_epoch == int(np.argmin(history.val_loss)) + 1
    assert network.evaluate(*other_rows).loss == pytest.approx(min(history.val_loss))
    assert network.epochs == history.best_epoch


def test_least_change_is_what_an_improvement_must_exceed(model, rows):
    stop = EarlyStopping(patience=2, monitor="loss", least_change=1e9)
    history = model().fit(*rows, epochs=50, callbacks=[stop])
    assert (len(history), history.best_epoch) == (3, 1)


def test_a_callback_starts_afresh_in_every_fit(model, rows):
    x, y = rows
    keep, network = KeepBest("loss"), model(optimizer="sgd", learning_rate=0.1)
    for labels in (y, (y + 1) % 3):  # the second time everything is worse than before
        history = network.fit(x, labels, epochs=3, callbacks=[keep])
        assert history.best_epoch == int(np.argmin(history.loss)) + 1


def test_the_rate_is_reduced_on_a_plateau_and_the_schedule_goes_on_underneath(model, rows):
    schedule = {"name": "exponential", "factor": 0.5}
    reduce = ReduceOnPlateau(factor=0.1, patience=2, monitor="loss", least_change=1e9, lowest=0.005)
    network = model(schedule=schedule, optimizer="sgd")
    rates = network.fit(*rows, epochs=8, batch_size=50, callbacks=[reduce]).learning_rate
    # The first epoch improves on nothing; then patience is out after epochs 3, 5 and 7.
    factors = [1, 1, 1, 0.1, 0.1, 0.01, 0.01, 0.005]
    assert rates == pytest.approx([0.01 * 0.5**e * f for e, f in enumerate(factors)])
    assert network.fit(*rows, epochs=1).learning_rate == [0.01]  # a later fit begins anew


def test_nothing_is_reduced_while_it_improves(model, rows):
    rates = model().fit(*rows, epochs=6, callbacks=[ReduceOnPlateau(monitor="loss", patience=1)])
    assert set(rates.learning_rate) == {0.01}


def test_moments_come_in_order(model, rows, spy):
    one = spy()
    model().fit(*rows, epochs=2, batch_size=50, callbacks=[one])
    epochs = [[f"before_epoch {e}", "after_stretch", f"after_epoch {e}"] for e in (1, 2)]
    assert one.moments == ["before_fit", *epochs[0], *epochs[1], "after_fit"]


def test_callbacks_are_called_in_the_order_given(model, rows, spy):
    calls = []
    first, second = (spy(lambda fit, name=name: calls.append(name)) for name in "ab")
    model().fit(*rows, epochs=2, callbacks=[first, second])
    assert calls == ["a", "b", "a", "b"]


def diverge(network, rows, callbacks):
    network.fit(rows[0] * 100.0, rows[1], epochs=50, callbacks=callbacks)


def fail(network, rows, callbacks):
    class Broken(KeepBest):
        def after_epoch(self, fit):
            raise ZeroDivisionError

    network.fit(*rows, callbacks=[Broken("loss"), *callbacks])


@pytest.mark.parametrize(("end", "error"), [(diverge, DivergedError), (fail, ZeroDivisionError)])
def test_the_end_is_reported_however_the_fit_ends(model, rows, spy, end, error):
    watch = spy()
    with pytest.raises(error):
        end(model(activation="relu", loss="squared_error", optimizer="sgd"), rows, [watch])
    assert watch.moments[-1] == "after_fit"


def test_a_fit_that_was_never_begun_changes_nothing(model, rows, same):
    network = model()
    before = network.parameters
    with pytest.raises(SettingError, match="validation"):
        network.fit(*rows, callbacks=[EarlyStopping()])
    assert same(network.parameters, before)
    assert network.history is None


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: KeepBest("val_acc"), "val_acc"),
        (lambda: KeepBest(["loss"]), "monitor"),
        (lambda: EarlyStopping(patience=0), "patience"),
        (lambda: EarlyStopping(patience=True), "patience"),
        (lambda: EarlyStopping("val_loss"), "patience"),
        (lambda: EarlyStopping(least_change=-1.0), "least_change"),
        (lambda: ReduceOnPlateau(factor=2.0), "factor"),
        (lambda: ReduceOnPlateau(factor="half"), "factor"),
        (lambda: ReduceOnPlateau(lowest=2.0), "lowest"),
    ],
)
def test_settings_that_make_no_sense_are_refused(make, says):
    with pytest.raises(SettingError, match=says):
        make()


@pytest.mark.parametrize("callbacks", [KeepBest("loss"), [KeepBest], [print], 5])
def test_what_is_no_list_of_callbacks_is_refused(model, rows, callbacks):
    with pytest.raises(ClearpropError, match="callback"):
        model().fit(*rows, callbacks=callbacks)


class Ends(Callback):
    """Notes its name when it ends, which may fail."""

    def __init__(self, name, ended, error=None):
        self.name, self.ended, self.error = name, ended, error

    def after_fit(self, fit):
        self.ended.append(self.name)
        if self.error:
            raise self.error


class Refuses(Callback):
    """Refuses every fit."""

    def before_fit(self, fit):
        raise SettingError("not this one")


def test_those_that_have_begun_end_where_a_later_one_refuses_even_if_one_fails(model, rows):
    ended = []
    callbacks = [Ends("first", ended), Ends("second", ended, OSError("disk")), Refuses()]
    with pytest.raises(OSError, match="disk") as caught:
        model().fit(*rows, callbacks=callbacks)
    assert isinstance(caught.value.__context__, SettingError)
    assert ended == ["second", "first"]


def test_no_callbacks_may_be_said_in_any_way(model, rows):
    assert model().fit(*rows, epochs=1, callbacks=None).loss
    assert model().fit(*rows, epochs=1, callbacks=()).loss


def test_the_step_count_goes_back_with_the_best_weights(model, rows, other_rows):
    # Adam's corrections, the noise and the row order of a later fit belong to those weights.
    restored, plain = model(dropout=0.2), model(dropout=0.2)
    restored.fit(
        *rows,
        epochs=4,
        batch_size=16,
        validation_data=other_rows,
        callbacks=[_BestIsTheSecond("val_accuracy")],
    )
    plain.fit(*rows, epochs=2, batch_size=16)
    for network in (restored, plain):
        network.fit(*rows, epochs=1, batch_size=16)
    assert restored.epochs == plain.epochs == 3
    for name, value in plain.parameters.items():
        assert value.tobytes() == restored.parameters[name].tobytes()


class _BestIsTheSecond(KeepBest):
    def improved(self, fit):
        return fit.epoch == 2
