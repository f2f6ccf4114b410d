"""What layers promise beside their gradients: places, names, draws, factors, exact resuming."""

import numpy as np
import pytest
from scipy import stats

from clearprop import MLP, Checkpoints, Committee, fit_many, load
from clearprop.engines.numpy_engine import blas_threads
from clearprop.errors import DataError, SettingError
from clearprop.inputs import Preparation
from clearprop.insight.explain import explain, first_batch
from clearprop.insight.explanation import render
from clearprop.insight.vital_signs import vital_signs
from clearprop.layers import Dense, Layer, Parameter, Pass, Place, Residual, Scale
from clearprop.layers.batch_norm import BatchNorm
from clearprop.layers.dropout import Drop
from clearprop.maths.layer_norm import layer_norm
from clearprop.network import Network, Rows, build_network, derived_gradient, roles
from clearprop.network.operations import every_operation, streams

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(48, 6)).astype(np.float32), RNG.integers(0, 3, 48)
BLOCK = {"name": "residual", "layers": [6, "layer_norm", 6]}
LAYERS = [6, "scale", 6, BLOCK, "layer_norm", 3]
NOISY = {"batch_norm": True, "dropout": 0.2, "noise": 0.1, "input_dropout": 0.1}


def test_layer_norm_is_scipys_z_score_of_every_row():
    found, _ = layer_norm(np, X, np.ones(6), np.zeros(6), 0.0)
    np.testing.assert_allclose(found, stats.zscore(X, axis=1), 1e-5)


def test_batch_norm_of_rows_with_axes_takes_every_place_for_a_row():
    x, real = RNG.normal(size=(5, 2, 3)), np.array([1.0, 1, 0, 1, 1])
    one = BatchNorm(Place("layers.0", "1", (2, 3)))
    params = {"layers.0.gamma": np.ones(3), "layers.0.beta": np.zeros(3)}
    _, saved = one.train(np, Pass(params, real, {}), x)
    places = x[real > 0].reshape(-1, 3)
    np.testing.assert_allclose(saved.mean, places.mean(axis=0))
    np.testing.assert_allclose(saved.variance, places.var(axis=0))


def test_dropout_of_rows_with_axes_draws_what_flat_rows_draw():
    x, keys = np.ones((5, 2, 3)), np.array([[1, 2]], np.uint32)
    values = {"layers.0.dropout": 0.4, "noise": keys}
    found, _ = Drop(Place("layers.0", "1", (2, 3)), 0.4).train(np, Pass({}, None, values), x)
    flat, _ = Drop(Place("layers.0", "1", (6,)), 0.4).train(
        np, Pass({}, None, values), x.reshape(5, 6)
    )
    assert np.array_equal(found.reshape(5, 6), flat)
    assert 0.0 in flat


def test_an_empty_block_of_zeros_changes_nothing():
    model = MLP([6, {"name": "residual", "layers": [6]}, 3], activation="identity")
    zeros = {n: np.zeros_like(p) if "layers.0." in n else p for n, p in model.parameters.items()}
    plain = MLP([6, 3])
    same = {n.replace("layers.1", "layers.0"): p for n, p in zeros.items() if "layers.1" in n}
    plain.resume(plain.position._replace(state=plain.position.state._replace(params=same)))
    model.resume(model.position._replace(state=model.position.state._replace(params=zeros)))
    assert np.array_equal(plain.predict_proba(X), model.predict_proba(X))


def test_layers_inside_draw_from_streams_of_their_own():
    block = {"name": "residual", "layers": [6, {"name": "residual", "layers": [5, 6]}]}
    network = build_network([6, 6, block, 6, 3], dropout=0.3)
    found = [one.at.stream for one in every_operation(network) if one.draws]
    assert found == [1, 2, 3, 4, 5]
    assert streams(network) == 6


