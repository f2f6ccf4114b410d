"""Checkpoints: everything that a training needs, and nothing in them is taken on trust."""

import contextlib
import json
import math

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open

from clearprop import MLP, Callback, load
from clearprop.errors import ModelFileError, SettingError
from clearprop.maths.optimizers import OPTIMIZERS
from clearprop.network import initial_state, program
from clearprop.storage import Checkpoint, read_checkpoint, tensor_file, write_checkpoint
from clearprop.storage.checkpoint import KIND
from clearprop.training import Position

pytestmark = pytest.mark.usefixtures("unchecked_shapes")

X = np.random.default_rng(0).normal(size=(40, 6))
Y = X[:, :3].argmax(axis=1)
EVERYTHING = {"batch_norm": True, "moving_average": 0.9, "dropout": 0.2, "l2": 1e-3}


class Keep(Callback):
    """Takes a checkpoint after every epoch."""

    def after_epoch(self, fit):
        epochs = fit.position.epochs + fit.epoch
        self.made = Checkpoint(
            fit.network, fit.training, fit.inputs, fit.targets, fit.fetch(), fit.steps, epochs,
            {"loss": fit.history.loss},
        )  # fmt: skip


def learned(epochs=2, **words):
    """Return a network that has learned, and the checkpoint of its last epoch."""
    model, keep = MLP([6, 4, 3], **words), Keep()
    model.fit(X, Y, epochs=epochs, batch_size=16, callbacks=[keep])
    return model, keep.made


ADAM = learned(batch_norm=True, moving_average=0.9)[1]


@pytest.fixture
def path(tmp_path):
    """A good checkpoint."""
    return write_checkpoint(tmp_path / "good.safetensors", ADAM)


@pytest.fixture
def forge(path):
    """Return a function that changes a good file's card or tensors and gives the new path."""

    def change(card=None, tensors=None):
        with safe_open(path, framework="numpy") as file:
            text = json.loads(file.metadata()["clearprop_checkpoint"])
            held = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        (card or (lambda c: None))(text)
        (tensors or (lambda t: None))(held)
        forged = path.with_name("forged.safetensors")
        safetensors.numpy.save_file(held, forged, {"clearprop_checkpoint": json.dumps(text)})
        return forged

    return change


def refused(path, says, read=read_checkpoint):
    """Fail unless the file is refused by an error that names it and says this."""
    with pytest.raises(ModelFileError, match=says) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def same(one: Checkpoint, other: Checkpoint) -> bool:
    """Return whether two checkpoints are alike to the last bit."""
    parts = zip(one.state, other.state, strict=True)
    return one._replace(state=0) == other._replace(state=0) and all(
        a.keys() == b.keys() and all(a[n].tobytes() == b[n].tobytes() for n in a) for a, b in parts
    )


def test_anyone_can_read_its_tensors(path):
    tensors = safetensors.numpy.load_file(path)
    parts = {"params", "stats", "slots", "average"}
    assert {name.partition("/")[0] for name in tensors} == parts
    assert tensors["slots/layers.0.weight/mean"].shape == (6, 4)
    wanted = ADAM.state.slots["layers.0.weight/mean"]
    assert wanted.any()
    assert (tensors["slots/layers.0.weight/mean"] == wanted).all()


def test_what_is_read_is_what_was_written(path):
    found = read_checkpoint(path)
    assert (found.steps, found.epochs, len(found.series["loss"])) == (6, 2, 2)
    assert same(found, ADAM)


@given(st.dictionaries(st.text(), st.lists(st.floats(allow_nan=False, allow_infinity=False))))
def test_any_series_of_numbers_comes_back_exactly(tmp_path_factory, series):
    path = tmp_path_factory.mktemp("series") / "c.safetensors"
    write_checkpoint(path, ADAM._replace(series=series))
    assert read_checkpoint(path).series == series


@pytest.mark.parametrize("words", [{}, EVERYTHING])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_tensors_are_those_of_an_initial_state(name, words):
    model = MLP([6, 4, 3], optimizer=name, **words)
    state = initial_state(
        np, program(model.network, model.settings), model.parameters, model.statistics
    )
    names = {
        f"{part}/{n}": a.shape for part, own in state._asdict().items() for n, a in own.items()
    }
    card = model.card
    made = Checkpoint(card.network, card.training, card.inputs, card.targets, state, 0, 0, {})
    assert KIND.shapes(made) == names


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("words", [{}, EVERYTHING])
def test_a_training_goes_on_from_it_exactly(tmp_path, optimizer, words):
    words = words | {"optimizer": optimizer, "learning_rate": 0.01}
    _, whole = learned(5, **words)
    _, part = learned(3, **words)
    found = read_checkpoint(write_checkpoint(tmp_path / "c.safetensors", part))
    model, keep = MLP([6, 4, 3], **words), Keep()
    model.resume(Position(found.state, found.steps, found.epochs))
    assert model.epochs == 3
    model.fit(X, Y, epochs=2, batch_size=16, callbacks=[keep])
    assert same(
        keep.made._replace(series={}, training=None), whole._replace(series={}, training=None)
    )


