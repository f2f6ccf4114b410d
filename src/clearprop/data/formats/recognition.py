"""Recognizes the format of a file or folder by its content, not by its name."""

import os
from dataclasses import replace
from pathlib import Path

from clearprop.data.arrays import Dataset
from clearprop.data.formats import gzip_data, idx_set, image_folder
from clearprop.data.formats.kaggle_csv import from_csv
from clearprop.data.formats.keras_npz import from_npz
from clearprop.data.formats.mnist_pickle import from_pickle
from clearprop.data.formats.own_file import beginning, located, readable
from clearprop.data.formats.own_rows import dataset_of, name_of
from clearprop.data.formats.picture_stack import Size
from clearprop.errors import DataError
from clearprop.tasks import AUTO

RECOGNIZED = (
    "IDX files (plain or gzip), the classic mnist.pkl.gz, a CSV table whose first column is the "
    "label, an .npz file with x_train and y_train, or a folder with a sub-folder of PNG or JPEG "
    "pictures for each class"
)

_BEGINNING = 4096
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff")


def load(path: str | os.PathLike[str], size: Size | None = None, task: str = AUTO) -> Dataset:
    """Return the data set in a file or folder, named after it; see `datasets.load`.

    Args:
        path: the file or folder.
        size: height and width to which the pictures of a folder are resized.
        task: as for `from_arrays`; formats other than `.npz` hold classes.

    Raises:
        DataError: a missing or unrecognized file, or one that its format's reader refuses.
    """
    path = located(path)
    if not is_there(path):
        raise DataError(f"There is no file or folder {str(path)!r}; check the path.")
    return _folder(path, size) if path.is_dir() else _file(path, task)


def is_there(path: str | os.PathLike[str]) -> bool:
    """Return whether there is a file or folder of that name."""
    try:
        return located(path).exists()
    except (OSError, ValueError):  # a name that is too long, or holds a NUL
        return False


def _file(path: Path, task: str) -> Dataset:
    """Return the set in a file, by its first bytes."""
    start = beginning(path, _BEGINNING)
    head = gzip_data.beginning_of(start, 64, str(path))
    if _is_idx(head):
        return idx_set.load_files(path)
    # Protocol 2 and above; the older ones write text, and no array.
    if head[:1] == b"\x80" and head[1:2] in (b"\2", b"\3", b"\4", b"\5"):
        return from_pickle(path)
    if start.startswith(b"PK"):
        return from_npz(path, task)
    if _is_table(start):
        return dataset_of(path, from_csv(path), None)
    raise DataError(f"{path} {_what(start)}; data are {RECOGNIZED}.")


def _folder(path: Path, size: Size | None) -> Dataset:
    """Return the set in a folder: its IDX files, or else its pictures."""
    with readable(path):
        files = [file for file in sorted(path.iterdir()) if file.is_file()]
        folders = any(entry.is_dir() for entry in path.iterdir())
    # Pictures lie in folders, so files beside them can only be IDX.
    images = [file for file in files if "images" in file.name and _holds_idx(file)]
    if images:
        training = [file for file in images if "train" in file.name] or images
        return replace(idx_set.load_files(training[0]), name=name_of(path))
    if not folders and files:
        raise DataError(
            f"{path} is a folder with files, such as {files[0].name}, and no sub-folders; give the "
            "folder that has a sub-folder of pictures for each class, or a data file by its own "
            "name."
        )
    return image_folder.load_folders(path, size)


def _holds_idx(file: Path) -> bool:
    """Return whether a file begins as an IDX file does."""
    return _is_idx(gzip_data.beginning_of(beginning(file, _BEGINNING), 64, str(file)))


def _is_idx(head: bytes) -> bool:
    """Return whether these are the first bytes of an IDX file of any type."""
    return len(head) >= 4 and head[:2] == b"\0\0" and 0x08 <= head[2] <= 0x0E


def _is_table(start: bytes) -> bool:
    """Return whether these are the first bytes of a text whose first line has columns."""
    line = start.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0].rstrip(b"\r")
    text = all(byte >= 0x20 or byte == 0x09 for byte in line)
    return text and any(separator in line for separator in (b",", b";", b"\t"))


def _what(start: bytes) -> str:
    """Describe a file that is not recognized."""
    if not start:
        return "is empty"
    if start.startswith(_PICTURES):
        return "is a single picture, which tells nothing of its class"
    if start.startswith(b"\x93NUMPY"):
        return "is a single NumPy array, without its labels"
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "is text in UTF-16; save it as UTF-8"
    if start.startswith(gzip_data.MAGIC):
        return "is compressed, and neither IDX nor a pickle; unpack it"
    return "is no data file that is recognized"