def test_what_dense_layers_do_not_say_is_as_the_network_says():
    table = {"name": "dense", "units": 5, "dropout": 0.5}
    network = build_network([6, 4, {"name": "residual", "layers": [table, 4]}, 3],
                            ["relu", "tanh", "elu"], dropout=[0.1, 0.2, 0.3])  # fmt: skip
    first, block, _ = network.layers
    assert first == Dense(4, "relu", dropout=0.1)
    assert block.layers == (Dense(5, "tanh", dropout=0.5), Dense(4, "elu", dropout=0.3))
    with pytest.raises(SettingError, match="activation has 2 entries for 3 hidden dense layers"):
        build_network([6, 4, {"name": "residual", "layers": [5, 4]}, 3], ["relu", "tanh"])


def test_a_model_file_brings_them_back(tmp_path):
    model = MLP(LAYERS, seed=1, **NOISY)
    model.fit(X, Y, epochs=2, batch_size=16)
    other = load(model.save(tmp_path / "model.safetensors"))
    assert other.network == model.network
    assert np.array_equal(other.predict_proba(X), model.predict_proba(X))


def test_many_networks_learn_what_each_learns_alone():
    def make(seed):
        return MLP(LAYERS, engine="jax", precision="float64", seed=seed, **NOISY)

    together = [make(seed) for seed in range(3)]
    fit_many(together, X, Y, epochs=2, batch_size=16)
    for seed, one in enumerate(together):
        alone = make(seed)
        alone.fit(X, Y, epochs=2, batch_size=16)
        # What stands before a batch normalization has no gradient, and Adam enlarges its rounding.
        for name, value in alone.parameters.items():
            np.testing.assert_allclose(one.parameters[name], value, 1e-9, 1e-9)


def test_the_explanation_tells_every_gradient_once_with_its_value():
    model = MLP(LAYERS, precision="float64", seed=2, **NOISY)
    rows = Rows(X.astype("float64"), Y.astype(np.int32), None)
    batch, values = first_batch(model.network, model.settings, Preparation(), rows)
    told = explain(model.network, model.parameters, batch, values)
    names = [step.name for step in told]
    assert len(set(names)) == len(names)
    assert {"C1", "Z3.1", "L3.2", "A3.3", "H3", "dW3.1", "dγ3.2", "dc1"} <= set(names)
    gradients, _ = derived_gradient(np, model.network, model.parameters, batch, values)
    for g in gradients.values():
        assert any(np.array_equal(g, step.value) for step in told)


def test_vital_signs_look_inside_of_a_block():
    network = MLP([6, {"name": "residual", "layers": [6, 6]}, 3]).network
    dead = {n: -np.ones(p.shape) if "layers.0.layers.0" in n else np.ones(p.shape)
            for n, p in roles(network).items()}  # fmt: skip
    signs, _ = vital_signs(network, dead, Rows(np.abs(X), Y, None), Preparation())
    assert signs.dead == {"1.1": 1.0, "1.2": 0.0}


def test_penalties_decay_and_bounds_are_for_what_decays_and_for_matrices():
    found = roles(build_network(LAYERS))
    assert {n for n, p in found.items() if p.decay} == {n for n in found if n.endswith("weight")}
    assert {n for n, p in found.items() if p.matrix} == {n for n in found if n.endswith("weight")}
    assert Parameter((3,)) == Parameter((3,), 0.0, (1, 1), False, 0.0, 1.0)


def test_a_layer_that_stands_for_nothing_is_refused():
    class Nothing(Layer, frozen=True, tag="nothing"):
        def operations(self, at):
            return iter(())

    with pytest.raises(SettingError, match=r"layers\.0: 'nothing' expands into no operation"):
        Network((4,), (Nothing(), Dense(3, "softmax")))


def test_rows_of_another_shape_are_refused_and_flat_ones_are_given_theirs():
    model, flat = MLP([(2, 3), "layer_norm", 3]), X.reshape(48, 2, 3)
    model.fit(X, Y, epochs=1)
    assert model.input_shape == (2, 3)
    assert np.array_equal(model.predict(flat[0]), model.predict(X[:1]))
    for ask in (lambda x: model.fit(x, Y), model.predict, lambda x: model.evaluate(x, Y)):
        with pytest.raises(
            DataError, match=r"rows of shape \(3, 2\) are given to a network of inpu"
        ):
            ask(X.reshape(48, 3, 2))


