"""A data set small enough to make by hand, in every form in which it might arrive."""

import contextlib
import gzip
import hashlib
import struct
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import strategies as st

from clearprop.data.formats import idx
from clearprop.data.named import cache, catalog, sources
from clearprop.data.named.catalog import DatasetInfo, KnownFile
from clearprop.errors import DataError


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch, request):
    """Keep every test away from the user's cache, except those that are about real data."""
    monkeypatch.delenv("CLEARPROP_OFFLINE", raising=False)
    if not request.node.get_closest_marker("data"):
        monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path / "cache"))


@pytest.fixture
def tiny_files() -> dict[str, bytes]:
    """Return six training and three test rows as the four files of a set."""
    rng = np.random.default_rng(0)
    return {
        "train-images-idx3-ubyte": idx.encode(rng.integers(0, 256, (6, 28, 28), np.uint8)),
        "train-labels-idx1-ubyte": idx.encode(np.array([3, 1, 4, 1, 5, 9], np.uint8)),
        "t10k-images-idx3-ubyte": idx.encode(rng.integers(0, 256, (3, 28, 28), np.uint8)),
        "t10k-labels-idx1-ubyte": idx.encode(np.array([2, 6, 5], np.uint8)),
    }


@pytest.fixture
def tiny(tiny_files, monkeypatch) -> DatasetInfo:
    """Put a set called "tiny" with those files into the catalog."""
    known = DatasetInfo(
        name="tiny",
        title="Nine tiny digits",
        classes=tuple("0123456789"),
        train_rows=6,
        test_rows=3,
        image_shape=(28, 28),
        license="none",
        attribution="this test",
        files=tuple(
            KnownFile(name, hashlib.sha256(data).hexdigest(), idx.decode(data).shape)
            for name, data in tiny_files.items()
        ),
        mirrors=("http://first.invalid/", "http://second.invalid/"),
        debian="tiny-package",
    )
    monkeypatch.setattr(catalog, "KNOWN", (known, *catalog.KNOWN))
    return known


@pytest.fixture
def mirror(monkeypatch) -> Callable[[dict[str, bytes]], list[str]]:
    """Return a function that makes given addresses downloadable, and gives the log of requests."""

    def serve(addresses: dict[str, bytes]) -> list[str]:
        log: list[str] = []

        def download(url: str, path: Path, limit: int, *, quiet: bool) -> None:
            log.append(url)
            if url not in addresses:
                raise sources.SourceError("cannot be reached")
            assert len(addresses[url]) <= limit
            path.write_bytes(addresses[url])

        monkeypatch.setattr(sources, "download", download)
        return log

    return serve


@pytest.fixture
def zipped(tiny_files) -> Callable[[str], dict[str, bytes]]:
    """Return a function that gives the tiny files, compressed, by their address on a mirror."""
    return lambda where: {f"{where}{n}.gz": gzip.compress(d) for n, d in tiny_files.items()}


@pytest.fixture(scope="session")
def classic() -> Callable[..., bytes]:
    """Return a writer of Python 2 pickles of pairs of arrays, as the classic file is one."""

    def text(data: bytes) -> bytes:
        return b"T" + struct.pack("<i", len(data)) + data  # BINSTRING

    def number(value: int) -> bytes:
        return b"J" + struct.pack("<i", value)  # BININT

    def dtype(code: str) -> bytes:
        made = b"cnumpy\ndtype\n" + text(code.encode()) + number(0) + number(1) + b"\x87R"
        return made + b"(" + number(3) + text(b"<") + b"NNN" + 2 * number(-1) + number(0) + b"tb"

    def array(values: np.ndarray) -> bytes:
        made = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n"
        made += number(0) + b"\x85" + text(b"b") + b"\x87R"
        shape = b"(" + b"".join(number(size) for size in values.shape) + b"t"
        state = number(1) + shape + dtype(values.dtype.str[1:]) + b"\x89" + text(values.tobytes())
        return made + b"(" + state + b"tb"

    def write(*parts: tuple[np.ndarray, np.ndarray]) -> bytes:
        pairs = b"".join(array(images) + array(labels) + b"\x86" for images, labels in parts)
        return gzip.compress(b"\x80\x02(" + pairs + b"t.")

    return write


@pytest.fixture
def tiny_classic(tiny_files, classic) -> bytes:
    """Return the tiny set as a classic file: four training rows, two more, three test rows."""
    images, labels, test_images, test_labels = (
        idx.decode(data).reshape(len(idx.decode(data)), -1) for data in tiny_files.values()
    )
    pixels = (images / 256).astype(np.float32)
    digits = labels.ravel().astype(np.int64)
    test = ((test_images / 256).astype(np.float32), test_labels.ravel().astype(np.int64))
    return classic((pixels[:4], digits[:4]), (pixels[4:], digits[4:]), test)


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Return a function that runs code in another process, which does not outlive the test."""
    with contextlib.ExitStack() as stack:

        def run(code: str, *arguments: object) -> subprocess.Popen[str]:
            pipe = subprocess.PIPE
            command = [sys.executable, "-c", code, *map(str, arguments)]
            process = stack.enter_context(
                subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
            )
            stack.callback(process.kill)
            # Two processes that wait for each other shall fail a test, not hold it up for good.
            alarm = threading.Timer(60, process.kill)
            alarm.start()
            stack.callback(alarm.cancel)
            return process

        yield run


@pytest.fixture(scope="session")
def damaged() -> Callable[[bytes], st.SearchStrategy[bytes]]:
    """Return a function that gives the ways in which a file's bytes can be damaged."""

    @st.composite
    def damage(draw, whole: bytes) -> bytes:
        data = bytearray(whole)
        for _ in range(draw(st.integers(1, 3))):
            place, kind = (
                draw(st.integers(0, len(data))),
                draw(st.sampled_from(["change", "cut", "insert"])),
            )
            if kind == "change" and place < len(data):
                data[place] = draw(st.integers(0, 255))
            elif kind == "cut":
                del data[place : place + draw(st.sampled_from([1, 2, 8, len(data)]))]
            else:
                data[place:place] = draw(st.binary(min_size=1, max_size=4))
        return bytes(data)

    return damage


@pytest.fixture(scope="session")
def read_or_refuse(tmp_path_factory) -> Callable[..., object]:
    """Return a function that reads bytes as a file: a good result, or one error that names it."""
    path = tmp_path_factory.mktemp("damaged") / "own file"

    def read(reader: Callable[[Path], object], data: bytes) -> object:
        path.write_bytes(data)
        try:
            return reader(path)
        except DataError as error:
            message = str(error)
        assert str(path) in message
        return None

    return read


@pytest.fixture
def memory_of() -> Callable[[Callable[[], object]], int]:
    """Return a function that calls another and tells how much memory that took at its highest."""

    def measure(call: Callable[[], object]) -> int:
        tracemalloc.start()
        try:
            call()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    return measure
