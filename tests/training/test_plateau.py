"""The rate on a plateau: histories made by hand, and the epochs after which it must fall."""

from types import SimpleNamespace

import pytest

from clearprop import Callback, Checkpoints, History, ReduceOnPlateau
from clearprop.errors import SettingError

RATE = 0.1


def rates(losses, **words) -> list[float]:
    """Return the rate after each epoch of a history that is made by hand."""
    one = ReduceOnPlateau(monitor="loss", **words)
    fit = SimpleNamespace(
        history=History(), has_validation=False, rate_factor=1.0,
        training=SimpleNamespace(learning_rate=RATE),
    )  # fmt: skip
    one.before_fit(fit)
    found = []
    for loss in losses:
        fit.history.loss.append(loss)
        one.after_epoch(fit)
        found.append(RATE * fit.rate_factor)
    return found


# Each with the epochs, counted from 1, after which the rate is halved.
FLAT, SLOW = [1.0] * 8, [1.0, 0.95, 0.9, 0.85]
CASES = {
    "patience": (FLAT, {"patience": 2}, [3, 5, 7]),
    "an improvement starts anew": ([3, 3, 2, 2, 2, 1, 1, 1], {"patience": 2}, [5, 8]),
    "one epoch is not counted": (FLAT, {"patience": 2, "cooldown": 1}, [3, 6]),
    "two are not counted": (FLAT, {"patience": 1, "cooldown": 2}, [2, 5, 8]),
    "what improves while cooling is the best": (
        [2, 2, 1, 1.5, 1.5, 0.5], {"patience": 1, "cooldown": 1}, [2, 4],
    ),
    "a change too small is none": (SLOW, {"patience": 3, "least_change": 0.2}, [4]),
    "the same in the word of Keras": (SLOW, {"patience": 3, "min_delta": 0.2}, [4]),
    "a loss that is no number is no improvement": ([1.0, float("nan")], {"patience": 1}, [2]),
}  # fmt: skip


@pytest.mark.parametrize(("losses", "words", "falls"), CASES.values(), ids=CASES)
def test_the_rate_falls_when_it_should(losses, words, falls):
    expected = [RATE * 0.5 ** sum(e <= epoch for e in falls) for epoch in range(1, len(losses) + 1)]
    assert rates(losses, **words) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("words", "end"),
    [({"min_rate": 0.03}, 0.03), ({"lowest": 0.2}, 0.02), ({"min_rate": 0.5}, RATE)],
)
def test_the_rate_stops_at_its_floor_and_is_never_raised(words, end):
    found = rates([1.0] * 30, patience=1, **words)
    assert found[-1] == pytest.approx(end)
    assert found == sorted(found, reverse=True)


class BreaksError(Exception):
    """What ends a fit here."""


class Breaks(Callback):
    """Ends a fit before an epoch."""

    def __init__(self, epoch):
        self.epoch = epoch

    def before_epoch(self, fit):
        if fit.epoch == self.epoch + 1 > 1:
            raise BreaksError


def test_a_cooldown_goes_on_in_a_fit_that_is_resumed(model, rows, tmp_path):
    def plateau():
        words = {"patience": 1, "cooldown": 2, "min_delta": 1e9}
        return ReduceOnPlateau(monitor="loss", **words)

    whole = model().fit(*rows, epochs=8, callbacks=[plateau()]).learning_rate
    assert whole == pytest.approx([0.01] * 2 + [0.005] * 3 + [0.0025] * 3)

    def kept(epoch):
        return [plateau(), Breaks(epoch), Checkpoints(tmp_path, every="1epochs", resume=True)]

    with pytest.raises(BreaksError):
        model().fit(*rows, epochs=8, callbacks=kept(3))
    again = model().fit(*rows, epochs=8, callbacks=kept(0))
    assert again.learning_rate == whole


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"cooldown": -1}, "cooldown is -1"),
        ({"min_rate": -0.1}, "min_rate is -0.1"),
        ({"min_delta": "x"}, "least_change is 'x'"),
        ({"least_change": 0.1, "min_delta": 0.1}, "not both"),
    ],
)
def test_settings_that_make_no_sense_are_refused(words, says):
    with pytest.raises(SettingError, match=says):
        ReduceOnPlateau(**words)
