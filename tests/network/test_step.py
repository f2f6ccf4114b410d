"""The step: what each setting adds to it, and only that."""

import numpy as np
import pytest

from clearprop.layers import Dense
from clearprop.maths.optimizers import OPTIMIZERS
from clearprop.network import (
    Batch,
    Choice,
    Network,
    Training,
    initial_parameters,
    initial_state,
    initial_statistics,
    outputs,
    program,
    targets,
)

NETWORK = Network((4,), (Dense(6, "tanh", batch_norm=True), Dense(5, "silu"), Dense(3, "softmax")))
SGD = {"optimizer": Choice("sgd"), "learning_rate": 0.1, "precision": "float64"}


def assert_equal(one: dict, other: dict, rtol: float = 1e-12) -> None:
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(other[name], one[name], rtol=rtol, atol=1e-15, err_msg=name)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_slots_are_those_the_optimizer_declares(problem, batch, name):
    training = Training(Choice(name), precision="float64")
    made = program(NETWORK, training)
    params, stats = initial_parameters(NETWORK, 0), initial_statistics(NETWORK)
    begun = initial_state(np, made, params, stats).slots
    chosen = OPTIMIZERS[name]
    hidden = dict.fromkeys(("layers.0.weight", "layers.1.weight"), chosen.hidden or chosen)
    declared = {
        f"{p}/{slot}": params[p].shape for p in params for slot in hidden.get(p, chosen).slots
    }
    after, _ = problem(NETWORK, training).step(batch)
    assert {slot: a.shape for slot, a in begun.items()} == declared
    assert {slot: a.shape for slot, a in after.slots.items()} == declared
    assert not any(a.any() for a in begun.values())


def test_sgd_steps_against_the_gradient(problem, batch):
    now = problem(NETWORK, Training(**SGD))
    after, _ = now.step(batch)
    g = now.gradient(batch)
    assert_equal({name: p - 0.1 * g[name] for name, p in now.state.params.items()}, after.params)


@pytest.mark.parametrize(
    ("setting", "slope"), [("l2", lambda w: 0.3 * w), ("l1", lambda w: 0.3 * np.sign(w))]
)
def test_a_penalty_is_added_to_the_gradient_of_weights_only(problem, batch, setting, slope):
    plain = problem(NETWORK, Training(**SGD))
    penalized = problem(NETWORK, Training(**SGD, **{setting: 0.3}))
    expected = {
        name: p - 0.1 * slope(plain.state.params[name]) if name.endswith("weight") else p
        for name, p in plain.step(batch)[0].params.items()
    }
    assert_equal(expected, penalized.step(batch)[0].params)


def test_a_penalty_is_no_part_of_the_loss_that_is_shown(problem, batch):
    shown = [problem(NETWORK, Training(**SGD, l2=amount)).step(batch)[1].loss for amount in (0, 9)]
    assert shown[0] == shown[1]


def test_weight_decay_shrinks_weights_only_and_stays_out_of_the_averages(problem, batch):
    settings = {"learning_rate": 0.1, "precision": "float64"}
    adam = problem(NETWORK, Training(Choice("adam"), **settings))
    adamw = problem(
        NETWORK, Training(Choice.of({"name": "adamw", "weight_decay": 0.5}), **settings)
    )
    (without, _), (decayed, _) = adam.step(batch), adamw.step(batch)
    expected = {
        name: p - 0.1 * 0.5 * adam.state.params[name] if name.endswith("weight") else p
        for name, p in without.params.items()
    }
    assert_equal(expected, decayed.params)
    assert_equal(without.slots, decayed.slots)


def test_clipping_shortens_the_penalized_gradient(problem, batch):
    def change(**clipping) -> np.ndarray:
        now = problem(NETWORK, Training(**SGD, l2=0.3, **clipping))
        after = now.step(batch)[0].params
        return np.concatenate(
            [(after[name] - p).reshape(-1) for name, p in now.state.params.items()]
        )

    free, clipped = change(), change(clip_norm=0.05)
    assert np.linalg.norm(clipped) == pytest.approx(0.1 * 0.05, rel=1e-12)
    expected = free * 0.1 * 0.05 / np.linalg.norm(free)
    np.testing.assert_allclose(clipped, expected, rtol=1e-10, atol=1e-14)


def test_max_norm_bounds_each_units_incoming_weights_after_the_update(problem, batch):
    free, _ = problem(NETWORK, Training(**SGD)).step(batch)
    bounded, _ = problem(NETWORK, Training(**SGD, max_norm=0.8)).step(batch)
    expected = dict(free.params)
    for name in ("layers.0.weight", "layers.1.weight", "layers.2.weight"):
        columns = []
        for column in free.params[name].T:
            norm = np.linalg.norm(column)
            columns.append(column * 0.8 / norm if norm > 0.8 else column)
        expected[name] = np.stack(columns).T
    assert_equal(expected, bounded.params)
    norms = [np.linalg.norm(w, axis=0) for n, w in free.params.items() if n.endswith("weight")]
    assert 0 < (np.concatenate(norms) > 0.8).sum() < 14  # some are bounded, and not all


def test_the_average_is_of_the_bounded_weights(problem, batch):
    settings = {**SGD, "max_norm": 0.5, "moving_average": 0.9}
    now = problem(NETWORK, Training(**settings), average_share=1.0)
    after, _ = now.step(batch)
    assert_equal({**after.params, **after.stats}, after.average)