@pytest.mark.parametrize(
    "words",
    [{"optimizer": "sgd"}, {"batch_norm": True}, {"precision": "float64"}, {"layers": [6, 3]}],
)
def test_the_state_of_another_network_is_not_taken_up(words):
    model = MLP(**({"layers": [6, 4, 3]} | words))
    before = model.parameters
    with pytest.raises(SettingError, match="another network, optimizer or precision"):
        model.resume(Position(learned()[1].state, 6, 2))
    assert model.epochs == 0
    assert all((value == before[name]).all() for name, value in model.parameters.items())


CARDS = {
    "an unknown key": (lambda c: c.update(run="os.system"), "unknown field `run`"),
    "a newer format": (lambda c: c.update(format=3, more={}), "format 3, .* upgrade"),
    "a missing key": (lambda c: c.pop("steps"), "steps"),
    "negative epochs": (lambda c: c.update(epochs=-1), "epochs"),
    "huge steps": (lambda c: c.update(steps=2**60), "steps"),
    "more epochs than steps": (lambda c: c.update(epochs=7), "7 epochs in 6 steps"),
    "a series of words": (lambda c: c["series"].update(loss=["low"]), "series"),
    "a series with a gap": (lambda c: c["series"].update(loss=[None]), "series"),
    "another optimizer": (
        lambda c: c["training"]["optimizer"].update(name="momentum"),
        "unknown tensor 'slots/layers.0.beta/mean'",
    ),
    "no moving average": (
        lambda c: c["training"].update(moving_average=0.0),
        "unknown tensor 'average/",
    ),
    "another size": (lambda c: c["network"]["layers"][0].update(units=5), "has shape"),
    "another precision": (lambda c: c["training"].update(precision="float64"), "float32"),
}


@pytest.mark.parametrize("name", CARDS)
def test_a_card_that_does_not_fit_is_refused(forge, name):
    change, says = CARDS[name]
    refused(forge(card=change), says)


def test_a_huge_network_is_refused_without_taking_its_memory(forge):
    # Two layers of a million units are 4 TB: any allocation for them would fail.
    refused(forge(card=lambda c: c["network"]["layers"][0].update(units=10**6)), "has shape")


def replaced(name, make):
    """Return a change of one tensor."""
    return lambda tensors: tensors.update({name: make(tensors[name])})


MEAN = "slots/layers.0.weight/mean"
TENSORS = {
    "missing": (lambda t: t.pop(MEAN), f"lacks tensor '{MEAN}'"),
    "unknown": (lambda t: t.update(run=t[MEAN]), "unknown tensor 'run'"),
    "unknown part": (lambda t: t.update({"more/x": t[MEAN]}), "unknown tensor 'more/x'"),
    "turned": (replaced(MEAN, lambda a: a.T.copy()), r"shape \(4, 6\), not \(6, 4\)"),
    "NaN": (replaced(MEAN, lambda a: a * np.nan), "NaN or infinite"),
    "an infinite average": (
        replaced("average/layers.0.mean", lambda a: a + math.inf),
        "NaN or infinite",
    ),
    "double": (replaced(MEAN, lambda a: a.astype(np.float64)), "float64, not float32"),
}


@pytest.mark.parametrize("name", TENSORS)
def test_tensors_that_do_not_fit_are_refused(forge, name):
    change, says = TENSORS[name]
    refused(forge(tensors=change), says)


def test_the_card_is_judged_before_any_tensor_is_read(forge, path, monkeypatch):
    def touched(*_):
        pytest.fail("a tensor was read")

    model = MLP([6, 4, 3]).save(path.with_name("model.safetensors"))
    forged = forge(card=lambda c: c["network"]["layers"][0].update(units=5))
    monkeypatch.setattr(tensor_file, "_tensor", touched)
    refused(forged, "has shape")
    refused(model, "not a checkpoint; name another")
    refused(path, "not a model file or committee; name another", load)
    with pytest.raises(pytest.fail.Exception, match="a tensor was read"):
        load(model)


def test_figures_that_json_has_no_numbers_for_come_back(tmp_path):
    figures = [math.inf, 0.1, -math.inf, math.nan, 5e-324]
    path = write_checkpoint(tmp_path / "c.safetensors", ADAM._replace(series={"loss": figures}))
    assert repr(read_checkpoint(path).series["loss"]) == repr(figures)


def test_what_could_not_be_read_is_not_written(tmp_path):
    broken = {"layers.0.weight": np.full((6, 4), np.nan, np.float32)}
    bad = {
        "steps": ADAM._replace(steps=-1),
        "NaN": ADAM._replace(state=ADAM.state._replace(params=ADAM.state.params | broken)),
        "lacks tensor": ADAM._replace(state=ADAM.state._replace(slots={})),
    }
    for says, checkpoint in bad.items():
        with pytest.raises(ModelFileError, match=says):
            write_checkpoint(tmp_path / "c.safetensors", checkpoint)
    assert list(tmp_path.iterdir()) == []


@given(st.data())
def test_a_changed_byte_never_raises_anything_else(tmp_path_factory, data):
    path = write_checkpoint(tmp_path_factory.mktemp("flipped") / "c.safetensors", ADAM)
    good = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(good) - 1))
    good[at] = data.draw(st.integers(0, 255))
    path.write_bytes(good)
    with contextlib.suppress(ModelFileError):
        read_checkpoint(path)
