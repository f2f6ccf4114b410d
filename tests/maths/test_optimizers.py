"""Every optimizer against optax's: 50 steps in double precision, on a gradient that changes."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from optax.contrib import _muon

from clearprop.layers import Parameter
from clearprop.maths.optimizers import OPTIMIZERS, decoupled_decay
from clearprop.network import Choice, Training, row_of

RULES = OPTIMIZERS | {"muon of hidden weights": OPTIMIZERS["muon"].hidden}
WEIGHTS_ONLY = {"weight": True, "bias": False}


def muon(rate, momentum=0.95, weight_decay=0.01, adam_factor=0.1, **adam):
    """Return Muon of optax's parts; its own differs in that it corrects the momentum's bias."""
    matrix = _muon.MuonDimensionNumbers()
    orthogonal = optax.stateless_with_tree_map(
        lambda g, _: _muon.orthogonalize_via_newton_schulz(g, jnp.asarray(_muon._DEFAULT_NS_COEFFS))
    )
    weights = optax.chain(
        optax.trace(momentum, nesterov=True),
        orthogonal,
        _muon.scale_by_shape({"weight": matrix, "bias": optax.MaskedNode()}),
        optax.add_decayed_weights(weight_decay),
        optax.scale_by_learning_rate(rate),
    )
    others = optax.adam(lambda count: adam_factor * rate(count), **adam)
    return optax.multi_transform(
        {"weight": weights, "bias": others}, {"weight": "weight", "bias": "bias"}
    )


TWINS = {
    "muon": muon,
    "lion": lambda rate, beta1=0.9, beta2=0.99, weight_decay=0.1: optax.lion(
        rate, beta1, beta2, weight_decay=weight_decay, mask=WEIGHTS_ONLY
    ),
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
CASES += [
    {"name": "lion"},
    {"name": "lion", "beta1": 0.5, "beta2": 0.7, "weight_decay": 0.5},
    {"name": "muon"},
    {"name": "muon", "momentum": 0.5, "weight_decay": 0.5, "adam_factor": 0.7},
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
    rules = {"weight": OPTIMIZERS[name].hidden or OPTIMIZERS[name], "bias": OPTIMIZERS[name]}
    slots = {tensor: zero_slots(rules[tensor], p) for tensor, p in ours.items()}
    theirs = {tensor: jnp.asarray(p) for tensor, p in ours.items()}
    # Compiled once: eagerly, Muon's loop would be compiled anew at every step.
    memory, update = twin.init(theirs), jax.jit(twin.update)
    for row, goal in zip(rows(training, STEPS, per_epoch=25), goals, strict=True):
        for tensor, g in quadratic(ours, matrix, goal).items():
            own = row_of(rules[tensor], row, Parameter(g.shape, matrix=g.ndim == 2))
            change, slots[tensor] = rules[tensor].update(np, g, slots[tensor], own)
            if "weight_decay" in rules[tensor].settings and tensor == "weight":
                change = change + decoupled_decay(np, ours[tensor], own)
            ours[tensor] = ours[tensor] + change
        steps, memory = update(quadratic(theirs, matrix, goal), memory, theirs)
        theirs = optax.apply_updates(theirs, steps)
        for tensor, p in ours.items():
            np.testing.assert_allclose(p, theirs[tensor], rtol=1e-11, atol=1e-13)


def quadratic(params: dict, matrix: np.ndarray, goal: np.ndarray) -> dict:
    """Return the gradient of ½·|M·(W + b) - goal|², whose goal moves with every step."""
    g = matrix.T @ (matrix @ (params["weight"] + params["bias"]) - goal)
    return {"weight": g, "bias": g.sum(axis=0)}


def zero_slots(rule, param: np.ndarray) -> dict:
    return {slot: np.zeros_like(param) for slot in rule.slots}


@pytest.fixture
def row(request, first_row, name):
    """The row of a rule's first step, for a matrix of 2 inputs and 3 units."""
    return row_of(RULES[name], first_row(name.split()[0]), Parameter((2, 3), matrix=True))


@pytest.mark.parametrize("name", RULES)
def test_an_update_returns_the_slots_it_declares(name, row):
    g = np.ones((2, 3))
    change, slots = RULES[name].update(np, g, zero_slots(RULES[name], g), row)
    assert tuple(slots) == RULES[name].slots
    assert {change.shape, *(slot.shape for slot in slots.values())} == {(2, 3)}


@pytest.mark.parametrize("name", RULES)
def test_a_gradient_that_is_always_zero_moves_nothing(name, row):
    # As that of a pixel which is black in every picture.
    zero = np.zeros((2, 3))
    change, _ = RULES[name].update(np, zero, zero_slots(RULES[name], zero), row)
    assert np.array_equal(change, zero)


@pytest.mark.parametrize("name", RULES)
def test_compiled_single_precision_keeps_its_digits(name, row):
    # Under jit a setting is a number of single precision: 1 - 0.999 taken there is off by 1.3e-5.
    g = np.linspace(-1.0, 1.0, 6).reshape(2, 3)
    exact, _ = RULES[name].update(np, g, zero_slots(RULES[name], g), row)
    # How many inputs and units a matrix has is no data: it decides the program.
    shape = {key: row[key] for key in ("inputs", "units")}
    update = jax.jit(lambda g, slots, row: RULES[name].update(jnp, g, slots, row | shape))
    small = g.astype(np.float32)
    rounded, _ = update(small, zero_slots(RULES[name], small), row)
    assert rounded.dtype == np.float32
    np.testing.assert_allclose(rounded, exact, rtol=1e-6, atol=1e-7)
