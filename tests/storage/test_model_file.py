"""Model files: whole or not there, and nothing in them is taken on trust."""

import contextlib
import json
import os

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open

from clearprop import MLP, load
from clearprop.errors import ModelFileError
from clearprop.storage import read, write

NORMALIZED = MLP([6, 4, 3], batch_norm=True, seed=5)
NAMES = {
    *("layers.0.weight", "layers.0.gamma", "layers.0.beta", "layers.0.mean", "layers.0.variance"),
    *("layers.1.weight", "layers.1.bias"),
}


@pytest.fixture
def path(tmp_path):
    """A good model file."""
    return NORMALIZED.save(tmp_path / "good.safetensors", dataset="digits")


@pytest.fixture
def forge(path):
    """Return a function that changes a good file's card or tensors and gives the new path."""

    def change(card=None, tensors=None, key="clearprop"):
        with safe_open(path, framework="numpy") as file:
            text = json.loads(file.metadata()["clearprop"])
            held = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        (card or (lambda c: None))(text)
        (tensors or (lambda t: None))(held)
        forged = path.with_name("forged.safetensors")
        safetensors.numpy.save_file(held, forged, {key: json.dumps(text)})
        return forged

    return change


def refused(path, says):
    """Fail unless the file is refused by an error that names it and says this."""
    with pytest.raises(ModelFileError, match=says) as caught:
        load(path)
    assert os.fspath(path) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_holds_what_it_should_and_anyone_can_read_it(path):
    tensors = safetensors.numpy.load_file(path)
    assert tensors.keys() == NAMES
    assert all((tensors[n] == value).all() for n, value in NORMALIZED.parameters.items())
    assert tensors["layers.0.weight"].shape == (6, 4)
    card, held = read(path)
    assert held.keys() == NAMES
    assert (card.format, card.dataset, card.made_with["numpy"]) == (2, "digits", np.__version__)


def test_a_changed_file_that_is_still_good_is_read(forge):
    # So that the refusals below are for what was changed, and not for having been changed.
    assert load(forge(lambda card: card.update(dataset="x"))).dataset == "x"


CARDS = {
    "an unknown key": (lambda c: c.update(run="os.system"), "unknown field `run`"),
    "an unknown key within": (lambda c: c["network"].update(code="x"), "unknown field `code`"),
    "in a layer": (lambda c: c["network"]["layers"][0].update(hook=1), "setting of dense 'hook'"),
    "an older format": (lambda c: c.update(format=1, more={}), "format 1, .* no longer read"),
    "a newer format": (lambda c: c.update(format=3, more={}), "format 3, .* upgrade"),
    "a missing key": (lambda c: c.pop("network"), "network"),
    "a wrong type": (lambda c: c.update(epochs="many"), "epochs"),
    "an unknown activation": (
        lambda c: c["network"]["layers"][0].update(activation="eval"),
        "unknown activation 'eval'",
    ),
    "an unknown optimizer": (
        lambda c: c["training"]["optimizer"].update(name="os.system"),
        "unknown optimizer",
    ),
    "too few classes": (lambda c: c["targets"]["names"].pop(), "2 classes; classes of 3 outputs"),
    "another input": (lambda c: c["inputs"].update(shape=[5, 5]), "inputs of shape"),
    "another size": (lambda c: c["network"]["layers"][0].update(units=5), "has shape"),
    "a huge size": (lambda c: c["network"]["layers"][0].update(units=10**6), "has shape"),
    "no batch norm": (
        lambda c: c["network"]["layers"][0].update(batch_norm=False),
        "layers.0",
    ),
    "another precision": (lambda c: c["training"].update(precision="float64"), "float32"),
    "a list": (lambda c: c.update(network=[1, 2]), "object"),
}


@pytest.mark.parametrize("name", CARDS)
def test_a_card_that_does_not_fit_is_refused(forge, name):
    change, says = CARDS[name]
    refused(forge(card=change), says)


def replaced(name, make):
    """Return a change of one tensor."""
    return lambda tensors: tensors.update({name: make(tensors[name])})


TENSORS = {
    "missing": (lambda t: t.pop("layers.1.bias"), "lacks tensor 'layers.1.bias'"),
    "missing statistics": (lambda t: t.pop("layers.0.mean"), "lacks tensor 'layers.0.mean'"),
    "unknown": (lambda t: t.update(extra=t["layers.1.bias"]), "unknown tensor 'extra'"),
    "turned": (replaced("layers.0.weight", lambda a: a.T.copy()), r"shape \(4, 6\), not \(6, 4\)"),
    "NaN": (replaced("layers.0.weight", lambda a: a * np.nan), "NaN or infinite"),
    "infinite": (replaced("layers.0.variance", lambda a: a / 0 * 1), "NaN or infinite"),
    "integers": (replaced("layers.1.bias", lambda a: a.astype(np.int32)), "layers.1.bias'.*I32"),
    "half precision": (
        replaced("layers.1.bias", lambda a: a.astype(np.float16)),
        "layers.1.bias'.*F16",
    ),
}


@pytest.mark.parametrize("name", TENSORS)
def test_tensors_that_do_not_fit_are_refused(forge, name):
    change, says = TENSORS[name]
    with np.errstate(all="ignore"):
        refused(forge(tensors=change), says)


