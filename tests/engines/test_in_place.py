"""The updates that write in place, each against its equation in `maths/`."""

import numpy as np
import pytest

from clearprop.engines import Job, make
from clearprop.engines.in_place import InPlace
from clearprop.engines.updates_in_place import UPDATES
from clearprop.inputs import Preparation
from clearprop.layers import Place
from clearprop.layers.affine import Affine
from clearprop.maths.affine import affine_vjp
from clearprop.maths.optimizers import OPTIMIZERS
from clearprop.network import (
    Choice,
    Rows,
    hyper,
    initial_parameters,
    initial_state,
    initial_statistics,
    program,
    table,
)
from clearprop.network.step import averaged, updated

RNG = np.random.default_rng(0)
SHAPES = {"layers.0.weight": (5, 7), "layers.0.bias": (7,), "layers.1.weight": (7, 3)}


def arrays(dtype: str) -> dict[str, np.ndarray]:
    return {name: RNG.standard_normal(shape).astype(dtype) for name, shape in SHAPES.items()}


def test_every_one_is_that_of_an_optimizer():
    equations = {rule.update for rule in OPTIMIZERS.values()}
    equations |= {rule.hidden.update for rule in OPTIMIZERS.values() if rule.hidden}
    assert UPDATES.keys() <= equations


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-13), ("float32", 1e-5)])
@pytest.mark.parametrize("max_norm", [0.0, 1.5])
@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_ten_updates_are_those_of_the_equation(
    network, training, optimizer, max_norm, dtype, tolerance
):
    settings = training(optimizer=Choice(optimizer), dtype=dtype, max_norm=max_norm)
    spec = network(plain=True)
    made, values = program(spec, settings), hyper(spec, settings)
    one = initial_state(np, made, arrays(dtype), {})
    in_place = InPlace(made, one)
    other = in_place.state
    for t in range(1, 11):
        row = {"correction1": 1 - 0.9**t, "correction2": 1 - 0.999**t, "learning_rate": 0.1}
        gradients = arrays(dtype)
        params, slots = updated(np, made, gradients, one, values | row)
        one = one._replace(params=params, slots=slots)
        given = {name: g.copy() for name, g in gradients.items()}
        params, slots = in_place.updated(np, made, given, other, values | row)
        assert params is other.params
        assert slots is other.slots
    for expected, found in ((one.params, other.params), (one.slots, other.slots)):
        assert expected.keys() == found.keys()
        for name, value in expected.items():
            assert found[name].dtype == dtype
            np.testing.assert_allclose(found[name], value, tolerance, tolerance)


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("has_bias", [True, False])
def test_the_affine_gradient_is_that_of_the_equation(layer, has_bias, network, training):
    made = program(network(plain=True), training())
    shapes = {f"layers.{layer}.weight": (5, 7)}
    if has_bias:
        shapes[f"layers.{layer}.bias"] = (7,)
    params = {name: RNG.standard_normal(shape) for name, shape in shapes.items()}
    in_place = InPlace(made, initial_state(np, made, params, {}))
    x, g = RNG.standard_normal((4, 5)), RNG.standard_normal((4, 7))
    saved = (x, params[f"layers.{layer}.weight"], has_bias)
    op = Affine(Place(f"layers.{layer}", "1", (5,)), 7, has_bias)
    found = in_place.affine_vjp(op, np, saved, g, layer > 0)
    wanted = affine_vjp(np, saved, g, input_gradient=layer > 0)
    assert (found[0] is None) == (wanted[0] is None) == (layer == 0)
    for ours, theirs in zip([found[0], *found[1].values()], wanted, strict=False):
        assert ours is theirs or np.array_equal(ours, theirs)
    assert len(found[1]) == 1 + has_bias


def test_the_average_is_that_of_the_equation(network, training):
    average, current = arrays("float64"), arrays("float64")
    expected = averaged(np, average, current, 0.3)
    made = program(network(plain=True), training())
    found = InPlace(made, initial_state(np, made, current, {})).averaged(np, average, current, 0.3)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, 1e-14)
        assert found[name] is average[name]


def test_a_run_leaves_the_state_that_it_was_given_alone(network, training):
    spec, settings = network(), training()
    params, stats = initial_parameters(spec, 0, "float64"), initial_statistics(spec, "float64")
    state = initial_state(np, program(spec, settings), params, stats)
    before = [a.copy() for part in state for a in part.values()]
    engine = make("numpy")
    job = Job(program(spec, settings), hyper(spec, settings), Preparation())
    x, y = RNG.random((6, 12)), np.arange(6, dtype=np.int32) % 4
    run = engine.begin([job], [state], engine.place(Rows(x, y, None), "float64"))
    columns = table(spec, settings, first=0, fit_first=0, steps=1, per_epoch=1)
    run.begin_epoch([np.arange(6, dtype=np.int32)[None]], [columns])
    run.advance(0, 1)
    after = [a for part in state for a in part.values()]
    assert all((one == other).all() for one, other in zip(before, after, strict=True))
    assert (run.fetch()[0].params["layers.0.weight"] != params["layers.0.weight"]).any()
