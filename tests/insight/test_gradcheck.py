"""The gradient check passes what is right, catches what is wrong, and says who was not heard."""

import math
import subprocess
import sys

import jaxtyping
import numpy as np
import pytest

from clearprop.engines import jaxlib_guard
from clearprop.errors import EngineError, MissingExtraError, SettingError
from clearprop.insight.gradcheck import (
    WITNESSES,
    Check,
    available,
    checks,
    gradient_check,
    relative_error,
)
from clearprop.insight.rules import rules
from clearprop.maths.activations import relu_vjp
from clearprop.maths.affine import affine_vjp
from clearprop.maths.losses import cross_entropy_vjp
from clearprop.network import derived_gradient

RULES = {rule.name: rule for rule in rules()}
NETWORK = next(rule for rule in RULES.values() if rule.network and len(rule.network.layers) == 3)
DIFFERENCES = ["finite differences"]


@pytest.fixture(autouse=True)
def unchecked_shapes(monkeypatch):
    """Leave shapes unchecked, as users have it; tests/witnesses checks them on the same rules."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


def test_every_witness_agrees_on_every_rule():
    made = gradient_check()
    assert [check for check in made if not check.passed] == []
    assert [(c.rule, c.witness) for c in made] == [(r, w) for r in RULES for w in WITNESSES]


def test_tolerances_are_the_promised_ones():
    tolerances = {name: witness.tolerance for name, witness in WITNESSES.items()}
    assert tolerances == {"finite differences": 1e-7, "jax derived": 1e-12, "jax autodiff": 1e-12}


def bias_as_one_scalar(xp, saved, g):
    g_x, g_weight, g_bias = affine_vjp(xp, saved, g)
    return g_x, g_weight, xp.sum(g_bias)


def bias_as_one_sum(xp, saved, g):
    g_x, g_weight, g_bias = affine_vjp(xp, saved, g)
    return g_x, g_weight, xp.ones_like(g_bias) * xp.sum(g_bias)


def twice_the_mean(xp, saved, g):
    return cross_entropy_vjp(xp, saved, g) / saved[0].shape[0]


def softmax_of_the_whole_batch(xp, saved, g):
    logits, targets, weight = saved
    e = xp.exp(logits)
    return (g * weight)[:, None] * (e / xp.sum(e) - targets)


def not_a_number(xp, saved, g):
    return cross_entropy_vjp(xp, saved, g) * math.nan


def padded_rows_counted(xp, network, params, batch, values):
    return derived_gradient(xp, network, params, batch._replace(real=np.ones(8)), values)


PLANTED = [
    ("affine", bias_as_one_scalar),
    ("affine", bias_as_one_sum),
    ("cross_entropy, hard targets", twice_the_mean),
    ("cross_entropy, hard targets", softmax_of_the_whole_batch),
    ("cross_entropy, hard targets", not_a_number),
    (NETWORK.name, padded_rows_counted),
]


@pytest.mark.parametrize(("name", "wrong"), PLANTED, ids=[wrong.__name__ for _, wrong in PLANTED])
def test_a_wrong_gradient_is_caught(name, wrong):
    (check,) = gradient_check([RULES[name]._replace(vjp=wrong)], DIFFERENCES)
    assert not check.passed
    assert not check.max_relative_error < 1e-3


def test_automatic_differentiation_catches_a_wrong_gradient_on_its_own():
    rule = RULES["relu"]._replace(vjp=lambda xp, z, g: -relu_vjp(xp, z, g))
    derived, automatic = gradient_check([rule], ["jax derived", "jax autodiff"])
    # Compiling a wrong rule gives the same wrong numbers: that witness judges the engine.
    assert derived.passed
    assert automatic.max_relative_error == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("judged", "other", "error"),
    [
        ({"a": [4.0, -1.0], "b": [0.01]}, {"a": [4.0, -1.5], "b": [0.01]}, 0.125),
        ({"a": [4.0, -1.0], "b": [0.01]}, {"a": [4.0, -1.0], "b": [0.02]}, 1.0),
        ({"a": [0.0, 0.0]}, {"a": [0.0, 0.0]}, 0.0),
        ({"a": [0.0, 0.0]}, {"a": [1e-30, 1e-30]}, math.inf),
        # Another shape or name is wrong whatever its values.
        ({"a": [1.0, 1.0]}, {}, math.inf),
        ({"a": [1.0, 1.0]}, {"b": [1.0, 1.0]}, math.inf),
        ({"a": [1.0, 1.0]}, {"a": [1.0]}, math.inf),
        ({"a": [1.0, 1.0]}, {"a": 1.0}, math.inf),
    ],
)
def test_an_error_is_the_largest_of_the_tensors(judged, other, error):
    arrays = ({name: np.array(g) for name, g in one.items()} for one in (judged, other))
    assert relative_error(*arrays) == error


def test_a_tensor_of_rounding_noise_is_measured_against_the_network():
    judged = {"a": np.array([2.0]), "b": np.array([1e-17])}
    other = {"a": np.array([2.0]), "b": np.array([-1e-17])}
    assert relative_error(judged, other) == pytest.approx(1e-9)


def test_passing_is_to_be_within_the_tolerance():
    assert Check("r", "w", 1e-7, 1e-7).passed
    assert not Check("r", "w", 1.1e-7, 1e-7).passed
    assert not Check("r", "w", math.nan, 1e-7).passed


def test_checks_come_one_by_one():
    def table():
        yield RULES["relu"]
        pytest.fail("the second rule was asked for before the first was reported")

    assert next(checks(table(), DIFFERENCES)).rule == "relu"


def test_an_unknown_witness_is_refused():
    with pytest.raises(SettingError, match="did you mean 'jax derived'"):
        gradient_check([RULES["relu"]], ["jax derivd"])


def test_all_witnesses_speak_here():
    assert available() == (tuple(WITNESSES), "")


@pytest.mark.parametrize(
    ("version", "error", "reason"),
    [(None, MissingExtraError, "clearprop[jax]"), ("0.10.2", EngineError, "0.10.2")],
)
def test_without_a_sound_jax_its_witnesses_are_left_out_and_named(
    monkeypatch, version, error, reason
):
    monkeypatch.setattr(jaxlib_guard, "jaxlib_version", lambda: version)
    names, left_out = available()
    assert names == ("finite differences",)
    assert left_out.startswith("left out jax derived and jax autodiff: ")
    assert reason in left_out
    assert [check.witness for check in gradient_check([RULES["relu"]])] == DIFFERENCES
    for name in ("jax derived", "jax autodiff"):
        with pytest.raises(error):
            gradient_check([RULES["relu"]], [name])


def test_jax_is_imported_only_for_its_witnesses():
    program = (
        "import sys; from clearprop.insight.gradcheck import available, gradient_check as check; "
        "available(); check(witnesses=['finite differences']); assert 'jax' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
