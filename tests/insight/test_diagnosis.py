"""The run diagnosis finds every problem that is made, none in healthy runs, and changes nothing."""

import os
import signal

import numpy as np
import pytest

from clearprop import MLP, Callback, Checkpoints, RunDiagnosis, datasets
from clearprop.inputs import Preparation
from clearprop.insight.diagnosis import single_look
from clearprop.insight.run_findings import history_findings
from clearprop.network import Rows
from clearprop.training import History

pytestmark = pytest.mark.usefixtures("unchecked_shapes")

SGD = {"optimizer": "sgd"}
LAYERS = [64, 32, 10]


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits")


@pytest.fixture(scope="module")
def rows(digits):
    """Floats from 0 to 1, and labels."""
    return digits.train.images.reshape(-1, 64).astype(np.float32) / 255, digits.train.labels


def diagnosed(x, y, layers=LAYERS, spoil=None, fit=(), **words):
    """Return the kinds of findings in a fit of ten epochs, in the order of their reports."""
    said = []
    diagnosis = RunDiagnosis(said.append)
    model = MLP(layers, **words)
    if spoil is not None:
        spoil(model.position.state.params)
    usual = {"epochs": 10, "batch_size": 32, "callbacks": [diagnosis]}
    model.fit(x, y, **(usual | dict(fit)))
    assert said == [str(finding) for finding in diagnosis.findings]
    return [finding.kind for finding in diagnosis.findings]


HEALTHY = [
    {"learning_rate": 1e-3},
    {"learning_rate": 1e-2},
    {"learning_rate": 0.1, **SGD},
    {"learning_rate": 0.01, **SGD},
    {"learning_rate": 0.1, "loss": "squared_error", "output": "sigmoid", **SGD},
    {"learning_rate": 0.01, "schedule": "one_cycle", "batch_norm": True, "dropout": 0.3},
]


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "gelu"])
@pytest.mark.parametrize("words", HEALTHY)
@pytest.mark.parametrize("seed", range(2))
def test_healthy_trainings_are_left_alone(rows, activation, words, seed):
    assert diagnosed(*rows, [64, 32, 32, 10], activation=activation, seed=seed, **words) == []


@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_the_first_epochs_of_a_slow_network_are_left_alone(rows, epochs):
    words = {"activation": "sigmoid", "learning_rate": 0.01, **SGD}
    assert diagnosed(*rows, [64, 30, 10], fit={"epochs": epochs}, **words) == []


def test_a_rate_that_a_schedule_has_brought_down_is_not_too_small(rows):
    words = {"schedule": "one_cycle", "learning_rate": 0.01}
    assert diagnosed(*rows, fit={"epochs": 40}, **words) == []


def bias_of_minus_100(params):
    params["layers.0.bias"][:] = -100.0


DEEP = {
    "layers": [64, *[30] * 10, 10],
    "activation": "sigmoid",
    "initializer": "glorot_uniform",
}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ({"spoil": bias_of_minus_100}, ["dead_units", "one_answer"]),
        (DEEP, ["vanishing_gradient", "one_answer"]),
        (DEEP | SGD | {"learning_rate": 0.1}, ["vanishing_gradient", "one_answer"]),
        ({"learning_rate": 1e-8}, ["small_updates"]),
        (SGD | {"learning_rate": 1e-6}, ["small_updates"]),
    ],
)
def test_a_problem_and_its_consequence_are_reported_and_no_other(rows, words, found):
    assert diagnosed(*rows, **words) == found


@pytest.mark.parametrize(
    ("kind", "scale", "words"),
    [
        *(("dead_units", 1, SGD | {"learning_rate": 5.0, "seed": seed}) for seed in range(3)),
        ("saturated_units", 255, {"activation": "sigmoid"}),
        ("saturated_units", 255, {"activation": "tanh"}),
        ("large_updates", 1, SGD | {"activation": "tanh", "learning_rate": 3.0}),
        ("one_answer", 1, {"activation": "tanh", "l2": 10.0, "learning_rate": 0.01}),
    ],
)
def test_a_problem_is_reported(rows, kind, scale, words):
    x, y = rows
    assert kind in diagnosed(x * scale, y, **words)


def four_times_as_large(params):
    for value in params.values():
        value *= 4.0


def test_a_gradient_explodes_in_eight_layers_of_large_weights(rows):
    layers = [64, *[30] * 8, 10]
    found = diagnosed(*rows, layers, four_times_as_large, learning_rate=1e-4)
    assert "exploding_gradient" in found
    assert "vanishing_gradient" not in found


def test_one_answer_is_no_wonder_where_hardly_a_row_has_another_label():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2000, 2)).astype(np.float32), (rng.random(2000) < 0.01).astype(int)
    assert diagnosed(x, y, [2, 4, 2], fit={"epochs": 60}) == []


def test_drifting_apart_is_reported_once(rows, digits):
    x, y = rows
    shuffled = np.random.default_rng(0).permutation(y)
    words = {"epochs": 60, "batch_size": 16, "validation_data": (x[60:200], shuffled[60:200])}
    found = diagnosed(x[:60], shuffled[:60], [64, 128, 10], fit=words, learning_rate=0.01)
    assert found == ["drifting_apart"]


def drift(losses, trained=0.1):
    history = History(loss=[trained] * len(losses), val_loss=losses)
    return [finding.figures for finding in history_findings(history)]


