"""Committee files: what holds for a model file holds for every member."""

import json
import os

import msgspec
import numpy as np
import pytest
import safetensors.numpy
from safetensors import safe_open

from clearprop import MLP, Committee, Views, load
from clearprop.errors import ModelFileError, NewerFormatError
from clearprop.storage import read, read_any, read_checkpoint, write_committee

COMMITTEE = Committee(
    [MLP([6, 4, 3], batch_norm=True, seed=5), MLP([6, 3], precision="float64")], 1.5
)
NAMES = {
    *(f"members.0.layers.0.{name}" for name in ("weight", "gamma", "beta", "mean", "variance")),
    *("members.0.layers.1.weight", "members.0.layers.1.bias"),
    *("members.1.layers.0.weight", "members.1.layers.0.bias"),
}


@pytest.fixture
def path(tmp_path):
    """A good committee file."""
    return COMMITTEE.save(tmp_path / "good.safetensors", dataset="digits")


@pytest.fixture
def forge(path):
    """Return a function that changes a good file's card or tensors and gives the new path."""

    def change(card=None, tensors=None, more=None):
        with safe_open(path, framework="numpy") as file:
            text = json.loads(file.metadata()["clearprop_committee"])
            held = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        (card or (lambda c: None))(text)
        (tensors or (lambda t: None))(held)
        forged = path.with_name("forged.safetensors")
        cards = {"clearprop_committee": json.dumps(text)} | (more or {})
        safetensors.numpy.save_file(held, forged, cards)
        return forged

    return change


def refused(path, says, error=ModelFileError, by=load):
    """Fail unless the file is refused by an error that names it and says this."""
    with pytest.raises(error, match=says) as caught:
        by(path)
    assert os.fspath(path) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_holds_what_it_should_and_anyone_can_read_it(path):
    tensors = safetensors.numpy.load_file(path)
    assert tensors.keys() == NAMES
    for k, member in enumerate(COMMITTEE.members):
        for name, value in (member.parameters | member.statistics).items():
            assert (tensors[f"members.{k}.{name}"] == value).all()
            assert tensors[f"members.{k}.{name}"].dtype == value.dtype
    card, members = read_any(path)
    assert [one.keys() for one in members] == [
        {name.split(".", 2)[2] for name in NAMES if name.startswith(f"members.{k}.")}
        for k in range(2)
    ]
    assert (card.format, card.temperature, card.views) == (2, 1.5, None)
    assert [member.dataset for member in card.members] == ["digits", "digits"]
    assert card.made_with["numpy"] == np.__version__


def test_a_changed_file_that_is_still_good_is_read(forge):
    # So that the refusals below are for what was changed, and not for having been changed.
    assert load(forge(lambda card: card.update(temperature=2))).temperature == 2.0


def test_each_reader_takes_its_own_kind(path, tmp_path):
    refused(path, "not a model file; name another", by=read)
    refused(path, "not a checkpoint; name another", by=read_checkpoint)
    model = COMMITTEE.members[0].save(tmp_path / "model.safetensors")
    card, (tensors,) = read_any(model)
    assert card == read(model)[0]
    assert tensors.keys() == read(model)[1].keys()


def test_a_file_of_two_kinds_is_of_none(forge):
    text = msgspec.json.encode(COMMITTEE.members[0].card).decode()
    for reader in (load, read):
        refused(forge(more={"clearprop": text}), "has 2 cards", by=reader)


