"""Every optimizer against optax's: 50 steps in double precision, on a gradient that changes."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from clearprop.maths.optimizers import OPTIMIZERS, decoupled_decay
from clearprop.network import Choice, Training

WEIGHTS_ONLY = {"weight": True, "bias": False}
TWINS = {
    "sgd": lambda rate: optax.sgd(rate),
    "momentum": lambda rate, momentum=0.9: optax.sgd(rate, momentum),
    "nesterov": lambda rate, momentum=0.9: optax.sgd(rate, momentum, nesterov=True),
    "rmsprop": lambda rate, decay=0.9, epsilon=1e-8: optax.rmsprop(
        rate, decay, epsilon, eps_in_sqrt=False
    ),
    "adam": lambda rate, beta1=0.9, beta2=0.999, epsilon=1e-8: optax.adam(
        rate, beta1, beta2, epsilon
    ),
    "adamw": lambda rate, weight_decay=0.01, **adam: optax.adamw(
        rate,
        **{{"beta1": "b1", "beta2": "b2", "epsilon": "eps"}[k]: v for k, v in adam.items()},
        weight_decay=weight_decay,
        mask=WEIGHTS_ONLY,
    ),
}
CASES = [
    {"name": "sgd"},
    {"name": "momentum"},
    {"name": "momentum", "momentum": 0.5},
    {"name": "nesterov"},
    {"name": "nesterov", "momentum": 0.99},
    {"name": "rmsprop"},
    {"name": "rmsprop", "decay": 0.5, "epsilon": 0.1},
    {"name": "adam"},
    {"name": "adam", "beta1": 0.5, "beta2": 0.7, "epsilon": 0.1},
    {"name": "adamw"},
    {"name": "adamw", "weight_decay": 0.5, "beta1": 0.8, "epsilon": 1e-3, "beta2": 0.99},
]
STEPS = 50


def test_every_optimizer_has_a_twin():
    assert TWINS.keys() == OPTIMIZERS.keys() == {case["name"] for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(map(str, case.values())))
@pytest.mark.usefixtures("float64")
def test_fifty_steps_equal_optax(case, rows):
    name, settings = case["name"], {k: v for k, v in case.items() if k != "name"}
    training = Training(Choice.of(case), 0.05, Choice.of({"name": "exponential", "factor": 0.5}))
    twin = TWINS[name](lambda count: 0.05 * 0.5 ** (count / 25.0), **settings)
    rng = np.random.default_rng(0)
    matrix, goals = rng.normal(size=(2, 2)), rng.normal(size=(STEPS, 2, 3))
    ours = {"weight": rng.normal(size=(2, 3)), "bias": rng.normal(size=3)}
    slots = {tensor: zero_slots(name, p) for tensor, p in ours.items()}
    theirs = {tensor: jnp.asarray(p) for tensor, p in ours.items()}
    memory = twin.init(theirs)
    for row, goal in zip(rows(training, STEPS, per_epoch=25), goals, strict=True):
        for tensor, g in quadratic(ours, matrix, goal).items():
            change, slots[tensor] = OPTIMIZERS[name].update(np, g, slots[tensor], row)
            if name == "adamw" and tensor == "weight":
                change = change + decoupled_decay(np, ours[tensor], row)
            ours[tensor] = ours[tensor] + change
        steps, memory = twin.update(quadratic(theirs, matrix, goal), memory, theirs)
        theirs = optax.apply_updates(theirs, steps)
        for tensor, p in ours.items():
            np.testing.assert_allclose(p, theirs[tensor], rtol=1e-11, atol=1e-13)


def quadratic(params: dict, matrix: np.ndarray, goal: np.ndarray) -> dict:
    """Return the gradient of ½·|M·(W + b) - goal|², whose goal moves with every step."""
    g = matrix.T @ (matrix @ (params["weight"] + params["bias"]) - goal)
    return {"weight": g, "bias": g.sum(axis=0)}


def zero_slots(name: str, param: np.ndarray) -> dict:
    return {slot: np.zeros_like(param) for slot in OPTIMIZERS[name].slots}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_update_returns_the_slots_it_declares(name, first_row):
    g = np.ones((2, 3))
    change, slots = OPTIMIZERS[name].update(np, g, zero_slots(name, g), first_row(name))
    assert tuple(slots) == OPTIMIZERS[name].slots
    assert {change.shape, *(slot.shape for slot in slots.values())} == {(2, 3)}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_gradient_that_is_always_zero_moves_nothing(name, first_row):
    # As that of a pixel which is black in every picture.
    zero = np.zeros((2, 3))
    change, _ = OPTIMIZERS[name].update(np, zero, zero_slots(name, zero), first_row(name))
    assert np.array_equal(change, zero)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_compiled_single_precision_keeps_its_digits(name, first_row):
    # Under jit a setting is a number of single precision: 1 - 0.999 taken there is off by 1.3e-5.
    g, row = np.linspace(-1.0, 1.0, 6).reshape(2, 3), first_row(name)
    exact, _ = OPTIMIZERS[name].update(np, g, zero_slots(name, g), row)
    update = jax.jit(partial(OPTIMIZERS[name].update, jnp))
    small = g.astype(np.float32)
    rounded, _ = update(small, zero_slots(name, small), row)
    assert rounded.dtype == np.float32
    np.testing.assert_allclose(rounded, exact, rtol=1e-6)
