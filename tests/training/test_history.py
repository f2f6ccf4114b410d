"""The figures of an epoch: weighted by rows, divided by true numbers."""

import numpy as np
import pytest

from clearprop import History
from clearprop.data import order
from clearprop.network import forward
from clearprop.training import evaluate_logits


def at(model, x, y):
    """Return loss and hits on rows, from the probabilities alone."""
    chances = model.predict_proba(x)
    return -np.log(chances[np.arange(len(y)), y]).mean(), (chances.argmax(axis=1) == y).sum()


def test_the_epochs_loss_weighs_rows_and_not_batches(model, rows, engine):
    # A rate too small to change anything: the running loss is the loss at the start.
    x, y = rows
    network = model(engine=engine, optimizer="sgd", learning_rate=1e-12)
    loss, hits = at(network, x, y)
    batches = [at(network, x[i[i >= 0]], y[i[i >= 0]])[0] for i in order(0, 0, 50, 16)]
    history = network.fit(x, y, epochs=1, batch_size=16)
    assert history.loss == pytest.approx([loss], rel=1e-10)
    assert abs(np.mean(batches) - loss) > 1e-4  # what a mean of batch means would have said
    assert history.accuracy == [hits / 50]


def test_the_running_loss_is_taken_just_before_each_update(model, rows):
    x, y = rows
    network, expected = model(optimizer="sgd", learning_rate=0.5), []
    for batch in order(0, 0, 50, 16):
        batch = batch[batch >= 0]
        expected += [at(network, x[batch], y[batch])[0]] * len(batch)
        network.fit(x[batch], y[batch], epochs=1, batch_size=50)
    history = model(optimizer="sgd", learning_rate=0.5).fit(x, y, epochs=1, batch_size=16)
    assert history.loss == pytest.approx([np.mean(expected)], rel=1e-10)


def test_penalties_are_in_no_figure_and_smoothing_not_in_validation(model, rows):
    plain, penalized = (
        model(learning_rate=1e-12, **words).fit(*rows, epochs=1, validation_data=rows)
        for words in ({}, {"l1": 1.0, "l2": 1.0})
    )
    assert penalized.loss == pytest.approx(plain.loss)
    assert penalized.val_loss == pytest.approx(plain.val_loss)
    smoothed = model(learning_rate=1e-12, label_smoothing=0.3)
    history = smoothed.fit(*rows, epochs=1, validation_data=rows)
    assert history.val_loss == pytest.approx(plain.val_loss)


def test_seconds_per_epoch_divides_by_the_epochs_that_were_made(model, rows, spy):
    assert History(loss=[1.0, 1.0], seconds=[1.0, 3.0]).seconds_per_epoch == 2.0
    assert History().seconds_per_epoch == 0.0
    stop = spy(lambda fit: fit.stop("enough") if fit.epoch == 3 else None)
    history = model().fit(*rows, epochs=100, callbacks=[stop])
    assert len(history) == len(history.seconds) == 3
    assert history.seconds_per_epoch == pytest.approx(sum(history.seconds) / 3)


def test_validation_uses_running_statistics_and_the_moving_average(
    model, rows, other_rows, spy, engine
):
    look = spy(lambda fit: fit.fetch())
    words = {"batch_norm": True, "moving_average": 0.9, "dropout": 0.4, "engine": engine}
    network = model(**words)
    history = network.fit(
        *rows, epochs=3, batch_size=16, validation_data=other_rows, callbacks=[look]
    )
    x, y = other_rows
    for state, loss, accuracy in zip(
        look.seen, history.val_loss, history.val_accuracy, strict=True
    ):
        params = {name: state.average[name] for name in state.params}
        stats = {name: state.average[name] for name in state.stats}
        found = evaluate_logits(
            network.network, forward(np, network.network, params, stats, x), y, network.targets
        )
        assert (found.loss, found.accuracy) == (pytest.approx(loss, rel=1e-9), accuracy)
        current = forward(np, network.network, state.params, state.stats, x)
        assert evaluate_logits(network.network, current, y, network.targets).loss != pytest.approx(
            loss, rel=1e-6
        )
    assert network.evaluate(x, y).loss == pytest.approx(history.val_loss[-1], rel=1e-12)


def test_an_evaluation_by_hand(model):
    made = model()
    network, names = made.network, made.targets
    logits = np.log(np.array([[0.5, 0.25, 0.25], [0.25, 0.25, 0.5]]))
    found = evaluate_logits(network, logits, np.array([0, 1]), names)
    assert found.loss == pytest.approx((np.log(2) + np.log(4)) / 2)
    assert (found.accuracy, found.rows) == (0.5, 2)
    one_hot = evaluate_logits(network, logits, np.array([[1.0, 0, 0], [0, 1, 0]]), names)
    assert one_hot == found


def test_the_rate_of_every_epoch_is_that_of_its_last_step(model, rows):
    schedule = {"name": "inverse_time", "decay": 1.0}
    history = model(schedule=schedule).fit(*rows, epochs=3, batch_size=16)
    # Four steps an epoch: the last begins at 0.75, 1.75, 2.75 epochs.
    assert history.learning_rate == pytest.approx([0.01 / 1.75, 0.01 / 2.75, 0.01 / 3.75])


def test_a_history_is_plain_values(model, rows):
    history = model().fit(*rows, epochs=2, validation_data=rows)
    assert {type(v) for name in ("loss", "val_accuracy") for v in getattr(history, name)} == {float}
    assert history.as_dict()["best_epoch"] is None
    assert len(history.as_dict()["val_loss"]) == 2