CARDS = {
    "no members": (lambda c: c.update(members=[]), "length >= 1"),
    "1,001 members": (lambda c: c.update(members=c["members"] * 501), "length <= 1000"),
    "a member too many": (lambda c: c["members"].append(c["members"][0]), "lacks tensor"),
    "members exchanged": (lambda c: c["members"].reverse(), "lacks tensor|unknown tensor"),
    "unknown in a member": (lambda c: c["members"][1].update(hook=1), "unknown field `hook`"),
    "cold": (lambda c: c.update(temperature=0.0), "the temperature is 0"),
    "too hot": (lambda c: c.update(temperature=101), "the temperature is 101"),
    "no number": (lambda c: c.update(temperature="1"), "float"),
    "views of rows": (lambda c: c.update(views={"count": 2}), "only pictures have views"),
    "no views": (lambda c: c.update(views={"count": 0}), "views are 0"),
    "other classes": (
        lambda c: c["members"][1]["targets"].update(names=["a", "b", "c"]),
        "other classes",
    ),
    "too few classes": (
        lambda c: [m["targets"].update(names=["a", "b"]) for m in c["members"]],
        "a member 0 .* names 2 classes; classes of 3 outputs have 3 names",
    ),
    "other inputs": (lambda c: c["members"][1]["inputs"].update(shape=[2, 3]), "another shape"),
    "another precision": (
        lambda c: c["members"][1]["training"].update(precision="float32"),
        "members.1.layers.0.weight is float64, not float32",
    ),
    "an older member": (lambda c: c["members"][1].update(format=1), "has format 1, .* no longer"),
    "a newer member": (lambda c: c["members"][1].update(format=3), "has format 3, .* upgrade"),
}


@pytest.mark.parametrize("name", CARDS)
def test_a_card_that_does_not_fit_is_refused(forge, name):
    change, says = CARDS[name]
    refused(forge(card=change), says)


def test_a_newer_format_is_refused_as_such(forge):
    refused(forge(lambda c: c.update(format=3, more={})), "format 3, .* upgrade", NewerFormatError)


def test_members_of_too_many_layers_are_refused_before_their_tensors_are_named(forge):
    def change(card):
        deep = card["members"][1]
        deep["network"]["layers"][0:0] = [{"name": "dense", "units": 2, "activation": "relu"}] * 399
        card["members"] = [deep] * 82

    refused(forge(change), "has members of 65,600 tensors or more, beyond 65,536")


TENSORS = {
    "missing": (lambda t: t.pop("members.1.layers.0.bias"), "lacks tensor 'members.1.layers.0.b"),
    "unknown": (
        lambda t: t.update({"layers.0.bias": t["members.1.layers.0.bias"]}),
        "unknown tensor 'layers.0.bias'",
    ),
    "NaN": (
        lambda t: t.update({"members.0.layers.0.beta": np.full(4, np.nan, np.float32)}),
        "members.0.layers.0.beta holds NaN or infinite",
    ),
}


@pytest.mark.parametrize("name", TENSORS)
def test_tensors_that_do_not_fit_are_refused(forge, name):
    change, says = TENSORS[name]
    refused(forge(tensors=change), says)


def test_what_is_not_finite_can_be_looked_into(forge):
    path = forge(tensors=TENSORS["NaN"][0])
    assert np.isnan(load(path, allow_nonfinite=True).members[0].parameters["layers.0.beta"]).all()


def test_what_could_not_be_read_back_is_not_written(tmp_path):
    members = [m.parameters | m.statistics for m in COMMITTEE.members]
    card = COMMITTEE._card()
    members[1]["layers.0.bias"] = np.full(3, np.inf)
    with pytest.raises(ModelFileError, match=r"members\.1\.layers\.0\.bias holds NaN or infinite"):
        write_committee(tmp_path / "bad.safetensors", card, members)
    inputs = msgspec.structs.replace(card.members[1].inputs, reading="garment")
    other = msgspec.structs.replace(card.members[1], inputs=inputs)
    odd = msgspec.structs.replace(card, members=(card.members[0], other))
    with pytest.raises(ModelFileError, match="another reading"):
        write_committee(tmp_path / "bad.safetensors", odd, members)
    assert not any(tmp_path.iterdir())


def test_views_come_back(tmp_path):
    members = [MLP([6, 3], seed=seed) for seed in range(2)]
    for member in members:
        member.fit(np.arange(18, dtype=np.uint8).reshape(3, 2, 3), [0, 1, 2], epochs=1)
    made = Committee(members, views=Views(4, shift=0.25, rotation=3.0))
    assert load(made.save(tmp_path / "c.safetensors")).views == Views(4, 0.25, 3.0)
