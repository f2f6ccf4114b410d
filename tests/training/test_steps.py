"""A fit of so many steps: it ends within an epoch, and callbacks may look at exact steps."""

import numpy as np
import pytest

from clearprop import Callback
from clearprop.engines import choice
from clearprop.errors import SettingError


class Watch(Callback):
    """Writes down the steps at which it may look, and the parameters there."""

    def __init__(self, every):
        self.every_steps, self.seen = every, {}

    def after_stretch(self, fit):
        if fit.steps % self.every_steps == 0:
            self.seen[fit.steps] = fit.fetch().params


@pytest.mark.parametrize("steps", [1, 3, 4, 6, 9])
def test_so_many_steps_are_made(model, rows, engine, steps):
    network, watch = model(engine=engine), Watch(1)
    history = network.fit(*rows, steps=steps, batch_size=16, callbacks=[watch])
    assert list(watch.seen) == list(range(1, steps + 1))
    assert network._position.steps == steps
    assert len(history) == -(-steps // 4)


def test_they_are_the_first_steps_of_the_longer_fit(model, rows, same, engine):
    long, short, watch = model(engine=engine), model(engine=engine), Watch(6)
    long.fit(*rows, epochs=2, batch_size=16, callbacks=[watch])
    short.fit(*rows, steps=6, batch_size=16)
    assert same(short.parameters, watch.seen[6])


def test_looking_changes_nothing(model, rows, same):
    plain, watched = model(), model()
    plain.fit(*rows, epochs=3, batch_size=16)
    watched.fit(*rows, epochs=3, batch_size=16, callbacks=[Watch(5), Watch(3)])
    assert same(plain.parameters, watched.parameters)


def test_the_part_of_an_epoch_is_averaged_over_its_own_rows(model, rows):
    x, y = rows
    network = model(learning_rate=1e-12)  # so small that nothing is learned
    whole = network.evaluate(x, y)
    history = network.fit(x, y, steps=5, batch_size=49)  # 49 rows and 1; 49 and 1; 49
    assert history.loss[0] == pytest.approx(whole.loss)
    assert history.accuracy[0] == pytest.approx(whole.accuracy)
    assert history.accuracy[2] * 49 == pytest.approx(round(history.accuracy[2] * 49))


def test_a_schedule_spans_the_steps(model, rows):
    network = model(schedule={"name": "warm_up_cosine", "epochs": 0.25})
    history = network.fit(*rows, steps=6, batch_size=16)
    full = model(schedule={"name": "warm_up_cosine", "epochs": 0.25}).fit(
        *rows, epochs=2, batch_size=16
    )
    assert history.learning_rate[-1] < full.learning_rate[0]
    t = (5 / 4 - 0.25) / (6 / 4 - 0.25)
    assert history.learning_rate[-1] == pytest.approx(0.01 * 0.5 * (1 + np.cos(np.pi * t)))


def test_the_engine_is_chosen_by_the_rows_of_the_steps_that_are_made(model, rows, monkeypatch):
    monkeypatch.setattr(choice, "STEP", 0.0)
    network = model(engine="auto")
    network.fit(*rows, steps=1, batch_size=16)
    assert f"{6 * 16 * 72:.1e} operations" in network.chosen.why


def test_the_engine_is_not_chosen_by_steps_of_rows_that_are_not_there(model, rows, monkeypatch):
    monkeypatch.setattr(choice, "STEP", 0.0)
    network = model(engine="auto")
    network.fit(*rows, steps=2, batch_size=1000)
    assert f"{6 * 50 * 2 * 72:.1e} operations" in network.chosen.why


def test_the_engine_is_chosen_by_the_number_of_steps_too(model, rows):
    network = model(engine="auto")
    network.fit(*rows, epochs=3, batch_size=16)
    assert f"{3 * 4 * choice.STEP:.1e} operations" in network.chosen.why


def test_looking_takes_no_time_of_the_steps(model, rows, monkeypatch):
    from clearprop.training import fit as fit_module

    class Clock:
        now = 0.0

        def perf_counter(self):
            return self.now

    class Slow(Watch):
        def after_stretch(self, fit):
            clock.now += 100.0

    clock = Clock()
    monkeypatch.setattr(fit_module, "time", clock)
    history = model().fit(*rows, epochs=1, batch_size=16, callbacks=[Slow(1)])
    assert history.seconds == [0.0]


@pytest.mark.parametrize("every", [-5, 2.5, "10", True])
def test_moments_that_are_no_steps_are_refused(model, rows, every):
    with pytest.raises(SettingError, match="every_steps"):
        model().fit(*rows, callbacks=[Watch(every)])


def test_steps_may_be_numpys(model, rows):
    network = model()
    network.fit(*rows, steps=np.int64(3), batch_size=16)
    assert network._position.steps == 3


@pytest.mark.parametrize("steps", [0, -1, 2.5, "9", True])
def test_steps_that_are_no_count_are_refused(model, rows, steps):
    with pytest.raises(SettingError, match="steps is"):
        model().fit(*rows, steps=steps)
