"""`Committee`: the average of its members, and nothing else."""

import msgspec
import numpy as np
import pytest
from scipy import special

from clearprop import MLP, Committee, Views, datasets, load
from clearprop.engines import jax_engine
from clearprop.errors import DataError, SettingError
from clearprop.inputs import Inputs
from clearprop.tasks import Targets
from clearprop.training.calibration import measured

pytestmark = pytest.mark.usefixtures("unchecked_shapes")

RNG = np.random.default_rng(0)
SHAPE = (6, 5)
CLASSES = ["cat", "dog", "emu"]


def rows(count: int):
    """Return pictures whose brightest of three corners is their class."""
    images = RNG.integers(0, 256, (count, *SHAPE)).astype(np.uint8)
    return datasets.from_arrays(images, images[:, [0, 0, -1], [0, -1, 0]].argmax(axis=1), CLASSES)


ROWS, OTHERS = rows(200), rows(40)


def learned(sizes, **words) -> MLP:
    """Return a network that has learned a little."""
    model = MLP([30, *sizes, 3], **words)
    model.fit(ROWS, epochs=8, batch_size=16)
    return model


def close(one, other, tolerance):
    """Return whether two evaluations tell the same."""
    return one.as_dict() == pytest.approx(other.as_dict(), rel=tolerance)


@pytest.fixture(scope="module")
def members():
    """Networks that differ in all that they may differ in."""
    return [
        learned([8], seed=0),
        learned([], seed=1, precision="float64", moving_average=0.9),
        learned([6, 5], seed=2, batch_norm=True, preparation="standardize", engine="jax"),
        learned([7], seed=3, loss="squared_error", output="softmax", activation="tanh"),
    ]


def by_hand(members, images, t=1.0):
    """The mean of the members' softmaxes at T, from SciPy and the members' own outputs."""
    # log softmax is the logits but for a number a row, which the next softmax takes away.
    logs = [np.log(m.predict_proba(images).astype(float)) for m in members]
    return np.mean([special.softmax(one / t, axis=1) for one in logs], axis=0)


@pytest.mark.parametrize("t", [0.5, 1.0, 2.0])
def test_the_probabilities_are_the_mean_of_the_members(members, t):
    found = Committee(members, temperature=t).predict_proba(OTHERS.images)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, by_hand(members, OTHERS.images, t), rtol=2e-5)
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-6)


def test_over_views_it_is_the_mean_of_the_views(members):
    views = Views(5)
    seen = [by_hand(members, view, 1.5) for view in views.of(OTHERS.images)]
    found = Committee(members, 1.5, views).predict_proba(OTHERS.images)
    np.testing.assert_allclose(found, np.mean(seen, axis=0), rtol=2e-5)


@pytest.mark.parametrize("k", range(4))
def test_one_member_at_one_is_that_member(members, k):
    member, alone = members[k], Committee([members[k]])
    assert (alone.predict_proba(OTHERS.images) == member.predict_proba(OTHERS.images)).all()
    assert alone.predict_proba(OTHERS).dtype == member.predict_proba(OTHERS).dtype
    assert (alone.predict(OTHERS) == member.predict(OTHERS)).all()
    found, wanted = alone.evaluate(OTHERS), member.evaluate(OTHERS)
    assert (found.accuracy, found.rows) == (wanted.accuracy, wanted.rows)
    if member.network.loss == "cross_entropy":
        assert found.loss == wanted.loss
    for name in ("classes", "input_shape", "task", "dataset"):
        assert getattr(alone, name) == getattr(member, name)


def test_the_order_of_the_members_does_not_matter(members):
    one, other = Committee(members, 0.8), Committee(members[::-1], 0.8)
    np.testing.assert_allclose(one.predict_proba(OTHERS), other.predict_proba(OTHERS), rtol=1e-14)
    assert close(one.evaluate(OTHERS), other.evaluate(OTHERS), 1e-14)


def test_evaluate_measures_the_averaged_probabilities(members):
    committee = Committee(members, 0.7, Views(3))
    found, chances = committee.evaluate(OTHERS), committee.predict_proba(OTHERS)
    picked = chances[np.arange(40), OTHERS.labels]
    assert found.loss == pytest.approx(-np.log(picked).mean(), rel=1e-6)
    assert found.accuracy == np.mean(chances.argmax(axis=1) == OTHERS.labels)
    names = np.array(committee.classes)
    assert (committee.predict(OTHERS) == names[chances.argmax(axis=1)]).all()
    assert committee.evaluate(OTHERS.images, OTHERS.labels) == found
    assert close(committee.evaluate(OTHERS.images, np.eye(3)[OTHERS.labels]), found, 1e-9)