def test_running_statistics_keep_their_share_of_the_old_value(problem, batch):
    now = problem(NETWORK, Training(**SGD))
    after, _ = now.step(batch)
    z = batch.x @ now.state.params["layers.0.weight"]
    expected = {
        "layers.0.mean": 0.1 * z.mean(axis=0),
        "layers.0.variance": 0.9 + 0.1 * z.var(axis=0),
    }
    assert_equal(expected, after.stats)


def test_the_moving_average_covers_parameters_and_statistics(problem, batch):
    now = problem(NETWORK, Training(**SGD, moving_average=0.9), average_share=0.25)
    after, _ = now.step(batch)
    old, new = ({**s.params, **s.stats} for s in (now.state, after))
    assert_equal({name: 0.75 * old[name] + 0.25 * new[name] for name in old}, after.average)
    assert problem(NETWORK, Training(**SGD)).step(batch)[0].average == {}


def test_the_outcome_tells_the_mean_loss_and_the_hits(problem, batch):
    network = Network((4,), (Dense(3, "softmax"),))
    now = problem(network, Training(**SGD))
    _, outcome = now.step(batch)
    params = now.state.params
    p = outputs(np, network, batch.x @ params["layers.0.weight"] + params["layers.0.bias"])
    assert outcome.loss == pytest.approx(-np.mean(np.log(p[np.arange(9), batch.y])), rel=1e-13)
    assert outcome.sums["correct"] == np.sum(p.argmax(axis=1) == batch.y)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_integer_one_hot_and_soft_labels_agree(problem, batch, smoothing):
    now = problem(NETWORK, Training(**SGD, label_smoothing=smoothing))
    one_hot = np.eye(3)[batch.y]
    (integers, seen), (rows, seen_rows) = (
        now.step(batch._replace(y=y)) for y in (batch.y, one_hot)
    )
    assert_equal(integers.params, rows.params)
    assert seen.loss == pytest.approx(seen_rows.loss, rel=1e-14)
    assert seen.sums == seen_rows.sums
    # Labels that are soft already are what smoothing makes of hard ones.
    plain = problem(NETWORK, Training(**SGD))
    soft, _ = plain.step(batch._replace(y=(1.0 - smoothing) * one_hot + smoothing / 3.0))
    assert_equal(integers.params, soft.params)


def test_targets_of_every_kind():
    labels, three = np.asarray([2, 0]), Network((4,), (Dense(3, "softmax"),))
    assert targets(np, three, labels, np.float64).tolist() == [[0, 0, 1], [1, 0, 0]]
    soft, two = np.asarray([[0.2, 0.8]]), Network((4,), (Dense(2, "softmax"),))
    assert targets(np, two, soft, np.float64) is soft
    np.testing.assert_allclose(targets(np, two, soft, np.float64, 0.5), [[0.35, 0.65]])


def test_smoothed_labels_are_shared_between_yes_and_no():
    yes = np.asarray([[1.0, 0.0, 1.0]])
    network = Network((4,), (Dense(3, "sigmoid"),), "sigmoid_cross_entropy", task="labels")
    made = targets(np, network, yes, np.float64, 0.2)
    np.testing.assert_allclose(made, [[0.9, 0.1, 0.9]])


@pytest.mark.parametrize("loss", ["cross_entropy", "sigmoid_cross_entropy", "squared_error"])
def test_a_row_of_weight_two_is_a_row_that_comes_twice(problem, batch, loss):
    output = {"cross_entropy": "softmax"}.get(loss, "sigmoid")
    network = Network((4,), (Dense(5, "tanh"), Dense(3, output)), loss=loss)
    now = problem(network, Training(**SGD))
    twice = np.append(np.arange(9), 4)
    repeated = Batch(batch.x[twice], batch.y[twice], np.ones(10))
    # Weights have a mean of 1, so that the learning rate keeps its meaning.
    weight = np.where(np.arange(9) == 4, 2.0, 1.0) * 9.0 / 10.0
    (one, seen), (other, seen_twice) = now.step(batch._replace(weight=weight)), now.step(repeated)
    assert_equal(one.params, other.params)
    assert seen.loss == pytest.approx(seen_twice.loss, rel=1e-13)


def test_a_step_changes_no_array_of_its_caller(problem, batch):
    now = problem(NETWORK, Training(moving_average=0.9, l2=0.1, clip_norm=1.0, precision="float64"))
    for part in now.state:
        for a in part.values():
            a.flags.writeable = False
    for a in batch[:3]:
        a.flags.writeable = False
    now.step(batch)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_step_keeps_its_precision(problem, batch, name, dtype):
    settings = {
        "l1": 0.1,
        "l2": 0.1,
        "clip_norm": 1.0,
        "max_norm": 0.5,
        "moving_average": 0.9,
        "label_smoothing": 0.1,
    }
    network = Network((4,), (Dense(6, "gelu", True, 0.3), Dense(3, "softmax")), input_dropout=0.1)
    now = problem(network, Training(Choice(name), precision=dtype, **settings))
    small = batch._replace(x=batch.x.astype(dtype), real=batch.real.astype(dtype))
    after, outcome = now.step(small)
    arrays = [a for part in after for a in part.values()] + [outcome.loss, outcome.sums["correct"]]
    assert {str(a.dtype) for a in arrays} == {dtype}
