import os

import pytest

from clearprop.data.formats import own_file
from clearprop.errors import DataError


def test_a_file_is_read_whole_or_from_its_beginning(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    assert own_file.size_of(path) == 10
    assert own_file.beginning(path, 4) == b"0123"
    assert own_file.beginning(path, 40) == own_file.whole(path) == b"0123456789"


@pytest.mark.parametrize("read", [own_file.size_of, own_file.whole])
def test_what_is_no_file_is_refused_by_name(read, tmp_path):
    with pytest.raises(DataError, match="absent cannot be read: No such file"):
        read(tmp_path / "absent")
    with pytest.raises(DataError, match="is a folder; give a file"):
        read(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="pipe is not a regular file"):
        own_file.beginning(tmp_path / "pipe", 4)


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(tmp_path, memory_of):
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(own_file.LIMIT + 1)

    def refused() -> None:
        with pytest.raises(DataError, match="large is larger than 2,147,483,648 bytes"):
            own_file.whole(path)

    assert memory_of(refused) < 1_000_000


def test_a_file_that_fails_while_it_is_read_is_named(tmp_path):
    with (
        pytest.raises(DataError, match=r"disk/file cannot be read: Input/output error\."),
        own_file.readable(tmp_path / "disk/file"),
    ):
        raise OSError(5, "Input/output error")


def test_the_home_folder_has_its_short_name(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert own_file.located("~/digits.csv") == tmp_path / "digits.csv"