def test_a_probability_that_rounds_to_nothing_costs_a_finite_amount():
    model = MLP([2, 2])
    sure = {"layers.0.weight": 500.0 * np.eye(2, dtype=np.float32)}
    model.position.state.params.update(sure)
    x, y = np.array([[1.0, -1.0]], np.float32), [1]
    committee = Committee([model])
    assert committee.predict_proba(x)[0, 1] == 0.0
    assert committee.evaluate(x, y).loss == 1000.0


def test_many_rows_are_answered_in_parts(members, monkeypatch):
    committee = Committee(members[:2], 1.3, Views(3))
    whole, measured_whole = committee.predict_proba(OTHERS), committee.evaluate(OTHERS)
    seen = []
    monkeypatch.setattr("clearprop.committee.ROWS", 16)
    answer = MLP.logits
    monkeypatch.setattr(MLP, "logits", lambda self, x: seen.append(len(x)) or answer(self, x))
    np.testing.assert_allclose(committee.predict_proba(OTHERS), whole, rtol=1e-6)
    assert close(committee.evaluate(OTHERS), measured_whole, 1e-6)
    assert set(seen) == {16, 8}


@pytest.mark.parametrize("place", [0, 1, 2])
def test_members_of_one_architecture_share_a_compiled_program(tmp_path, place):
    fitted = learned([], engine="jax")
    path = fitted.save(tmp_path / "model.safetensors")
    models = [load(path, engine="jax") for _ in range(2)]
    models.insert(place, fitted)
    models[0].predict_proba(np.zeros((1, 30)))
    before = jax_engine._logits._cache_size()
    Committee(models).predict_proba(np.zeros((1, 30)))
    assert jax_engine._logits._cache_size() == before


# Temperature.


def test_the_temperature_minimizes_the_loss_on_its_rows(members):
    committee = Committee(members, views=Views(2))
    t = committee.fit_temperature(OTHERS)
    assert committee.temperature == t != 1.0
    best = committee.evaluate(OTHERS).loss
    for factor in (0.97, 1.03):
        assert Committee(members, factor * t, Views(2)).evaluate(OTHERS).loss > best


def test_a_single_network_gets_one_in_the_same_way(members):
    alone = Committee(members[:1])
    t = alone.fit_temperature(OTHERS.images, OTHERS.labels)
    logs = np.log(members[0].predict_proba(OTHERS).astype(float))
    loss, slope = measured(logs[None], np.eye(3)[OTHERS.labels], t)
    assert slope == pytest.approx(0.0, abs=1e-6)
    assert alone.evaluate(OTHERS).loss == pytest.approx(loss, rel=1e-6)
    assert (alone.predict(OTHERS) == members[0].predict(OTHERS)).all()


# What is given.


def test_inputs_are_those_that_the_members_take(members):
    committee = Committee(members[:2])
    whole = committee.predict_proba(OTHERS.images)
    for given in (OTHERS, OTHERS.images.tolist(), OTHERS.images.reshape(40, 30)):
        assert (committee.predict_proba(given) == whole).all()
    np.testing.assert_allclose(committee.predict_proba(OTHERS.images[3])[0], whole[3], rtol=1e-6)
    with pytest.raises(DataError, match="the network takes 30"):
        committee.predict(np.zeros((4, 7)))
    with pytest.raises(DataError, match="row 1 is owl, but the 3 classes are called cat, dog, emu"):
        committee.evaluate(OTHERS.images[:2], ["cat", "owl"])


def test_views_want_pixels(members):
    committee = Committee(members[:1], views=Views(2))
    with pytest.raises(DataError, match="views are of uint8 pictures, and these inputs are float"):
        committee.predict_proba(OTHERS.images / 255.0)


def test_a_member_that_learned_from_floats_keeps_counts_out(members):
    floats = MLP([30, 3])
    floats.fit(ROWS.images / 255.0, ROWS.labels, epochs=1, classes=CLASSES)
    with pytest.raises(DataError, match="learned from floats"):
        Committee([members[0], floats]).predict(OTHERS.images.astype(int))


def other(classes=ROWS.classes, shape=SHAPE, reading="digit", **words):
    """Return a network that differs in one thing."""
    card = MLP([30, 3], **words).card
    inputs = Inputs(shape, reading=reading)
    card = msgspec.structs.replace(card, inputs=inputs, targets=Targets(tuple(classes)))
    return MLP.of(card, MLP([30, 3]).tensors)


