import gzip
import io
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from clearprop import data
from clearprop.data.formats import recognition
from clearprop.errors import DataError, SettingError

CSV = b"label,pixel0\n0,1\n1,2\n"


@pytest.fixture
def every_format(tmp_path, tiny_files, tiny_classic):
    """Write one file or folder of each format, under names that tell nothing."""
    for name, content in tiny_files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "p").write_bytes(tiny_classic)
    (tmp_path / "c").write_bytes(CSV)
    (tmp_path / "n").write_bytes(saved(np.savez, x_train=np.zeros((2, 3)), y_train=[0, 1]))
    for name in "ab":
        (tmp_path / "f" / name).mkdir(parents=True)
        Image.new("L", (4, 4)).save(tmp_path / "f" / name / "1.png")
    return {"p": 6, "c": 2, "n": 2, "f": 2, "train-images-idx3-ubyte": 6}


@pytest.mark.parametrize("ending", ["", ".csv", ".npz", ".gz", ".png"])
def test_the_content_decides_and_not_the_ending(every_format, tmp_path, ending):
    for name, rows in every_format.items():
        if not (name.startswith("train") and ending):
            path = (tmp_path / name).rename(tmp_path / (name + ending))
            dataset = data.load(str(path))
            assert len(dataset.train) == rows
            assert dataset.name == (path.name if name == "f" else name)


def test_a_known_name_wins_over_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("digits").write_bytes(CSV)
    assert len(data.load("digits").train) == 1437
    for path in ("./digits", Path("digits"), str(tmp_path / "digits")):
        assert len(data.load(path).train) == 2


@pytest.mark.parametrize("name", ["mnits", "MNITS", "", "nonsense", 7, None, "x" * 300, "a\0b"])
def test_a_word_that_is_neither_set_nor_file_is_a_setting_error(name):
    with pytest.raises(SettingError, match="There is no data set, file or folder called") as error:
        data.load(name)
    assert "The known ones are: mnist, fashion-mnist, digits." in str(error.value)
    assert ("Did you mean 'mnist'?" in str(error.value)) == (str(name).lower() == "mnits")


@pytest.mark.parametrize("name", ["train.csv", "a/b", "./mnist", Path("mnist"), "~/nothing here"])
def test_a_path_that_leads_nowhere_is_reported(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(DataError, match=r"There is no file or folder '.*'; check the path"):
        data.load(name)


def test_recognition_knows_no_name_of_a_set():
    for name in ("mnist", "nonsense", "a\0b", "~nobody-of-this-name/rows"):
        with pytest.raises(DataError, match="There is no file or folder"):
            recognition.load(name)


def test_a_home_of_nobody_is_not_there():
    with pytest.raises(DataError, match=r"no file or folder '~nobody-of-this-name.rows\.csv'"):
        data.load("~nobody-of-this-name/rows.csv")


def test_get_and_check_are_for_named_sets_only(tmp_path):
    (tmp_path / "own.csv").write_bytes(CSV)
    for function in (data.get, data.check):
        with pytest.raises(SettingError, match="There is no data set called"):
            function(str(tmp_path / "own.csv"))
        with pytest.raises(SettingError, match="There is no data set called"):
            function("absent.csv")


def saved(save, *arrays, **named) -> bytes:
    buffer = io.BytesIO()
    save(buffer, *arrays, **named)
    return buffer.getvalue()


def zipped(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("train.csv", CSV)


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: path.write_bytes(b""), "own is empty; data are IDX files"),
        (lambda path: path.write_text("hello"), "own is no data file that is recognized; data"),
        (lambda path: path.write_bytes(bytes(99)), "own is no data file that is recognized"),
        (lambda path: path.write_bytes(b"\0\1,\2"), "own is no data file that is recognized"),
        (lambda path: path.write_text("label,1\n0,1\n", "utf-16"), "own is text in UTF-16"),
        (lambda path: path.write_text("label;1\n0;1\n"), "own, line 1: .* has no comma"),
        (lambda path: path.write_text("label\t1\n0\t1\n"), "own, line 1: .* has no comma"),
        (lambda path: path.write_bytes(gzip.compress(CSV)), "own is compressed, and neither IDX"),
        (lambda path: path.write_bytes(b"\x1f\x8b\x08"), "own is compressed, and neither IDX"),
        (lambda path: path.write_bytes(b"\x1f\x8bxxxxxx"), "own: the gzip compression is damaged"),
        (lambda path: Image.new("L", (2, 2)).save(path, "PNG"), "own is a single picture"),
        (lambda path: Image.new("L", (2, 2)).save(path, "JPEG"), "own is a single picture"),
        (lambda path: path.write_bytes(saved(np.save, np.zeros(3))), "own is a single NumPy array"),
        (zipped, r"own has no array x_train; it holds train\.csv"),
        (lambda path: path.write_bytes(pickle.dumps({}, 2)), "own: byte 2: the instruction EMPTY"),
        (lambda path: path.write_bytes(pickle.dumps({}, 0)), "own is no data file"),
        (lambda path: path.write_bytes(b"\0\0\x0d\1\0\0\0\0"), "own, byte 2: .* 32-bit floats"),
    ],
)
def test_a_file_that_is_not_recognized_is_reported_what_would_be(tmp_path, write, message):
    write(tmp_path / "own")
    with pytest.raises(DataError, match=message):
        data.load(tmp_path / "own")


def test_a_folder_of_loose_files_is_reported_to_name_one(tmp_path):
    (tmp_path / "train.csv").write_bytes(CSV)
    with pytest.raises(
        DataError, match=r"such as train\.csv, and no sub-folders; .* by its own name"
    ):
        data.load(tmp_path)


def test_an_empty_folder_has_no_classes(tmp_path):
    (tmp_path / "own").mkdir()
    with pytest.raises(DataError, match="own has no sub-folder; make a sub-folder for each"):
        data.load(tmp_path / "own")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="pipe is not a regular file"):
        data.load(tmp_path / "pipe")
    with pytest.raises(DataError, match="pipe is next to the folders of classes"):
        data.load(tmp_path)


@given(st.binary(max_size=200), st.sampled_from([b"", b"\0\0\x08", b"PK\3\4", b"\x80\2", b"1,2"]))
def test_noise_is_refused_by_name(read_or_refuse, noise, start):
    for content in (start + noise, gzip.compress(start + noise, mtime=0)):
        result = read_or_refuse(recognition.load, content)
        assert result is None or len(result.train)


@given(st.data())
def test_damaged_files_of_every_format_are_refused_by_name(damaged, read_or_refuse, data):
    npz = saved(np.savez, x_train=np.zeros((2, 3)), y_train=[0, 1])
    whole = data.draw(st.sampled_from([CSV, gzip.compress(CSV, mtime=0), npz]))
    result = read_or_refuse(recognition.load, data.draw(damaged(whole)))
    assert result is None or len(result.train)
