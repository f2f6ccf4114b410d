"""What a step costs, counted and not timed, so that a slow change fails on every machine.

The network is 784-128-64-10 at batch 128, as in docs/performance.md. The bounds stand a little
above what was counted when they were written: who makes a step dearer has to say so here.
"""

import sys
import tracemalloc

import jax
import numpy as np
import pytest

from clearprop.engines import Job, jax_run, make
from clearprop.inputs import Preparation
from clearprop.network import (
    Rows,
    build_network,
    build_training,
    hyper,
    initial_parameters,
    initial_state,
    initial_statistics,
    program,
    table,
)

SIZES, BATCH, STEPS = [784, 128, 64, 10], 128, 4
# Two operations for each weight and row forward, two for its gradient, two for the way back to
# the layer below, which the first layer has not.
PRODUCTS = 2 * BATCH * (3 * 784 * 128 - 784 * 128 + 3 * (128 * 64 + 64 * 10))


def begun(engine: str, optimizer: str = "adam", gradients: str = "auto"):
    """Return a run of the network that has begun its epoch."""
    network = build_network(SIZES)
    training = build_training(optimizer, gradients=gradients, batch_size=BATCH)
    made = program(network, training)
    params, stats = initial_parameters(network, 0), initial_statistics(network)
    rng = np.random.default_rng(0)
    rows = Rows(rng.integers(0, 256, (512, 784)).astype(np.uint8), np.arange(512) % 10, None)
    place = make(engine)
    job = Job(made, hyper(network, training), Preparation())
    state = initial_state(np, made, params, stats)
    run = place.begin([job], [state], place.place(rows, "float32"))
    columns = table(network, training, first=0, fit_first=0, steps=STEPS, per_epoch=STEPS)
    run.begin_epoch([np.arange(512, dtype=np.int32).reshape(STEPS, BATCH)], [columns])
    return run


@pytest.mark.parametrize("gradients", ["auto", "derived"])
def test_a_compiled_step_computes_no_product_twice(gradients):
    traced = list(compiled(begun("jax", "sgd", gradients)))
    products = [e for e in traced if e.primitive.name == "dot_general"]
    assert sum(map(operations, products)) == PRODUCTS
    assert len(products) == 3 + 3 + 2


@pytest.mark.parametrize(("optimizer", "most"), [("sgd", 215), ("adam", 345)])
def test_a_compiled_step_is_few_operations(optimizer, most):
    # XLA pays for each of them, and again at every step.
    traced = list(compiled(begun("jax", optimizer)))
    assert len(traced) <= most


def test_weights_lie_turned_on_the_device_and_one_network_has_no_axis_of_its_own():
    # Otherwise XLA turns every gradient before the update: up to a third more time.
    run = begun("jax")
    assert run.groups[0].state.params["layers.0.weight"].shape == (1, 128, 784)
    traced = list(compiled(run))
    products = [e for e in traced if e.primitive.name == "dot_general"]
    assert {e.outvars[0].aval.ndim for e in products} == {2}


def test_a_numpy_step_takes_little_new_memory():
    # A gradient of every weight, and the activations of a batch: what is made anew each step.
    run = begun("numpy")
    run.advance(0, 1)
    tracemalloc.start()
    try:
        run.advance(1, STEPS)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    parameters = 4 * sum(p.size for p in run.fetch()[0].params.values())
    assert peak <= 2.1 * parameters


def test_a_numpy_step_makes_few_calls():
    run = begun("numpy")
    run.advance(0, 1)
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        run.advance(1, STEPS)
    finally:
        sys.setprofile(None)
    assert calls / (STEPS - 1) <= 240


def compiled(run):
    """Yield the equations of the loop that a run of one network compiles."""
    (group,) = run.groups
    traced = jax_run._stretch.trace(
        group.job.program, (group.state, group.measured), group.rows,
        group.fed, 0, 1,
    )  # fmt: skip
    yield from equations(traced.jaxpr.jaxpr)


def equations(jaxpr):
    """Yield every equation, those inside loops and calls too."""
    for equation in jaxpr.eqns:
        yield equation
        for inner in jax.tree.leaves(
            list(equation.params.values()),
            is_leaf=lambda p: hasattr(p, "jaxpr") or hasattr(p, "eqns"),
        ):
            inner = getattr(inner, "jaxpr", inner)
            if hasattr(inner, "eqns"):
                yield from equations(inner)


def operations(product) -> int:
    """Return how many sums and products a dot_general makes."""
    ((contracted, _), _) = product.params["dimension_numbers"]
    left = product.invars[0].aval.shape
    length = np.prod([left[i] for i in contracted])
    return int(2 * length * np.prod(product.outvars[0].aval.shape))
