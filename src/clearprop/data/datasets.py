"""The data sets, by name or from files of your own: load, fetch, list and check them."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clearprop.data.arrays import Dataset, Split, for_task, from_arrays, read_only
from clearprop.data.formats import idx, recognition
from clearprop.data.formats.idx_set import from_idx
from clearprop.data.formats.image_folder import from_folder
from clearprop.data.formats.kaggle_csv import from_csv
from clearprop.data.formats.keras_npz import from_npz
from clearprop.data.formats.mnist_pickle import from_pickle
from clearprop.data.formats.picture_stack import Size
from clearprop.data.named import cache, catalog, digits, sources
from clearprop.errors import DataError, MissingExtraError
from clearprop.tasks import AUTO

__all__ = [
    "Dataset",
    "Description",
    "FileCheck",
    "Split",
    "check",
    "describe",
    "from_arrays",
    "from_csv",
    "from_folder",
    "from_idx",
    "from_npz",
    "from_pickle",
    "get",
    "load",
    "names",
]

OFFLINE_VARIABLE = "CLEARPROP_OFFLINE"


@dataclass(frozen=True)
class Description:
    """A named data set, and whether it is on this machine.

    Attributes:
        name: its name in `load`.
        title: its full name.
        train_rows: number of training rows.
        test_rows: number of test rows.
        image_shape: height and width in pixels.
        classes: the name of each label, in order.
        license: the short name of its license.
        attribution: who made it, and where it is published.
        cached: whether `load` needs no network; checksums are not verified.
        location: the folder or library that holds it or would hold it.
    """

    name: str
    title: str
    train_rows: int
    test_rows: int
    image_shape: tuple[int, int]
    classes: tuple[str, ...]
    license: str
    attribution: str
    cached: bool
    location: str


@dataclass(frozen=True)
class FileCheck:
    """One file of a set: its path, whether it exists, whether its checksum is right.

    `fault` says what is wrong, and is empty if nothing is.
    """

    file: str
    path: str
    present: bool
    correct: bool
    fault: str


def names() -> tuple[str, ...]:
    """Return the names that `load` knows."""
    return tuple(known.name for known in catalog.KNOWN)


def load(
    name: str | os.PathLike[str],
    *,
    size: Size | None = None,
    data_dir: str | os.PathLike[str] | None = None,
    offline: bool | None = None,
    quiet: bool = False,
    task: str = AUTO,
) -> Dataset:
    """Return a named data set, downloaded and cached the first time, or one from your own file.

    Args:
        name: one of `names()`, or an alias such as "fashion"; or the path of a file or folder,
            recognized by its content: an IDX file of images (labels and test rows are found in
            the same folder by their usual names) or a folder of such files; the classic
            mnist.pkl.gz; an .npz file in Keras' layout; a CSV table like Kaggle's; a folder with
            a sub-folder of pictures for each class, or with two such folders, train and test. A
            known name wins over a path: "mnist" is the set, "./mnist" is the path.
        size: height and width to which the pictures of a folder are resized; ignored otherwise.
        data_dir: the folder of the named sets; by default CLEARPROP_DATA_DIR, or else the user's
            cache directory. Published files that you put there are found, plain or compressed.
        offline: whether to avoid the network; by default CLEARPROP_OFFLINE decides.
        quiet: show no progress and no messages.
        task: "classes", "labels" or "values"; "auto" infers it from the labels. With "values",
            class names become the numbers they spell.

    Returns:
        The set: images (n, height, width) uint8 and labels (n,) int32, all read-only. A named
        set's images are memory-mapped, not copied. A file's images may also be (n, features), or
        floats; `test` is None if it has no test rows.

    Raises:
        SettingError: neither a known name nor a path; the message lists the known names.
        DataError: a missing, unrecognized or damaged file.
        DatasetUnavailableError: no source provided the named set; the message lists them.
        MissingExtraError: it comes with a library that is not installed.
    """
    known = catalog.lookup(name) if isinstance(name, str) else None
    if known is None:
        return for_task(_own(name, size, task), task)
    if not known.files:
        return for_task(digits.load(known), task)
    files = sources.obtain(known, cache.folder(data_dir), offline=_is_offline(offline), quiet=quiet)
    arrays = [idx.decode(data, file) for file, data in files.items()]
    train, test = (
        Split(images, read_only(labels.astype(np.int32)), known.classes, known.reading)
        for images, labels in (arrays[:2], arrays[2:])
    )
    return for_task(Dataset(known.name, train, test), task)


def get(
    name: str,
    *,
    data_dir: str | os.PathLike[str] | None = None,
    offline: bool | None = None,
    quiet: bool = False,
) -> Description:
    """Put a set on this machine, verify every checksum, and return its description.

    Arguments and errors are those of `load`.
    """
    known = catalog.find(name)
    sources.distrust(known, cache.folder(data_dir))
    load(known.name, data_dir=data_dir, offline=offline, quiet=quiet)
    return _describe(known, cache.folder(data_dir))


def describe(*, data_dir: str | os.PathLike[str] | None = None) -> list[Description]:
    """Return the descriptions of all named sets; `data_dir` is as for `load`."""
    root = cache.folder(data_dir)
    return [_describe(known, root) for known in catalog.KNOWN]


def check(name: str, *, data_dir: str | os.PathLike[str] | None = None) -> list[FileCheck]:
    """Check for each file of a set whether it is cached and has its published checksum.

    Args:
        name: one of `names()`, or an alias.
        data_dir: as for `load`.

    Returns:
        One record per file; for digits a single one, about scikit-learn's copy.

    Raises:
        SettingError: an unknown name.
    """
    known = catalog.find(name)
    if not known.files:
        return [_check_bundled(known)]
    folder = cache.folder(data_dir) / known.name
    return [_check_file(folder / file.name, file) for file in known.files]


def _own(name: str | os.PathLike[str], size: Size | None, task: str) -> Dataset:
    """Return the set in a file or folder."""
    if _is_name(name):
        raise catalog.unknown(str(name), "data set, file or folder")
    return recognition.load(name, size, task)


def _is_name(name: object) -> bool:
    """Return whether this neither exists nor looks like a path, so must be a misspelled name."""
    if not isinstance(name, str) or not name:
        return not isinstance(name, os.PathLike)
    return Path(name).name == name and not Path(name).suffix and not recognition.is_there(name)


def _check_file(path: Path, file: catalog.KnownFile) -> FileCheck:
    try:
        cache.read(path, file.size, file.sha256)
    except DataError as error:
        return FileCheck(file.name, str(path), path.exists(), False, str(error))
    return FileCheck(file.name, str(path), True, True, "")


def _check_bundled(known: catalog.DatasetInfo) -> FileCheck:
    try:
        right = digits.intact()
    except MissingExtraError as error:
        return FileCheck(known.name, "scikit-learn", False, False, str(error))
    fault = "" if right else "scikit-learn's digits are not the 1,797 that they always were"
    return FileCheck(known.name, "scikit-learn", True, right, fault)


def _describe(known: catalog.DatasetInfo, root: Path) -> Description:
    folder = root / known.name
    here = (
        all((folder / file.name).is_file() for file in known.files)
        if known.files
        else digits.installed()
    )
    return Description(
        name=known.name,
        title=known.title,
        train_rows=known.train_rows,
        test_rows=known.test_rows,
        image_shape=known.image_shape,
        classes=known.classes,
        license=known.license,
        attribution=known.attribution,
        cached=here,
        location=str(folder) if known.files else "scikit-learn",
    )


def _is_offline(choice: bool | None) -> bool:
    """Return the caller's choice, or else the environment's."""
    if choice is not None:
        return choice
    return os.environ.get(OFFLINE_VARIABLE, "").strip().lower() not in ("", "0", "false", "no")
