"""A second fit goes on where the first one ended; a fit that fails leaves no trace."""

import re

import numpy as np
import pytest

from clearprop.data import batches
from clearprop.errors import DivergedError, RangeWarning
from clearprop.training import fit as fit_module
from clearprop.training import stretches as stretches_module
from clearprop.training.stretches import stretches

EVERYTHING = {
    "batch_norm": True,
    "dropout": 0.3,
    "input_dropout": 0.1,
    "moving_average": 0.9,
    "l2": 1e-3,
    "clip_norm": 1.0,
}


@pytest.mark.parametrize("words", [{}, EVERYTHING, {"optimizer": "sgd"}])
def test_two_fits_of_one_epoch_are_one_fit_of_two(model, rows, same, engine, words):
    once, twice = (model(engine=engine, precision="float32", **words) for _ in range(2))
    whole = once.fit(*rows, epochs=2, batch_size=16)
    parts = [twice.fit(*rows, epochs=1, batch_size=16).loss for _ in range(2)]
    assert whole.loss == [*parts[0], *parts[1]]
    states = once._position.state, twice._position.state
    assert all(same(one, other) for one, other in zip(*states, strict=True))
    assert once._position[1:] == twice._position[1:] == (8, 2)


def test_the_steps_are_counted_on_for_the_optimizer_and_the_noise(model, rows):
    # Adam's corrections depend on the count: with one that began again, the step would be larger.
    network = model()
    for expected in (4, 8):
        network.fit(*rows, epochs=1, batch_size=16)
        assert network._position.steps == expected
    assert network.epochs == 2


def test_a_fresh_schedule_begins(model, rows):
    network = model(schedule={"name": "inverse_time", "decay": 1.0})
    first, second = (network.fit(*rows, epochs=3, batch_size=16) for _ in range(2))
    assert first.learning_rate == second.learning_rate
    assert len(set(first.learning_rate)) == 3


@pytest.fixture
def orders(monkeypatch):
    """Every order of rows that a fit takes."""
    taken = []

    def spy(*arguments, **named):
        taken.append(batches.order(*arguments, **named))
        return taken[-1]

    monkeypatch.setattr(fit_module, "order", spy)
    return taken


@pytest.mark.parametrize(
    ("words", "batch"),
    [({}, batch) for batch in (1, 16, 25, 49, 50, 1000)]
    + [({"batch_norm": True}, batch) for batch in (2, 16, 25, 49, 50, 1000)],
)
def test_every_row_is_visited_once_an_epoch(model, rows, orders, words, batch):
    network = model(**words)
    for _ in range(2):
        network.fit(*rows, epochs=2, batch_size=batch)
    visits = [np.sort(taken[taken >= 0]) for taken in orders]
    assert [v.tolist() for v in visits] == [list(range(50))] * 4
    # Each epoch has an order of its own, in a later fit too.
    assert len({taken.tobytes() for taken in orders}) == 4


def test_every_row_really_reaches_the_step(model, engine):
    # One input for each row, plain SGD: a row's weights change if it was visited, and only so.
    x, y = np.eye(23), np.arange(23) % 3
    from clearprop import MLP

    network = MLP([23, 3], optimizer="sgd", learning_rate=0.1, engine=engine)
    before = network.parameters["layers.0.weight"]
    network.fit(x, y, epochs=1, batch_size=4)
    changed = (network.parameters["layers.0.weight"] != before).any(axis=1)
    assert changed.all()


def test_no_row_but_the_training_rows_is_learned_from(model, rows, other_rows, same):
    alone, watched = model(), model()
    alone.fit(*rows, epochs=3)
    watched.fit(*rows, epochs=3, validation_data=other_rows)
    assert same(alone.parameters, watched.parameters)


