"""The contenders that are written here do the arithmetic that they are timed for."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from benchmarks.contenders import floor, numpy_in_place
from benchmarks.contenders.clearprop_many import members
from benchmarks.job import Job
from benchmarks.worker import fastest, last_line

JOB = Job((784, 6, 5, 10), 16, rows=40, learning_rate=0.01, epochs=100, schedule="one_cycle")


def loss_of(params, x, y):
    for weight, bias in params[:-1]:
        x = jax.nn.relu(x @ weight + bias)
    logits = x @ params[-1][0] + params[-1][1]
    return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_numpy_by_hand_is_optax_step_for_step(few_rows, optimizer):
    x, y = few_rows
    job = JOB.changed(optimizer=optimizer)
    trainer = numpy_in_place.Trainer(job, 1)
    pairs = zip(trainer.weights, trainer.biases, strict=True)
    params = [(jnp.array(w), jnp.array(b)) for w, b in pairs]
    schedule = optax.cosine_onecycle_schedule(job.steps, job.learning_rate)
    rule = optax.adam(schedule) if optimizer == "adam" else optax.sgd(schedule)
    slots = rule.init(params)
    for rows in (np.arange(16), np.arange(16, 32), np.arange(32, 40)):
        trainer.step(rows)
        updates, slots = rule.update(jax.grad(loss_of)(params, x[rows], y[rows]), slots)
        params = optax.apply_updates(params, updates)
    for i, (weight, bias) in enumerate(params):
        np.testing.assert_allclose(trainer.weights[i], weight, atol=2e-6)
        np.testing.assert_allclose(trainer.biases[i], bias, atol=2e-6)


def test_numpy_by_hand_visits_every_row_once_an_epoch(few_rows, monkeypatch):
    trainer, seen = numpy_in_place.Trainer(JOB, 1), []
    monkeypatch.setattr(trainer, "step", lambda index: seen.append(index))
    trainer.train(1)
    assert [len(index) for index in seen] == [16, 16, 8]
    assert sorted(np.concatenate(seen)) == list(range(40))


def test_the_floor_makes_the_products_of_every_step_and_no_others(monkeypatch):
    made = []
    monkeypatch.setattr(
        floor.NumpyFloor,
        "multiply",
        staticmethod(lambda a, b, out: made.append((*a.shape, *b.shape)) or np.matmul(a, b, out)),
    )
    floor.NumpyFloor(Job((7, 5, 3), 4, rows=10), 1).train(1)
    step = [(4, 7, 7, 5), (4, 5, 5, 3), (5, 4, 4, 3), (4, 3, 3, 5), (7, 4, 4, 5)]
    last = [(2, 7, 7, 5), (2, 5, 5, 3), (5, 2, 2, 3), (2, 3, 3, 5), (7, 2, 2, 5)]
    assert made == step + step + last


def test_xla_makes_the_same_products_as_numpy():
    job = Job((7, 5, 3), 4, rows=10)
    one = floor.XlaFloor(job)
    one.train(1)
    activations, weights, errors = floor.arrays(job, 4)
    forward, gradients, below = one.outputs[4]
    np.testing.assert_allclose(forward[1], activations[1] @ weights[1], rtol=1e-5)
    np.testing.assert_allclose(gradients[0], activations[0].T @ errors[0], rtol=1e-5)
    np.testing.assert_allclose(below[0], errors[1] @ weights[1].T, rtol=1e-5)


def test_xla_makes_them_at_every_step_and_not_once_before_the_loop():
    one = floor.XlaFloor(Job((7, 5, 3), 4, rows=10))
    compiled = one.loop.lower(one.inputs[4], 2, one.outputs[4]).compile().as_text()
    bodies = [part for part in compiled.split("\n\n") if "dot(" in part]
    assert bodies
    assert not any(part.lstrip().startswith("ENTRY") for part in bodies)


def test_sixteen_networks_are_seeds_times_rates():
    made = members(Job((784, 10), 128, learning_rate=0.1, networks=16))
    assert len({(job.seed, job.learning_rate) for job in made}) == 16
    assert {job.seed for job in made} == {0, 1, 2, 3}
    assert all(job.networks == 1 for job in made)


class Counted:
    """A trainer that says how often it was trained."""

    def __init__(self) -> None:
        self.epochs = 0

    def train(self, epochs: int) -> None:
        self.epochs += epochs


def test_a_worker_tries_every_form_and_keeps_one_that_is_warm():
    trainer, found = fastest({"a": Counted, "b": Counted})
    assert trainer.epochs == 4
    assert set(found["tried"]) == {"a", "b"}
    assert found["form"] == min(found["tried"], key=found["tried"].get)


def test_the_last_line_that_says_something_tells_a_failure():
    assert last_line("Traceback\n  ValueError: it broke\n\n") == "ValueError: it broke"
    assert last_line("") == ""
