"""What every engine promises of a run: cuts, copies, precision, and the same bytes again."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from clearprop import MLP
from clearprop.engines import Job, jax_engine, jax_run, make
from clearprop.inputs import Preparation
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

PRECISIONS = pytest.mark.parametrize("dtype", ["float32", "float64"])


@PRECISIONS
@pytest.mark.parametrize("cuts", [(), (0, 1, 77, 78, 199), tuple(range(0, 200, 25))])
def test_stretches_may_be_cut_anywhere(train, network, training, engine, dtype, cuts):
    # With no cut, this says that the same run twice gives the same bytes.
    settings = training(dtype=dtype)
    whole = train(engine, network(), settings)
    assert train(engine, network(), settings, cuts).bytes() == whole.bytes()


def test_a_run_resumed_from_its_state_gives_the_same_bytes(network, training, begin, engine):
    spec, settings = network(), training()
    whole = begin(engine, spec, settings)
    whole.advance(0, 200)
    first = begin(engine, spec, settings)
    first.advance(0, 90)
    second = begin(engine, spec, settings, state=first.fetch()[0], first=90)
    second.advance(0, 110)
    assert np.array_equal(second.measured()[0].loss, whole.measured()[0].loss[90:])
    for one, other in zip(whole.fetch()[0], second.fetch()[0], strict=True):
        assert one.keys() == other.keys()
        assert all(one[name].tobytes() == other[name].tobytes() for name in one)


def test_a_run_that_has_not_begun_has_the_state_it_was_given(network, training, engine):
    # A callback may look at the network before the first epoch, and a fit may have none.
    spec, settings = network(), training()
    made = program(spec, settings)
    params = initial_parameters(spec, 0, settings.dtype)
    state = initial_state(np, made, params, initial_statistics(spec, settings.dtype))
    job = Job(made, hyper(spec, settings), Preparation())
    place = make(engine)
    rows = place.place(Rows(np.zeros((4, spec.features)), np.zeros(4, np.int32), None), "float64")
    (found,) = place.begin([job], [state], rows).fetch()
    for one, other in zip(found, state, strict=True):
        assert one.keys() == other.keys()
        assert all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(("engine", "gradients"), [("numpy", "auto"), ("jax", "derived")])
def test_a_step_with_checked_shapes(network, training, begin, engine, gradients):
    # All rules as the engines call them; under jit their shapes are checked while it traces.
    run = begin(engine, network("elu"), training(gradients=gradients))
    run.advance(0, 2)
    assert np.isfinite(run.measured()[0].loss).all()


def test_steps_not_made_yet_read_zero(network, training, begin, engine):
    run = begin(engine, network(), training())
    run.advance(0, 5)
    loss = run.measured()[0].loss
    assert (loss[:5] > 0.0).all()
    assert not loss[5:].any()


def test_fetch_and_measured_return_copies(network, training, begin, engine):
    run, same = (begin(engine, network(), training()) for _ in range(2))
    for one in (run, same):
        one.advance(0, 10)
    before = {name: a.copy() for name, a in run.fetch()[0].params.items()}
    for part in run.fetch()[0]:
        for a in part.values():
            a[...] = 7.0
    run.measured()[0].loss[...] = 7.0
    for name, a in run.fetch()[0].params.items():
        assert np.array_equal(a, before[name])
    for one in (run, same):
        one.advance(10, 20)
    assert np.array_equal(run.measured()[0].loss, same.measured()[0].loss)


@PRECISIONS
def test_the_callers_arrays_are_left_alone(network, training, engine, dtype):
    spec, settings = network(), training(dtype=dtype)
    made = program(spec, settings)
    params, stats = initial_parameters(spec, 0, dtype), initial_statistics(spec, dtype)
    state = initial_state(np, made, params, stats)
    rng = np.random.default_rng(0)
    rows = Rows(rng.normal(size=(30, 12)).astype(dtype), rng.integers(0, 4, 30), np.ones(30))
    arrays = [a for part in state for a in part.values()] + list(rows)
    copies = [a.copy() for a in arrays]
    for a in arrays:
        a.flags.writeable = False
    place = make(engine)
    run = place.begin(
        [Job(made, hyper(spec, settings), Preparation())], [state], place.place(rows, dtype)
    )
    order = np.arange(30, dtype=np.int32).reshape(2, 15)
    run.begin_epoch([order], [table(spec, settings, first=0, fit_first=0, steps=2, per_epoch=2)])
    run.advance(0, 2)
    # Donated memory would be another's by now.
    assert all(np.array_equal(a, copy) for a, copy in zip(arrays, copies, strict=True))


def test_a_state_of_jax_arrays_may_hold_one_twice_and_stays_usable(network, training):
    # Donation takes an array away from its owner, and refuses one that comes twice.
    spec, settings = network(), training("nesterov", "float32")
    params = jax.tree.map(jnp.asarray, initial_parameters(spec, 0))
    twice = jnp.zeros(10)
    params |= {"layers.0.beta": twice, "layers.0.gamma": twice}
    state = initial_state(jnp, program(spec, settings), params, initial_statistics(spec))
    place = make("jax")
    rows = place.place(Rows(np.ones((4, 12), np.float32), np.arange(4), None), "float32")
    run = place.begin(
        [Job(program(spec, settings), hyper(spec, settings), Preparation())], [state], rows
    )
    order = np.arange(4, dtype=np.int32).reshape(1, 4)
    run.begin_epoch([order], [table(spec, settings, first=0, fit_first=0, steps=1, per_epoch=1)])
    run.advance(0, 1)
    assert all(np.isfinite(np.asarray(a)).all() for part in state for a in part.values())


def test_other_values_compile_nothing(train, network, training):
    compiled = jax_run._stretch._cache_size
    train("jax", network(), training())
    before = compiled()
    cosine, adam = Choice("cosine"), {"name": "adam", "beta1": 0.3}
    train("jax", network(rate=0.6, initializer="uniform"), training())
    train("jax", network(), training(adam, learning_rate=0.3, schedule=cosine, seed=9, epochs=7))
    train("jax", network(), training(l1=0.2, l2=0.5, clip_norm=0.1, moving_average=0.5))
    train("jax", network(), training(label_smoothing=0.3), (1, 2, 50))
    assert compiled() == before
    # That the count can rise: no other test leaves out just these two.
    train("jax", network(), training(l1=0.0, moving_average=0.0))
    assert compiled() == before + 1


def test_double_precision_does_not_leak(train, network, training):
    train("jax", network(), training(dtype="float64"))
    assert not jax.config.jax_enable_x64
    assert jnp.zeros(1).dtype == jnp.float32
    with pytest.raises(ZeroDivisionError), jax_run.precision("float64"):
        raise ZeroDivisionError
    assert jnp.asarray(np.ones(1)).dtype == jnp.float32


@PRECISIONS
def test_results_have_the_precision_that_was_asked_for(train, network, training, engine, dtype):
    made = train(engine, network(), training(dtype=dtype))
    shown = [made.measured.loss, *made.measured.sums.values()]
    arrays = [*shown, *(a for part in made.state for a in part.values())]
    assert {type(a) for a in arrays} == {np.ndarray}
    assert {str(a.dtype) for a in arrays} == {dtype}


def test_a_loss_that_diverges_raises_no_warning(train, network, training, engine):
    settings = training("sgd", "float32", learning_rate=1e6, clip_norm=0.0, max_norm=0.0, l2=1e6)
    assert not np.isfinite(train(engine, network(plain=True), settings).measured.loss[-1])


def test_what_is_fetched_lies_as_it_was_given(network, training, begin, engine):
    # A device may keep weights turned; nobody outside sees it.
    state = begin(engine, network(), training()).fetch()[0]
    given = initial_parameters(network(), 0, "float64")
    for name, a in state.params.items():
        assert a.flags.c_contiguous
        assert a.tobytes() == given[name].tobytes()


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_what_is_measured_of_rows_compiles_nothing(kind):
    def learned(low, high):
        x = np.random.default_rng(0).integers(low, high, (20, 12)).astype(kind)
        model = MLP([12, 3], engine="jax", preparation="standardize")
        model.fit(x, np.arange(20) % 3, epochs=1, batch_size=5)
        return model.predict_proba(x), model.inputs.preparation

    (_, one), compiled = learned(0, 50), jax_run._stretch._cache_size
    before = compiled(), jax_engine._logits._cache_size()
    _, other = learned(9, 250)
    assert one != other
    assert (compiled(), jax_engine._logits._cache_size()) == before