@pytest.mark.parametrize("words", [{"loss": "squared_error"}, {"batch_norm": True}])
def test_a_fit_that_diverges_leaves_the_model_as_it_was(model, rows, same, engine, words):
    usual = {"optimizer": "sgd", "precision": "float32", "activation": "relu"}
    network = model(engine=engine, **usual, **words)
    network.fit(*rows, epochs=1, validation_data=rows)
    kept = network._position, network.history, network._card
    x, y = rows
    # It says too that these rows lie elsewhere.
    with (
        pytest.warns(RangeWarning),
        pytest.raises(DivergedError, match=r"Lower the learning rate \(0.01\)"),
    ):
        network.fit(x * 1e25, y, epochs=50, batch_size=4)
    now = network._position, network.history, network._card
    assert all(one is other for one, other in zip(kept, now, strict=True))
    assert network.fit(*rows, epochs=1).loss[0] < 10.0  # and it can go on


def test_the_last_update_is_looked_at_too(model, rows, engine):
    # One epoch of one step: its loss was taken before its update, which breaks the network.
    words = {"optimizer": "sgd", "learning_rate": 1e6, "precision": "float32"}
    network = model(engine=engine, activation="identity", **words)
    x, y = rows
    with pytest.raises(DivergedError, match=r"layers\.\d\.weight is not finite"):
        network.fit(x * 1e35, y, epochs=1, batch_size=50)


def test_a_loss_that_explodes_but_stays_finite_is_divergence(model, rows):
    network = model(loss="squared_error", activation="identity", optimizer="sgd", learning_rate=5.0)
    with pytest.raises(DivergedError, match=r"the loss of epoch \d, step \d is \d") as caught:
        network.fit(*rows, epochs=100)
    shown = float(re.search(r" is (\S+)\. ", str(caught.value))[1])
    assert 1e6 < shown < 1e30


def test_no_epochs_change_nothing(model, rows, same):
    network = model()
    before = network.parameters
    history = network.fit(*rows, epochs=0, validation_data=rows)
    assert (len(history), network.epochs) == (0, 0)
    assert same(network.parameters, before)


def test_the_measured_validation_is_forgotten_where_the_weights_moved_on(model, rows):
    network = model()
    network.fit(*rows, epochs=1, validation_data=rows)
    assert network.metrics["accuracy"] == network.evaluate(*rows).accuracy
    network.fit(*rows, epochs=1)
    assert network.metrics == {}


class Clock:
    """A clock that jumps by whatever it is told."""

    def __init__(self, jumps):
        self.jumps, self.now = iter(jumps), 0.0

    def perf_counter(self):
        self.now += next(self.jumps, 0.0)
        return self.now


def check_stretches(monkeypatch, steps, jumps):
    """Fail unless the stretches, under these timings, cover every step once and in order."""
    monkeypatch.setattr(stretches_module, "time", Clock(jumps))
    made = list(stretches(steps))
    assert [i for start, stop in made for i in range(start, stop)] == list(range(steps))
    assert all(start < stop for start, stop in made)
    return made


def test_stretches_cover_every_step_whatever_the_timings(monkeypatch):
    from hypothesis import given
    from hypothesis import strategies as st

    @given(st.integers(0, 3000), st.lists(st.floats(0.0, 1e6)))
    def check(steps, jumps):
        check_stretches(monkeypatch, steps, jumps)

    check()


def test_stretches_grow_to_a_fraction_of_a_second(monkeypatch):
    # A step takes a millisecond: 0.2 seconds are 200 of them, reached by factors of 16.
    monkeypatch.setattr(stretches_module, "time", clock := Clock(()))
    sizes = []
    for start, stop in stretches(1000):
        sizes.append(stop - start)
        clock.now += 0.001 * sizes[-1]
    assert sizes[:2] == [1, 16]
    assert all(size in (199, 200, 201) for size in sizes[2:-1])


def test_stretches_end_where_a_callback_wants_to_look(monkeypatch):
    monkeypatch.setattr(stretches_module, "time", Clock(()))
    made = list(stretches(50, first=95, every=[10, 7]))
    ends = {95 + stop for _, stop in made}
    assert ends >= {n for n in range(96, 146) if n % 10 == 0 or n % 7 == 0} | {145}
    assert [i for start, stop in made for i in range(start, stop)] == list(range(50))