def test_what_drifting_apart_is():
    falling, rising = [1.0, 0.6, 0.4], [0.45, 0.5, 0.55, 0.61]
    assert drift(falling + rising) == []  # four epochs since the best
    (figures,) = drift([*falling, 0.42, *rising])
    assert figures == {"best": 0.4, "epoch": 3, "validation": 0.61, "training": 0.1}
    assert drift([*falling, 0.42, *rising[:-1], 0.59]) == []  # less than half as large again
    assert drift([*falling, 0.42, 0.62, 0.6, 0.55, 0.61]) == []  # it does not rise all the time
    assert drift([*falling, 0.42, *rising], trained=0.4) == []  # the training loss is no smaller
    assert drift([]) == []


@pytest.mark.parametrize("batch", [8, 32])
def test_a_training_is_the_same_with_and_without(rows, engine, batch):
    words = {"learning_rate": 0.01, "batch_norm": True, "dropout": 0.2, "moving_average": 0.9}
    fits = []
    for callbacks in ([], [RunDiagnosis()]):
        model = MLP([64, 16, 10], engine=engine, **words)
        history = model.fit(
            *rows, epochs=3, batch_size=batch, validation_data=rows, callbacks=callbacks
        )
        fits.append((model.position.state, {**history.as_dict(), "seconds": None}))
    (state, history), (other, with_diagnosis) = fits
    assert history == with_diagnosis
    for part, same in zip(state, other, strict=True):
        assert {n: a.tobytes() for n, a in part.items()} == {
            n: a.tobytes() for n, a in same.items()
        }


class StopAt(Callback):
    """Presses Ctrl-C after so many steps."""

    def __init__(self, step):
        self.every_steps = step or 0

    def after_stretch(self, fit):
        if self.every_steps and fit.steps == self.every_steps:
            os.kill(os.getpid(), signal.SIGINT)


def resumed(rows, folder, engine, stop, said):
    diagnosis = RunDiagnosis(said.append)
    model = MLP([64, 16, 10], activation="sigmoid", engine=engine, learning_rate=0.01)
    callbacks = [diagnosis, StopAt(stop), Checkpoints(folder, "1000s", resume=True)]
    x, y = rows
    try:
        model.fit(x * 255, y, epochs=6, batch_size=32, callbacks=callbacks)
    except KeyboardInterrupt:
        assert stop
    return diagnosis.findings, model.position.state.params


@pytest.mark.parametrize("stop", [67, 68, 136, 150, 250])
def test_a_resumed_training_finds_the_same_and_tells_nothing_twice(rows, tmp_path, engine, stop):
    whole, parts = [], []
    findings, params = resumed(rows, tmp_path / "whole", engine, None, whole)
    assert whole
    resumed(rows, tmp_path / "parts", engine, stop, parts)
    found, others = resumed(rows, tmp_path / "parts", engine, None, parts)
    assert found == findings
    assert parts == whole
    assert all(params[name].tobytes() == others[name].tobytes() for name in params)


@pytest.mark.parametrize(
    ("words", "looks"),
    [
        ({"epochs": 1, "batch_size": 100}, [7, 14]),
        ({"epochs": 200, "batch_size": 1437}, [70, 140]),  # 100,000 rows are 70 of these steps
        ({"steps": 1}, [1]),
    ],
)
def test_it_looks_twice_in_a_short_fit_and_every_100_000_rows_in_a_long_one(rows, words, looks):
    seen = []

    class Counted(RunDiagnosis):
        def _look(self, fit):
            seen.append(fit.steps)
            super()._look(fit)

    MLP([64, 10]).fit(*rows, **words, callbacks=[Counted()])
    assert seen == looks


def test_a_second_fit_begins_afresh(rows):
    diagnosis = RunDiagnosis(lambda text: None)
    model = MLP([64, 16, 10])
    bias_of_minus_100(model.position.state.params)
    model.fit(*rows, epochs=2, callbacks=[diagnosis])
    assert [finding.kind for finding in diagnosis.findings] == ["dead_units", "one_answer"]
    MLP([64, 16, 10]).fit(*rows, epochs=2, callbacks=[diagnosis])
    assert diagnosis.findings == []


def test_a_single_look_needs_no_fit(rows):
    model = MLP([64, 16, 10])
    looked = Rows(*rows, None)
    assert single_look(model.network, model.parameters, looked, Preparation()) == []
    spoiled = model.parameters
    bias_of_minus_100(spoiled)
    found = single_look(model.network, spoiled, looked, Preparation())
    assert [one.kind for one in found] == ["dead_units", "one_answer"]


def test_every_finding_names_its_figures_and_a_remedy(rows):
    said = []
    model = MLP([64, 32, 10])
    bias_of_minus_100(model.position.state.params)
    model.fit(*rows, epochs=2, callbacks=[RunDiagnosis(said.append)])
    assert said[0] == (
        "units of layer 1 are dead (100 % of them are 0 for all of 256 training rows): lower the "
        "learning rate, scale the inputs, or take leaky_relu"
    )


@pytest.mark.parametrize(
    "settings", [{"adversarial": 0.5}, {"deformation": {"shift": 1.0}}, {"input_noise": 0.1}]
)
def test_a_training_that_moves_its_rows_is_looked_at_too(settings):
    rows = np.random.default_rng(0)
    x, y = rows.integers(0, 256, (64, 4, 4)).astype(np.uint8), rows.integers(0, 3, 64)
    diagnosis = RunDiagnosis()
    MLP([16, 8, 3], **settings).fit(x, y, epochs=3, callbacks=[diagnosis])
    assert isinstance(diagnosis.findings, tuple | list)
