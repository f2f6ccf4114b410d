"""Single precision stays single: no rule widens it, whatever Python numbers it meets."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from clearprop.layers import Parameter
from clearprop.maths import losses
from clearprop.maths.activations import ACTIVATIONS
from clearprop.maths.affine import affine, affine_vjp
from clearprop.maths.averaging import moving_average
from clearprop.maths.clipping import clip_by_norm
from clearprop.maths.dropout import dropout, dropout_vjp
from clearprop.maths.gaussian_noise import gaussian_noise, gaussian_noise_vjp, normal
from clearprop.maths.max_norm import max_norm
from clearprop.maths.metrics import (
    area_under_roc,
    brier_score,
    coefficient_of_determination,
    log_loss,
    mean_absolute_error,
    root_mean_square_error,
    scores_of,
    weighted_mean,
)
from clearprop.maths.normalization import batch_norm, batch_norm_inference, batch_norm_vjp
from clearprop.maths.optimizers import OPTIMIZERS, decoupled_decay
from clearprop.maths.penalties import l1, l1_vjp, l2, l2_vjp
from clearprop.maths.softmax import log_softmax, log_softmax_vjp, softmax, softmax_vjp
from clearprop.maths.temperature import likelihood, log_tempered, tempered
from clearprop.maths.warps import affine_coordinates, bilinear, rotation
from clearprop.network import row_of


def results(xp, first_row) -> dict:
    """Return what every rule makes of single-precision arrays, by the rule's name."""
    z = xp.asarray([[-2.0, 0.0], [0.5, 3.0]], dtype=xp.float32)
    row, keep = xp.asarray([0.5, 0.5], dtype=xp.float32), z > 0
    made = {}
    for name, rule in ACTIVATIONS.items():
        made[name] = rule.forward(xp, z), rule.vjp(xp, z, z)
    z1, saved = affine(xp, z, z, row)
    made["affine"] = z1, affine_vjp(xp, saved, z)
    made["dropout"] = dropout(xp, z, keep, 0.3), dropout_vjp(xp, (keep, 0.3), z)
    out, saved = batch_norm(xp, z, row, row, row * 2.0, 1e-5)
    made["batch_norm"] = out, list(saved), batch_norm_vjp(xp, saved, z)
    made["batch_norm_inference"] = batch_norm_inference(xp, z, row, row, row, row, 1e-5)
    made["softmax"] = softmax(xp, z), softmax_vjp(xp, z, z)
    made["log_softmax"] = log_softmax(xp, z), log_softmax_vjp(xp, z, z)
    made["temperature"] = tempered(xp, z, 1.5), log_tempered(xp, z, 1.5)
    made["likelihood"] = likelihood(xp, xp.stack([z, z]), z, 1.5)
    for name in ("cross_entropy", "sigmoid_cross_entropy", "squared_error"):
        loss, saved = getattr(losses, name)(xp, z, losses.smooth(xp, z, 0.1, 2), row)
        made[name] = loss, getattr(losses, f"{name}_vjp")(xp, saved, 1.0)
    made["penalties"] = l1(xp, z, 0.1), l1_vjp(xp, z, 0.1), l2(xp, z, 0.1), l2_vjp(xp, z, 0.1)
    made["clip_by_norm"] = clip_by_norm(xp, {"weight": z}, 0.1)["weight"]
    made["max_norm"] = max_norm(xp, z, 0.1)
    draw = normal(xp, xp.asarray([3, 4], dtype=xp.uint32), (2, 2), xp.float32)
    made["noise"] = gaussian_noise(xp, z, draw, 0.3), gaussian_noise_vjp(xp, z)
    made["moving_average"] = moving_average(xp, z, z, 0.9)
    at = affine_coordinates(xp, rotation(xp, row), z, 2, 3)
    made["warps"] = at, bilinear(xp, xp.stack([z, z]), at)
    for rule in (
        log_loss,
        brier_score,
        root_mean_square_error,
        mean_absolute_error,
        coefficient_of_determination,
    ):
        made[rule.__name__] = rule(xp, z, z * z, row)
    yes = xp.asarray([0.0, 1.0], dtype=xp.float32)
    made["area_under_roc"] = area_under_roc(xp, row, yes, row)
    made["mean and scores"] = weighted_mean(xp, z, row), list(scores_of(xp, row, row, row))
    made["decoupled_decay"] = decoupled_decay(xp, z, first_row("adamw"))
    for name, rule in OPTIMIZERS.items():
        for own in filter(None, (rule, rule.hidden)):
            slots = dict.fromkeys(own.slots, z * z)
            row = row_of(own, first_row(name), Parameter(z.shape, matrix=True))
            change, slots = own.update(xp, z, slots, row)
            made[f"{name}: {', '.join(own.slots)}"] = change, list(slots.values())
    return made


def leaves(made):
    if isinstance(made, list | tuple):
        return [leaf for part in made for leaf in leaves(part)]
    return [made]


def test_single_precision_stays_single(xp, first_row):
    # JAX tells types without computing, as it does under jit.
    made = jax.eval_shape(lambda: results(xp, first_row)) if xp is jnp else results(xp, first_row)
    wrong = {
        name: [str(leaf.dtype) for leaf in leaves(made)]
        for name, made in made.items()
        if any(leaf.dtype != xp.float32 for leaf in leaves(made))
    }
    assert wrong == {}


def test_the_check_above_can_fail():
    # The trap it is for: a scalar of NumPy's own widens what a Python float does not.
    z = np.ones(2, np.float32)
    assert moving_average(np, z, z, 0.9).dtype == np.float32
    assert moving_average(np, z, z, np.float64(0.9)).dtype == np.float64


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_finite_at_the_extremes(xp, name):
    z = xp.asarray([-100.0, -1e4, 0.0, -0.0, 1e4, 100.0], dtype=xp.float32)
    for made in (ACTIVATIONS[name].forward(xp, z), ACTIVATIONS[name].vjp(xp, z, xp.ones_like(z))):
        assert np.isfinite(np.asarray(made)).all()
