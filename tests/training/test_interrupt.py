"""Ctrl-C ends training between two steps, the second one at once, and then it is as before."""

import signal
import threading

import pytest

from clearprop import KeepBest
from clearprop.training import fit as fit_module
from clearprop.training.interrupt import DeferredInterrupt


@pytest.fixture(autouse=True)
def handler():
    """Fail where the handler of before is not back in its place."""
    before = signal.getsignal(signal.SIGINT)
    yield
    assert signal.getsignal(signal.SIGINT) is before


@pytest.fixture
def short(monkeypatch):
    """Stretches of one step each."""
    monkeypatch.setattr(fit_module, "stretches", lambda n, *_: ((i, i + 1) for i in range(n)))


def interrupting(spy, moment, *, epoch=1, times=1):
    """Return a callback that presses Ctrl-C at a moment of an epoch."""

    class Pressing(spy):
        def press(self, fit):
            if fit.epoch == epoch and fit.step_in_epoch == 2:
                for _ in range(times):
                    signal.raise_signal(signal.SIGINT)

    setattr(Pressing, moment, lambda self, fit: self.press(fit))
    return Pressing()


def test_it_ends_between_two_steps_and_keeps_what_was_learned(
    model, rows, spy, same, short, engine
):
    network, stopped = model(engine=engine), interrupting(spy, "after_stretch", epoch=3)
    with pytest.raises(KeyboardInterrupt):
        network.fit(*rows, epochs=9, batch_size=16, callbacks=[stopped])
    assert network.history.interrupted
    assert len(network.history) == network.epochs == 2
    assert network._position.steps == 2 * 4 + 2
    # Not a step more or less: the same as one that makes two epochs and two batches by hand.
    by_hand = model(engine=engine)
    cut = interrupting(spy, "after_stretch", epoch=1)
    by_hand.fit(*rows, epochs=2, batch_size=16)
    with pytest.raises(KeyboardInterrupt):
        by_hand.fit(*rows, epochs=1, batch_size=16, callbacks=[cut])
    assert same(network.parameters, by_hand.parameters)
    assert "after_fit" in stopped.moments


def test_the_model_goes_on_afterwards(model, rows, spy, short):
    network = model()
    with pytest.raises(KeyboardInterrupt):
        network.fit(*rows, batch_size=16, callbacks=[interrupting(spy, "after_stretch")])
    history = network.fit(*rows, epochs=2, batch_size=16)
    assert (len(history), history.interrupted, network.epochs) == (2, False, 2)


def test_the_best_is_kept(model, rows, spy, short):
    network = model(learning_rate=0.3)
    pressing = interrupting(spy, "after_stretch", epoch=6)
    with pytest.raises(KeyboardInterrupt):
        network.fit(
            *rows,
            epochs=9,
            batch_size=16,
            validation_data=rows,
            callbacks=[KeepBest("val_loss"), pressing],
        )
    assert network.evaluate(*rows).loss == pytest.approx(min(network.history.val_loss))


def test_one_that_comes_after_the_last_step_is_not_swallowed(model, rows, spy):
    class Late(spy):
        def after_epoch(self, fit):
            signal.raise_signal(signal.SIGINT)

    network = model()
    with pytest.raises(KeyboardInterrupt):
        network.fit(*rows, epochs=1, callbacks=[Late()])
    assert len(network.history) == 1


def test_one_between_two_epochs_makes_no_step_of_the_next(model, rows, spy):
    class Between(spy):
        def after_epoch(self, fit):
            signal.raise_signal(signal.SIGINT)

    network = model()
    with pytest.raises(KeyboardInterrupt):
        network.fit(*rows, epochs=5, batch_size=50, callbacks=[Between()])
    assert network._position.steps == len(network.history) == 1


def test_a_second_one_interrupts_at_once(model, rows, spy, same, short):
    network, twice = model(), interrupting(spy, "after_stretch", times=2)
    before = network.parameters
    with pytest.raises(KeyboardInterrupt):
        network.fit(*rows, batch_size=16, callbacks=[twice])
    assert network.history is None
    assert same(network.parameters, before)
    assert "after_epoch 1" not in twice.moments


def test_the_first_only_leaves_a_note():
    with DeferredInterrupt() as interrupt:
        signal.raise_signal(signal.SIGINT)
        assert interrupt.requested
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_errors_put_the_handler_back_too():
    with pytest.raises(ZeroDivisionError), DeferredInterrupt():
        raise ZeroDivisionError


def test_outside_the_main_thread_training_works_and_signals_are_left_alone(model, rows):
    histories = []
    thread = threading.Thread(target=lambda: histories.append(model().fit(*rows, epochs=1)))
    thread.start()
    thread.join()
    assert len(histories[0]) == 1


def test_an_epoch_whose_last_step_is_made_counts(model, rows, spy, monkeypatch, engine):
    monkeypatch.setattr(fit_module, "stretches", lambda n, *_: [(0, 2), (2, n)])

    class Pressing(spy):
        def after_stretch(self, fit):
            if fit.step_in_epoch == fit.steps_per_epoch:
                signal.raise_signal(signal.SIGINT)

    network = model(engine=engine)
    with pytest.raises(KeyboardInterrupt):
        network.fit(*rows, epochs=9, batch_size=16, callbacks=[Pressing()])
    assert (len(network.history), network.epochs, network._position.steps) == (1, 1, 4)


def test_what_a_callback_kept_outlives_a_second_ctrl_c(model, rows, spy, short, same):
    network, plain = model(), model()
    pressing = interrupting(spy, "after_stretch", epoch=2, times=2)
    with pytest.raises(KeyboardInterrupt):
        network.fit(*rows, epochs=9, batch_size=16, callbacks=[KeepBest("loss"), pressing])
    plain.fit(*rows, epochs=1, batch_size=16)
    assert same(network.parameters, plain.parameters)
    assert network.history.interrupted