def test_rows_with_axes_are_explained_in_their_shape():
    model = MLP([(2, 3), "layer_norm", 3])
    batch, values = first_batch(model.network, model.settings, Preparation(), Rows(X, Y, None))
    said = render(explain(model.network, model.parameters, batch, values), len(batch.x))
    assert "R0       = X, each row as 2×3" in said
    assert "(m=48×2×3)" in said


def test_a_gradient_of_what_is_learned_has_no_rows_where_sizes_are_equal():
    model = MLP([6, 48, 3])
    rows = Rows(X, Y, None)
    batch, values = first_batch(model.network, model.settings, Preparation(), rows)
    said = render(explain(model.network, model.parameters, batch, values), 48)
    (line,) = [line for line in said.splitlines() if line.startswith("dW2 ")]
    assert line.endswith("(48×3)")


def test_blocks_nest_as_deep_as_a_file_can_hold(tmp_path):
    layer = "scale"
    for _ in range(4):
        layer = {"name": "residual", "layers": [layer]}
    members = [MLP([6, layer, 3], seed=seed) for seed in (0, 1)]
    for number, one in enumerate(members):
        one.fit(X, Y, epochs=1, callbacks=[Checkpoints(tmp_path / str(number))])
    load(Committee(members).save(tmp_path / "committee.safetensors"))
    deeper = {"name": "residual", "layers": [layer]}
    with pytest.raises(SettingError, match="nest 5 deep; 4 is the most"):
        MLP([6, deeper, 3])
    for _ in range(2000):
        deeper = {"name": "residual", "layers": [deeper]}
    with pytest.raises(SettingError, match="nest without end"):
        MLP([6, deeper, 3])


def test_the_thread_rule_looks_at_each_product_inside_of_a_block():
    plain = MLP([256, *[256] * 8, 3]).network
    block = MLP([256, {"name": "residual", "layers": [256] * 8}, 3]).network
    with blas_threads(plain, 128), blas_threads(block, 128):
        pass
    assert type(blas_threads(plain, 128)) is type(blas_threads(block, 128))
    assert type(blas_threads(MLP([4096, 4096, 3]).network, 128)) is not type(
        blas_threads(block, 128)
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda: Dense("5", "relu"), lambda: Dense(None, "relu"), lambda: Residual(5),
        lambda: Residual("scale"), lambda: Network(4, (Dense(3, "softmax"),)),
        lambda: MLP([6, {"name": "residual", "layers": "scale"}, 3]), lambda: MLP([6, None, 3]),
        lambda: MLP([6, {"layers": [6]}, 3]), lambda: MLP(["6x6", 3]), lambda: MLP([6, True, 3]),
        lambda: MLP([6, {"name": "scale", "by": 2}, 3]), lambda: MLP([6, 3, "scale"]),
    ],
)  # fmt: skip
def test_what_is_no_layer_is_refused_in_a_sentence(make):
    with pytest.raises(SettingError) as told:
        make()
    assert "Expected" not in str(told.value)


def test_layers_may_be_given_as_objects():
    layers = [6, Dense(np.int64(5), "relu", dropout=np.float32(0.5)), Scale(), 3]
    network = MLP(layers, batch_norm=True).network
    assert network.layers[:2] == (Dense(5, "relu", dropout=0.5), Scale())
    assert Network([6], (Dense(3, "softmax"),)).input_shape == (6,)


def test_an_activation_among_the_layers_is_reported_where_it_belongs():
    with pytest.raises(
        SettingError, match="'relu' is an activation, not a layer: give it as activ"
    ):
        MLP([6, 5, "relu", 3])


@pytest.mark.parametrize("name", [["scale"], 3, None, {}], ids=str)
def test_a_name_that_is_no_text_is_refused(name):
    with pytest.raises(SettingError, match="unknown layer"):
        MLP([6, {"name": name}, 3])
