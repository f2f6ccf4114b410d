"""Pages of a mapped file that are given back, and arrays that are left alone."""

import mmap
from pathlib import Path

import numpy as np
import pytest

from clearprop.engines import make
from clearprop.engines.mapped_file import give_back
from clearprop.network import Rows

BYTES = 4 * 2**20


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "rows"
    path.write_bytes(np.arange(BYTES, dtype=np.uint32).astype(np.uint8).tobytes())
    return path


def mapped(path, access):
    with path.open("r+b") as file:
        return mmap.mmap(file.fileno(), 0, access=access)


def resident(address: int) -> int:
    """Return how many bytes of the map at this address are in this process's memory."""
    lines = iter(Path("/proc/self/smaps").read_text().splitlines())
    for line in lines:
        if line.startswith(f"{address:x}-"):
            return next(int(one.split()[1]) * 1024 for one in lines if one.startswith("Rss:"))
    raise AssertionError("the map is not in the list of maps")


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="counts pages as Linux does")
def test_the_pages_of_a_read_only_map_leave_the_memory_and_come_back(file):
    rows = np.frombuffer(memoryview(mapped(file, mmap.ACCESS_READ)), np.uint8).reshape(-1, 64)
    address, whole = rows.ctypes.data, int(rows.astype(np.int64).sum())
    assert resident(address) == BYTES
    give_back(rows[:, :50])
    assert resident(address) == 0
    assert int(rows.astype(np.int64).sum()) == whole


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="counts pages as Linux does")
def test_rows_on_the_device_are_there_once(file):
    pixels = np.frombuffer(memoryview(mapped(file, mmap.ACCESS_READ)), np.uint8).reshape(-1, 64)
    rows = Rows(pixels, np.zeros(len(pixels), np.int32), None)
    placed = make("jax").place(rows, "float32")
    assert resident(pixels.ctypes.data) == 0
    assert (np.asarray(placed.x) == pixels).all()


def test_a_map_that_takes_changes_keeps_them(file):
    rows = np.frombuffer(mapped(file, mmap.ACCESS_COPY), np.uint8)
    rows[:] = 7
    give_back(rows)
    assert (rows == 7).all()


def test_numpys_own_map_keeps_its_changes(file):
    rows = np.memmap(file, np.uint8, mode="c")
    rows[:] = 7
    give_back(rows)
    assert (rows == 7).all()


@pytest.mark.parametrize("rows", [np.arange(6), np.frombuffer(b"abc", np.uint8)])
def test_other_arrays_are_left_alone(rows):
    before = rows.copy()
    give_back(rows)
    assert (rows == before).all()