WRONG = {
    "none": (lambda m: [], "from 1 to 1,000 models"),
    "one alone": (lambda m: m[0], r"Committee\(\[model\]\)"),
    "a file": (lambda m: [m[0], "a.safetensors"], "member 1 .* not an MLP but 'str': load"),
    "a committee": (lambda m: [Committee(m)], "not an MLP but 'Committee'"),
    "one twice": (lambda m: [m[0], m[1], m[0]], "each of them once"),
    "too many": (lambda m: [other() for _ in range(1001)], "from 1 to 1,000 models"),
    "other classes": (lambda m: [m[0], other(classes=("a", "b", "c"))], "1 .* other classes"),
    "another shape": (lambda m: [m[0], other(shape=(5, 6))], "inputs of another shape"),
    "another reading": (lambda m: [m[0], other(reading="garment")], "another reading"),
    "sigmoids": (
        lambda m: [m[0], other(loss="sigmoid_cross_entropy")],
        "member 1 .* sigmoid outputs for classes; only softmax",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_committee_is_refused(members, name):
    make, says = WRONG[name]
    with pytest.raises(SettingError, match=says):
        Committee(make(members))


@pytest.mark.parametrize("t", [0.0, -1.0, 0.001, 1e9, float("nan"), float("inf"), "hot", None])
def test_a_temperature_out_of_range_is_refused(members, t):
    with pytest.raises(SettingError, match=r"the temperature is .*; it must lie between 0\.01"):
        Committee(members, t)


def test_views_that_do_not_fit_are_refused(members):
    with pytest.raises(SettingError, match=r"give them as Views\(count=8\)"):
        Committee(members, views=8)
    with pytest.raises(SettingError, match="out of sight"):
        Committee(members, views=Views(4, shift=5))
    with pytest.raises(SettingError, match="only pictures have views"):
        Committee([MLP([30, 3])], views=Views(4))


# Files.


def test_a_committee_comes_back_from_its_file(members, tmp_path, engine):
    committee = Committee(members, 1.25, Views(3, shift=0.5))
    path = committee.save(tmp_path / "committee.safetensors", dataset="beasts")
    found = load(path, engine=engine)
    assert isinstance(found, Committee)
    assert (found.temperature, found.views, found.dataset) == (1.25, Views(3, 0.5), "beasts")
    assert (found.classes, found.input_shape) == (ROWS.classes, SHAPE)
    assert found.inputs.reading == "digit"
    np.testing.assert_allclose(
        found.predict_proba(OTHERS), committee.predict_proba(OTHERS), rtol=3e-5
    )
    for one, two in zip(found.members, members, strict=True):
        assert one.epochs == two.epochs == 8
        assert all((one.parameters[n] == value).all() for n, value in two.parameters.items())
        assert all((one.statistics[n] == value).all() for n, value in two.statistics.items())


def test_a_model_file_comes_back_as_a_model(members, tmp_path):
    assert isinstance(load(members[0].save(tmp_path / "model.safetensors")), MLP)


def test_the_dataset_is_what_all_members_say(members, tmp_path):
    paths = [
        member.save(tmp_path / f"{k}.safetensors", dataset=name)
        for k, (member, name) in enumerate(zip(members, ("a", "a", "b"), strict=False))
    ]
    loaded = [load(path) for path in paths]
    assert (Committee(loaded[:2]).dataset, Committee(loaded).dataset) == ("a", "")


def test_a_loaded_member_answers_from_the_arrays_that_were_read(members, tmp_path):
    # Nothing else of its size is made: no copy, no memory of an optimizer.
    found = load(Committee(members).save(tmp_path / "c.safetensors"))
    found.predict_proba(OTHERS)
    found.save(tmp_path / "again.safetensors")
    assert all(member._position is None for member in found.members)
    assert (tmp_path / "again.safetensors").read_bytes() == (
        tmp_path / "c.safetensors"
    ).read_bytes()


def test_a_loaded_member_can_learn_on(members, tmp_path):
    member = load(Committee(members).save(tmp_path / "c.safetensors")).members[1]
    member.fit(ROWS, epochs=1)
    assert member.epochs == 9


def test_summary_and_repr(members):
    committee = Committee(members[:2], 1.25, Views(3))
    assert repr(committee) == "<Committee of 2, temperature 1.25, 3 views>"
    lines = committee.summary().splitlines()
    assert lines[1].split() == ["0", "275", "8", "30-8-3"]
    assert lines[3].split() == ["total", "368", "temperature:", "1.25"]
    assert lines[4] == "views: 3, moved by up to 1 pixels and turned by 5°"