def test_weights_that_are_not_finite_are_taken_where_they_are_asked_for(forge):
    forged = forge(tensors=replaced("layers.1.bias", lambda a: a * np.nan))
    refused(forged, "holds NaN or infinite values")
    model = load(forged, allow_nonfinite=True)
    assert np.isnan(model.parameters["layers.1.bias"]).all()
    assert np.isnan(model.predict_proba(np.zeros((1, 6)))).all()
    with pytest.raises(ModelFileError, match="NaN or infinite"):
        model.save(forged.with_name("again.safetensors"))


def header(text: bytes, body: bytes = b"") -> bytes:
    """Return a file of this header."""
    return len(text).to_bytes(8, "little") + text + body


BYTES = {
    "empty": (lambda good: b"", "damaged or not a model file"),
    "half": (lambda good: good[: len(good) // 2], "damaged or not a model file"),
    "one byte short": (lambda good: good[:-1], "damaged or not a model file"),
    "one byte long": (lambda good: good + b"\0", "damaged or not a model file"),
    "a text": (lambda good: b"# a recipe, by mistake\n" * 9, "damaged or not a model file"),
    "a pickle": (lambda good: b"\x80\x04\x95" + b"\0" * 99, "damaged or not a model file"),
    "a header of 2^63": (lambda good: b"\xff" * 8 + good[8:], "damaged or not a model file"),
    "bfloat16": (
        lambda good: header(
            b'{"__metadata__":{"clearprop":"{}"},'
            b'"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}',
            b"\0\0",
        ),
        "damaged or not a model file .*BF16",
    ),
    "a deep card": (
        lambda good: header(b'{"__metadata__":{"clearprop":"' + b"[" * 100_000 + b'"}}'),
        "describes itself wrongly",
    ),
    "a card that is no JSON": (
        lambda good: header(b'{"__metadata__":{"clearprop":"import os"}}'),
        "describes itself wrongly",
    ),
}


@pytest.mark.parametrize("name", BYTES)
def test_damaged_and_foreign_files_are_refused(path, name):
    change, says = BYTES[name]
    path.write_bytes(change(path.read_bytes()))
    refused(path, says)


def test_safetensors_that_are_not_ours_are_refused(forge):
    refused(forge(key="format"), "not one that Clearprop wrote")


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path):
    refused(tmp_path / "none.safetensors", "there is no file")
    refused(tmp_path, "is a folder")


def test_a_huge_file_is_refused_before_it_is_read(path, monkeypatch):
    monkeypatch.setattr("clearprop.storage.tensor_file.LARGEST_FILE", 100)
    refused(path, "bytes")


@given(st.data())
def test_a_flipped_byte_never_raises_anything_else(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("flipped")
    path = NORMALIZED.save(folder / "m.safetensors")
    good = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(good) - 1))
    good[at] = data.draw(st.integers(0, 255))
    path.write_bytes(good)
    with contextlib.suppress(ModelFileError):
        load(path)


# Writing.


def test_a_file_is_replaced_whole_or_stays_as_it_was(path, monkeypatch):
    before = path.read_bytes()

    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    for name in ("replace", "fsync"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, fail)
            patch.setattr("pathlib.Path.replace", fail)
            with pytest.raises(ModelFileError, match="No space left"):
                MLP([6, 4, 3]).save(path)
        assert path.read_bytes() == before
        assert [p.name for p in path.parent.iterdir()] == [path.name]
    MLP([6, 4, 3]).save(path)
    assert path.read_bytes() != before
    assert load(path).parameters.keys() == MLP([6, 4, 3]).parameters.keys()


def test_a_reader_during_the_writing_sees_the_old_file(path, monkeypatch):
    seen, fsync = [], os.fsync

    def look(descriptor):
        seen.append(load(path).network)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", look)
    MLP([6, 4, 3]).save(path)
    assert seen[0] == NORMALIZED.network


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_stays_empty(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(ModelFileError, match="Permission denied"):
            NORMALIZED.save(tmp_path / "m.safetensors")
        assert not list(tmp_path.iterdir())
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("name", ["taken/m.safetensors", "folder"])
def test_where_nothing_can_be_written_it_is_reported(tmp_path, name):
    (tmp_path / "taken").write_text("a file")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ModelFileError, match="cannot be written"):
        NORMALIZED.save(tmp_path / name)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "taken"]


def test_missing_folders_are_made(tmp_path):
    assert load(NORMALIZED.save(tmp_path / "a" / "b" / "m.safetensors")).epochs == 0


def test_what_could_not_be_read_is_not_written(tmp_path):
    with pytest.raises(ModelFileError, match="dataset"):
        NORMALIZED.save(tmp_path / "m.safetensors", dataset=5)
    assert not list(tmp_path.iterdir())


def test_a_metric_that_is_not_finite_is_left_out_of_the_file(tmp_path):
    model = MLP([2, 1], task="values")
    x, y = np.arange(8.0, dtype=np.float32).reshape(4, 2), [0.5, 1.5, 2.5, 4.0]
    # Squares of such targets are beyond every number.
    model.fit(x, y, epochs=1, validation_data=(x, [1e300, -1e300, 1e307, 0.5]))
    assert not np.isfinite(model.metrics["rmse"])
    assert model.metrics.keys() == {"loss", "r2", "rmse", "mae"}
    kept = load(model.save(tmp_path / "m.safetensors")).metrics
    assert kept == {"mae": model.metrics["mae"]}


def test_arrays_of_any_layout_are_written_as_they_read(path):
    card, tensors = read(path)
    turned = {name: np.asfortranarray(value) for name, value in tensors.items()}
    again = write(path.with_name("turned.safetensors"), card, turned)
    assert again.read_bytes() == path.read_bytes()
