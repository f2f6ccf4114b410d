import os
import subprocess
import sys

import numpy as np
import pytest

from clearprop import data
from clearprop.data import datasets
from clearprop.data.named import digits, stamp
from clearprop.errors import DatasetUnavailableError, MissingExtraError, SettingError

FIRST = "http://first.invalid/"


def test_a_named_set_is_loaded_with_its_official_parts(tiny, mirror, zipped):
    mirror(zipped(FIRST))
    dataset = data.load("tiny")
    assert dataset.name == "tiny"
    assert dataset.train.images.shape == (6, 28, 28)
    assert dataset.train.images.dtype == np.uint8
    assert dataset.train.labels.tolist() == [3, 1, 4, 1, 5, 9]
    assert dataset.train.labels.dtype == np.int32
    assert dataset.test.labels.tolist() == [2, 6, 5]
    assert len(dataset.test) == 3
    assert dataset.train.classes == dataset.test.classes == tuple("0123456789")


def test_loaded_arrays_are_read_only(tiny, mirror, zipped):
    mirror(zipped(FIRST))
    for name in ("tiny", "digits"):
        dataset = data.load(name)
        for part in (dataset.train, dataset.test):
            for values in (part.images, part.labels):
                assert not values.flags.writeable


def test_an_unknown_name_is_a_setting_error():
    for function in (data.load, data.get, data.check):
        with pytest.raises(SettingError, match="Did you mean 'mnist'"):
            function("mnits")


@pytest.mark.parametrize("word", ["1", "true", "yes"])
def test_the_variable_turns_the_network_off(tiny, mirror, zipped, monkeypatch, word):
    log = mirror(zipped(FIRST))
    monkeypatch.setenv(datasets.OFFLINE_VARIABLE, word)
    with pytest.raises(DatasetUnavailableError, match="the network is off"):
        data.load("tiny")
    assert log == []
    assert len(data.load("tiny", offline=False).train) == 6


@pytest.mark.parametrize("word", ["", "0", "false", "No"])
def test_the_variable_can_say_no(tiny, mirror, zipped, monkeypatch, word):
    mirror(zipped(FIRST))
    monkeypatch.setenv(datasets.OFFLINE_VARIABLE, word)
    assert len(data.load("tiny").train) == 6
    with pytest.raises(DatasetUnavailableError):
        data.load("tiny", offline=True, data_dir="/nonexistent")


def test_data_dir_wins_over_the_variable(tiny, mirror, zipped, tmp_path):
    mirror(zipped(FIRST))
    where = data.get("tiny", data_dir=tmp_path / "mine").location
    assert where == str(tmp_path / "mine" / "tiny")
    assert (tmp_path / "mine" / "tiny" / "train-images-idx3-ubyte").exists()
    assert not (tmp_path / "cache").exists()


def test_descriptions_say_what_is_here_and_whose_it_is(tiny, mirror, zipped):
    mirror(zipped(FIRST))
    assert data.names() == ("tiny", "mnist", "fashion-mnist", "digits")
    before = {record.name: record for record in data.describe()}
    assert not before["tiny"].cached
    assert not before["mnist"].cached
    assert before["digits"].cached
    assert before["mnist"].license == "CC BY-SA 3.0"
    assert "LeCun" in before["mnist"].attribution
    assert before["fashion-mnist"].license == "MIT"
    assert "Zalando" in before["fashion-mnist"].attribution
    assert data.get("tiny").cached
    assert data.describe()[0].cached


def test_check_looks_at_every_file(tiny, mirror, zipped, tmp_path):
    assert [(one.present, one.correct) for one in data.check("tiny")] == [(False, False)] * 4
    mirror(zipped(FIRST))
    data.get("tiny")
    assert [(one.present, one.correct, one.fault) for one in data.check("tiny")] == [
        (True, True, "")
    ] * 4
    path = tmp_path / "cache" / "tiny" / "t10k-labels-idx1-ubyte"
    path.write_bytes(path.read_bytes()[:-1] + b"\7")
    last = data.check("tiny")[-1]
    assert (last.file, last.path) == (path.name, str(path))
    assert (last.present, last.correct) == (True, False)
    assert "its SHA-256 is" in last.fault


@pytest.mark.skipif(sys.platform == "win32", reason="a mapped file cannot be written to there")
def test_the_images_are_the_cached_files_own_memory(tiny, mirror, zipped, tmp_path):
    mirror(zipped(FIRST))
    data.get("tiny")
    images = data.load("tiny").train.images
    path = tmp_path / "cache" / "tiny" / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1] + bytes([images[-1, -1, -1] ^ 1]))
    assert images[-1, -1, -1] == path.read_bytes()[-1]


def test_what_only_a_full_check_finds_is_found_by_check_and_mended_by_get(
    tiny, mirror, zipped, tmp_path
):
    mirror(zipped(FIRST))
    data.get("tiny")
    path = tmp_path / "cache" / "tiny" / "t10k-labels-idx1-ubyte"
    path.write_bytes(path.read_bytes()[:-1] + b"\7")
    # As if the disk had forgotten a byte, without anything having written to the file.
    stamp.put(path, path.stat(), tiny.files[-1].sha256)
    os.utime(path.with_name(f".{path.name}.verified"), ns=(2**62, 2**62))
    assert data.load("tiny", offline=True).test.labels.tolist() == [2, 6, 7]
    assert [one.correct for one in data.check("tiny")] == [True, True, True, False]
    data.get("tiny")
    assert data.load("tiny", offline=True).test.labels.tolist() == [2, 6, 5]
    assert all(one.correct for one in data.check("tiny"))


def test_digits_are_divided_where_they_always_were():
    dataset = data.load("digits")
    assert dataset.train.images.shape == (1437, 8, 8)
    assert dataset.test.images.shape == (360, 8, 8)
    assert dataset.train.labels[:10].tolist() == list(range(10))
    assert [(one.present, one.correct) for one in data.check("digits")] == [(True, True)]


def test_digits_rescale_by_the_documented_rule():
    from sklearn.datasets import load_digits

    images, labels = digits.arrays()
    original = load_digits()
    assert (np.rint(original.images * 255 / 16 + 1e-9) == images).all()
    assert ((images.astype(int) * 16 + 127) // 255 == original.images).all()
    assert (labels == original.target).all()
    assert (images.min(), images.max()) == (0, 255)


def test_other_digits_are_noticed(monkeypatch):
    monkeypatch.setattr(digits, "SHA256", "0" * 64)
    (record,) = data.check("digits")
    assert (record.present, record.correct) == (True, False)
    assert "1,797" in record.fault


def test_without_scikit_learn_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'clearprop\[sklearn\]'"):
        data.load("digits")
    (record,) = data.check("digits")
    assert (record.present, record.correct) == (False, False)


def test_the_public_names_are_sorted_and_there():
    for module in (data, datasets):
        assert list(module.__all__) == sorted(module.__all__)
        for name in module.__all__:
            assert getattr(module, name).__doc__


HEAVY = """
import sys, clearprop.data
print(*{"pooch", "rich", "sklearn", "requests"} & set(sys.modules))
"""


def test_importing_the_room_imports_nothing_heavy():
    for before, loaded in (("", "\n"), ("import pooch", "pooch")):
        command = [sys.executable, "-c", before + HEAVY]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert loaded in done.stdout
        assert before or done.stdout == "\n"
