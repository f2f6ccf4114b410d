"""A fit that is stopped and resumed is the fit that was never stopped, byte for byte."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest

from clearprop import MLP, Callback, EarlyStopping, KeepBest, ReduceOnPlateau
from clearprop.data import Split
from clearprop.data.deformed import with_deformed
from clearprop.training.checkpoints import Checkpoints

EPOCHS, BATCH = 5, 16
PLAIN = {"optimizer": "sgd", "learning_rate": 0.1}
ALL = {
    "optimizer": "adamw", "learning_rate": 0.02, "schedule": "one_cycle", "batch_norm": True,
    "dropout": 0.3, "input_dropout": 0.1, "moving_average": 0.9, "label_smoothing": 0.1,
    "l2": 1e-3, "clip_norm": 1.0,
}  # fmt: skip
SETTINGS = pytest.mark.parametrize("settings", [PLAIN, ALL], ids=["plain", "all"])
ENGINES = pytest.mark.parametrize("engine", ["numpy", "jax"])


class StopAt(Callback):
    """Presses Ctrl-C, or sends another signal, after so many steps; None never does."""

    def __init__(self, step=None, number=signal.SIGINT):
        self.step, self.number, self.every_steps = step, number, step or 0

    def after_stretch(self, fit):
        if fit.steps == self.step:
            os.kill(os.getpid(), self.number)


@pytest.fixture(scope="module")
def rows():
    """Pictures with deformed copies, and validation rows: 70 and 20."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 80)
    images = rng.integers(0, 90, (80, 6, 6)) + 50 * labels[:, None, None]
    split = Split(images.astype(np.uint8), labels, ("a", "b", "c"))
    train, validation = split.images[:60], split.images[60:]
    train = with_deformed(
        Split(train, labels[:60], split.classes), 10, rotation=15.0, shift=1.0, seed=0
    )
    return train, Split(validation, labels[60:], split.classes)


def fitted(rows, engine, settings, folder=None, stop=None, extra=(), **words):
    """Return a model that was fitted, stopped after so many steps where that is asked for."""
    train, validation = rows
    model = MLP([36, 12, 8, 3], engine=engine, seed=3, **settings)
    callbacks = [*extra, StopAt(stop)]
    if folder is not None:
        callbacks.append(Checkpoints(folder, "1000s", resume=True, **words))
    try:
        model.fit(train, validation_data=validation, epochs=EPOCHS, batch_size=BATCH,
                  callbacks=callbacks)  # fmt: skip
    except KeyboardInterrupt:
        assert stop is not None
    return model


def assert_same(one, other):
    for mine, theirs in zip(one.position.state, other.position.state, strict=True):
        assert list(mine) == list(theirs)
        for name in mine:
            assert mine[name].dtype == theirs[name].dtype
            assert mine[name].tobytes() == theirs[name].tobytes(), name
    assert one.position[1:] == other.position[1:]
    assert without_time(one.history) == without_time(other.history)


def without_time(history):
    return {k: v for k, v in history.as_dict().items() if k != "seconds"}


@ENGINES
@SETTINGS
@pytest.mark.parametrize("stops", [(1,), (5,), (7,), (10,), (3, 4, 13, 24)])
def test_a_fit_that_was_stopped_goes_on_to_the_same_bytes(rows, tmp_path, engine, settings, stops):
    # An epoch has five steps: 5 and 10 lie at an end of one.
    for stop in stops:
        fitted(rows, engine, settings, tmp_path, stop)
    assert_same(fitted(rows, engine, settings, tmp_path), fitted(rows, engine, settings))


def steering():
    return [
        KeepBest("val_loss"),
        ReduceOnPlateau(patience=1, monitor="loss", least_change=0.05),
        EarlyStopping(patience=2, monitor="val_accuracy"),
    ]


@ENGINES
@pytest.mark.parametrize("stop", [4, 10, 12, 15])
def test_callbacks_remember_what_they_knew(rows, tmp_path, engine, stop):
    fitted(rows, engine, PLAIN, tmp_path, stop, steering())
    resumed = fitted(rows, engine, PLAIN, tmp_path, None, steering())
    assert_same(resumed, fitted(rows, engine, PLAIN, extra=steering()))


def test_a_fit_that_came_to_its_end_is_not_made_again(rows, tmp_path):
    first = fitted(rows, "numpy", ALL, tmp_path)
    made = []
    again = fitted(rows, "numpy", ALL, tmp_path, extra=[])
    assert not made
    assert_same(first, again)


def test_where_there_is_nothing_to_resume_a_fit_begins(rows, tmp_path):
    saver = Checkpoints(tmp_path / "new", resume=True)
    train, _ = rows
    MLP([36, 3]).fit(train, epochs=1, callbacks=[saver])
    assert saver.resumed_from == 0
    assert saver.path is not None
