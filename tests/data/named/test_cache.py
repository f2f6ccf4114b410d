import hashlib
import os
import signal
import sys

import numpy as np
import pooch
import pytest

from clearprop.data.named import cache
from clearprop.errors import DataError

RIGHT = hashlib.sha256(b"right").hexdigest()


def test_the_folder_is_the_argument_then_the_variable_then_the_users_cache(tmp_path, monkeypatch):
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path / "variable"))
    assert cache.folder(tmp_path / "argument") == tmp_path / "argument"
    assert cache.folder() == tmp_path / "variable"
    monkeypatch.delenv(cache.FOLDER_VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    assert cache.folder().parts[-2:] == ("clearprop", "datasets")
    if sys.platform == "linux":
        assert cache.folder() == tmp_path / "user" / "clearprop" / "datasets"
    assert cache.folder() == pooch.os_cache("clearprop") / "datasets"


def test_a_tilde_is_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert cache.folder("~/sets") == tmp_path / "sets"


def test_a_cached_file_is_read_back(tmp_path):
    (tmp_path / "file").write_bytes(b"right")
    assert cache.read(tmp_path / "file", 5, RIGHT) == b"right"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"wrong", f"file: its SHA-256 is .*… and should be {RIGHT[:16]}…"),
        (b"longer", "file has 6 bytes and should have 5"),
        (None, "file is not there"),
    ],
)
def test_another_file_is_refused(tmp_path, content, message):
    if content is not None:
        (tmp_path / "file").write_bytes(content)
    with pytest.raises(DataError, match=message):
        cache.read(tmp_path / "file", 5, RIGHT)


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path):
    (tmp_path / "file").mkdir()
    size = (tmp_path / "file").stat().st_size
    with pytest.raises(DataError, match="file cannot be read"):
        cache.read(tmp_path / "file", size, RIGHT)


def mapped(tmp_path):
    return cache.mapped(tmp_path / "file", 5, RIGHT)


@pytest.mark.parametrize("content", [b"wrong", b"longer", b"", None])
def test_another_file_is_not_mapped_either(tmp_path, content):
    if content is not None:
        (tmp_path / "file").write_bytes(content)
    with pytest.raises(DataError, match="file"):
        mapped(tmp_path)
    assert not (tmp_path / ".file.verified").exists()


def test_mapped_memory_is_the_file_and_cannot_be_written_to(tmp_path):
    (tmp_path / "file").write_bytes(b"right")
    data = mapped(tmp_path)
    assert data == b"right"
    assert np.frombuffer(data, np.uint8).tolist() == list(b"right")
    with pytest.raises(ValueError, match="read-only"):
        np.frombuffer(data, np.uint8)[0] = 0
    if sys.platform != "win32":
        (tmp_path / "file").write_bytes(b"other")  # in place: had it been copied, it would stay
        assert data == b"other"


@pytest.mark.skipif(sys.platform == "win32", reason="a mapped file cannot be removed there")
def test_mapped_memory_stays_where_the_file_is_replaced_or_removed(tmp_path):
    (tmp_path / "file").write_bytes(b"right")
    data = mapped(tmp_path)
    (tmp_path / "new").write_bytes(b"other")
    (tmp_path / "new").replace(tmp_path / "file")
    assert data == b"right"
    (tmp_path / "file").unlink()
    assert data == b"right"


def test_a_file_that_was_verified_is_hashed_again_only_after_a_change(tmp_path, monkeypatch):
    hashed = []
    monkeypatch.setattr(cache, "verify", lambda data, *_: hashed.append(bytes(data)))
    (tmp_path / "file").write_bytes(b"right")
    mapped(tmp_path)
    os.utime(tmp_path / ".file.verified", ns=(2**62, 2**62))
    for _ in range(3):
        assert mapped(tmp_path) == b"right"
    assert hashed == [b"right"]
    (tmp_path / "file").write_bytes(b"wrong")
    os.utime(tmp_path / "file", ns=(1, 1))
    mapped(tmp_path)
    assert hashed == [b"right", b"wrong"]


def test_a_folder_that_takes_no_note_or_cannot_be_mapped_serves_all_the_same(tmp_path, monkeypatch):
    def refused(*_, **__):
        raise OSError(19, "No such device")

    (tmp_path / "file").write_bytes(b"right")
    monkeypatch.setattr(cache.stamp, "put", refused)
    assert mapped(tmp_path) == b"right"
    monkeypatch.setattr(cache.mmap, "mmap", refused)
    assert mapped(tmp_path) == b"right"


HOLD = """
import sys
from pathlib import Path
from clearprop.data.named import cache
with cache.locked(Path(sys.argv[1]), lambda text: print(text, flush=True)):
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_waits_and_says_so(start, tmp_path):
    lock = tmp_path / "deep" / "set.lock"
    with cache.locked(lock, pytest.fail):
        second = start(HOLD, lock)
        said = second.stdout.readline()
    assert said.startswith("Waiting for another process")
    assert str(lock) in said
    assert second.stdout.readline() == "locked\n"
    second.communicate()
    assert second.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_the_lock_of_a_killed_process_is_free(start, tmp_path):
    lock = tmp_path / "set.lock"
    holder = start(HOLD, lock)
    assert holder.stdout.readline() == "locked\n"
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with cache.locked(lock, pytest.fail):
        assert lock.exists()


def test_the_lock_is_free_after_an_error(tmp_path):
    lock = tmp_path / "set.lock"
    with pytest.raises(ZeroDivisionError), cache.locked(lock, pytest.fail):
        _ = 1 / 0
    with cache.locked(lock, pytest.fail):
        pass
