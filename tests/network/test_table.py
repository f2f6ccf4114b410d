"""The table of a stretch: any cut gives the same rows, and a fit begins a schedule anew."""

import msgspec
import numpy as np
import pytest

from clearprop.layers import Dense
from clearprop.maths.optimizers import OPTIMIZERS
from clearprop.maths.schedules import SCHEDULES
from clearprop.network import Choice, Deformation, Network, Training, table

NETWORK = Network((4,), (Dense(5, "relu", dropout=0.1), Dense(5, "relu"), Dense(3, "softmax")))


def rows(training, first, steps, fit_first=None):
    fit_first = first if fit_first is None else fit_first
    return table(NETWORK, training, first=first, fit_first=fit_first, steps=steps, per_epoch=3)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("cut", [0, 1, 4, 10])
def test_a_stretch_cut_in_two_gives_the_same_rows(optimizer, schedule, cut):
    training = Training(Choice(optimizer), 0.1, Choice(schedule), moving_average=0.99, epochs=4)
    whole, one, two = rows(training, 0, 10), rows(training, 0, cut), rows(training, cut, 10 - cut)
    assert whole.keys() == one.keys() == two.keys()
    for name, column in whole.items():
        assert np.concatenate([one[name], two[name]]).tobytes() == column.tobytes()


def test_columns():
    made = rows(Training(moving_average=0.9), 0, 10)
    kinds = {name: (str(column.dtype), column.shape) for name, column in made.items()}
    single = ("float64", (10,))
    assert kinds == {
        "learning_rate": single,
        "correction1": single,
        "correction2": single,
        "average_share": single,
        "noise": ("uint32", (10, 3, 2)),
    }
    assert rows(Training(Choice("sgd")), 0, 2).keys() == {"learning_rate", "noise"}


def test_gaussian_noise_has_keys_of_its_own_and_leaves_those_of_dropout_alone():
    noisy = Network((4,), (Dense(5, "relu", dropout=0.1, noise=0.1), *NETWORK.layers[1:]))
    made = table(noisy, Training(), first=5, fit_first=5, steps=7, per_epoch=3)
    plain = rows(Training(), 5, 7)
    assert made.keys() - plain.keys() == {"gaussian"}
    assert made["gaussian"].shape == (7, 3, 2)
    assert np.array_equal(made["noise"], plain["noise"])
    assert not np.isin(made["gaussian"], made["noise"]).any()


def test_deformation_has_its_strengths_at_every_step_of_the_fit_that_is_under_way():
    fading = Training(epochs=4, deformation=Deformation(shift=2.0, sides=(2, 2), fade=0.5))
    made = rows(fading, 3, 12, fit_first=0)
    assert made["deformation"].shape == (12, 2, 2)
    wanted = 2.0 * np.minimum(1.0, (12 - np.arange(12)) / 6)
    np.testing.assert_allclose(made["deformation.shift"], wanted)
    assert not made["deformation.rotation"].any()
    steady = msgspec.structs.replace(fading, deformation=Deformation(shift=2.0, sides=(2, 2)))
    assert (rows(steady, 3, 12)["deformation.shift"] == 2.0).all()


def test_the_first_step_is_counted_from_one_in_the_corrections():
    made = rows(Training(Choice.of({"name": "adam", "beta1": 0.5, "beta2": 0.75})), 0, 3)
    np.testing.assert_allclose(made["correction1"], [0.5, 0.75, 0.875])
    np.testing.assert_allclose(made["correction2"], 1.0 - 0.75 ** np.arange(1, 4))


def test_the_rate_moves_with_every_step_and_never_restarts():
    schedule = Choice.of({"name": "inverse_time", "decay": 0.5})
    made = rows(Training(learning_rate=0.1, schedule=schedule, epochs=4), 0, 12)["learning_rate"]
    np.testing.assert_allclose(made, 0.1 / (1.0 + 0.5 * np.arange(12) / 3.0), rtol=1e-15)


def test_a_second_fit_begins_its_schedule_and_goes_on_with_everything_else():
    training = Training(schedule=Choice("cosine"), moving_average=0.99, epochs=4)
    onward, anew = rows(training, 12, 6), rows(training, 12, 6, fit_first=0)
    assert np.array_equal(anew["learning_rate"], rows(training, 0, 6)["learning_rate"])
    for name in onward.keys() - {"learning_rate"}:
        assert np.array_equal(anew[name], onward[name])


def test_no_two_steps_streams_or_seeds_share_a_noise_key():
    made = np.concatenate(
        [rows(Training(seed=s), first, 50)["noise"] for s in (0, 1) for first in (0, 2**31)]
    )
    assert len(np.unique(made.reshape(-1, 2), axis=0)) == 4 * 50 * 3
