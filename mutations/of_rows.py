"""Formats of rows: whatever `--data PATH` reads."""

import gzip
import io
import pickle
import pickletools
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from clearprop.data import Dataset, Split, datasets
from clearprop.data.formats import idx
from clearprop.data.named import cache
from clearprop.tasks import TASKS
from mutations.blind import as_bytes
from mutations.parts import Part, gzipped, member, member_names, npy_header, whole, within
from mutations.specimen import Specimen
from mutations.structured import as_instructions, as_lines, as_tokens

_RNG = np.random.default_rng(0)
_IMAGES = _RNG.integers(0, 256, (6, 4, 4), np.uint8)
_LABELS = np.array([0, 1, 2, 0, 1, 2], np.uint8)
_YES = np.array([[0, 1], [1, 1], [0, 0], [1, 1], [1, 0], [0, 0]], np.uint8)
_VALUES = np.array([[0.5, -1e3], [2.25, 7.0], [-3.0, 8e2], [0.0, 1.5], [1.0, 2.0], [9.5, -0.1]])
_IDX = {
    "train-images-idx3-ubyte": idx.encode(_IMAGES),
    "train-labels-idx1-ubyte": idx.encode(_LABELS),
    "t10k-images-idx3-ubyte": idx.encode(_IMAGES[:3]),
    "t10k-labels-idx1-ubyte": idx.encode(_LABELS[:3]),
}


def specimens() -> list[Specimen]:
    """Return the specimens of this module."""
    first, second, *_ = _IDX
    text = whole(as_tokens, as_lines, as_bytes)
    packed = {f"{name}.gz": gzip.compress(data, mtime=0) for name, data in _IDX.items()}
    return [
        _rows("IDX images", dict(list(_IDX.items())[:2]), first, first, whole()),
        _rows("IDX labels", dict(list(_IDX.items())[:2]), second, first, whole()),
        _rows("IDX, a folder of four", _IDX, first, "", whole()),
        _rows("IDX, gzip", packed, f"{first}.gz", f"{first}.gz", whole(), gzipped()),
        _rows("npz, stored", *_archive(np.savez), *_members()),
        _rows("npz, deflated", *_archive(np.savez_compressed), *_members()),
        _rows("npz of floats", *_archive(np.savez, np.float32), *_members()),
        _rows("npz of labels", *_archive(np.savez, labels=_YES), *_members()),
        _rows("npz of values", *_archive(np.savez, np.float64, _VALUES), *_members()),
        _rows("CSV", {"own.csv": table()}, "own.csv", "own.csv", text),
        _pickle("pickle, as Python 2 wrote it", 3, as_python_2),
        _pickle("pickle, as Python 3 writes it", 4),
        _cached(),
    ]  # fmt: skip


def check_set(found: Dataset) -> None:
    """Raise AssertionError where a set is not one that can be learned from."""
    assert isinstance(found, Dataset)
    for split in (found.train, found.test):
        if split is not None:
            _check_split(split)
    if found.test is not None:
        assert found.test.classes == found.train.classes
        assert found.test.task == found.train.task
        assert found.test.images.shape[1:] == found.train.images.shape[1:]


def _check_split(split: Split) -> None:
    assert len(split.images) == len(split.labels) > 0
    assert split.images.dtype == np.uint8 or np.isfinite(split.images).all()
    if split.task == "classes":
        assert 0 <= split.labels.min() <= split.labels.max() < len(split.classes)
        return
    assert len(TASKS[split.task].unnamed(split.labels.shape[1]).names) == len(split.classes)
    assert TASKS[split.task].accepted(split.labels).all()


def _rows(name: str, files: dict[str, bytes], changed: str, opened: str, *parts: Part) -> Specimen:
    return Specimen(name, files, changed, opened, datasets.load, check_set, parts)


def _archive(
    save, kind: type = np.uint8, labels: np.ndarray = _LABELS
) -> tuple[dict[str, bytes], str, str]:
    buffer = io.BytesIO()
    images = _IMAGES.astype(kind)
    save(buffer, x_train=images, y_train=labels, x_test=images[:3], y_test=labels[:3])
    return {"own.npz": buffer.getvalue()}, "own.npz", "own.npz"


def _members() -> tuple[Part, ...]:
    images, labels = member("x_train.npy", as_bytes), member("y_train.npy", as_bytes)
    header = npy_header(as_tokens, as_bytes)
    return whole(), member_names(), images, labels, within(images, header), within(labels, header)


def of_values() -> bytes:
    """Return an archive of four features and two real numbers a row."""
    buffer = io.BytesIO()
    np.savez(buffer, x_train=np.linspace(1.0, 6.0, 24).reshape(6, 4), y_train=_VALUES)
    return buffer.getvalue()


def table() -> bytes:
    """Return six rows as a CSV table."""
    rows = np.column_stack([_LABELS, _IMAGES.reshape(6, 16)])
    lines = [",".join(["label", *(f"pixel{i}" for i in range(16))])]
    return "\n".join([*lines, *(",".join(map(str, row)) for row in rows.tolist()), ""]).encode()


def as_python_2(program: bytes) -> bytes:
    """Return a pickle of protocol 3 as Python 2 wrote them: bytes were texts, and framed alike."""
    texts = {"BINBYTES": b"T", "SHORT_BINBYTES": b"U"}
    changed = bytearray(program)
    for instruction, _, place in pickletools.genops(program):
        if instruction.name in texts:
            changed[place : place + 1] = texts[instruction.name]
    return b"\x80\x02" + bytes(changed[2:])


def _pickle(name: str, protocol: int, change: Callable[[bytes], bytes] = bytes) -> Specimen:
    def part(rows: int) -> tuple[np.ndarray, np.ndarray]:
        images = (_RNG.integers(0, 256, (rows, 784)) / 256).astype(np.float32)
        return images, np.arange(rows, dtype=np.int64)

    program = change(pickle.dumps((part(2), part(1), part(1)), protocol))
    file, parts = "own.pkl.gz", (whole(), gzipped(as_instructions, as_bytes))
    return _rows(name, {file: gzip.compress(program, mtime=0)}, file, file, *parts)


def _cached() -> Specimen:
    """Return a named set's file in the cache, with the note that it was verified."""
    name, data = next(iter(_IDX.items()))
    read = partial(cache.mapped, size=len(data), expected=cache.sha256(data))

    def twice(path: Path) -> list[bytes]:
        return [bytes(read(path)), bytes(read(path))]

    def check(found: list[bytes]) -> None:
        assert found == [data, data]

    note = f".{name}.verified"
    words = f"{cache.sha256(data)} {len(data)} 1 1 1".encode()
    files, parts = {name: data, note: words}, (whole(as_tokens, as_bytes),)
    return Specimen("note in the cache", files, note, name, twice, check, parts)
