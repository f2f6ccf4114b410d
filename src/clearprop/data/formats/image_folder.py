"""A folder of pictures, with a sub-folder for each class."""

import os
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np

from clearprop.data.arrays import Dataset, Split
from clearprop.data.formats import picture_stack
from clearprop.data.formats.own_file import located, readable
from clearprop.data.formats.own_rows import dataset_of, split_of
from clearprop.data.formats.picture_stack import Size
from clearprop.errors import DataError, in_one_line
from clearprop.tasks.matching import in_order, rank

# Left behind by file managers, as are files whose names begin with a dot.
_LEFT_BEHIND = {"thumbs.db", "desktop.ini", "__macosx"}
_FOR_VALIDATION = {"valid", "val", "validation", "dev"}


def from_folder(path: str | os.PathLike[str], size: Size | None = None) -> Split:
    """Return the pictures of a folder that has a sub-folder for each class.

    Pictures are PNG or JPEG files, whatever their suffix. They are turned upright as their EXIF
    data say, and made gray; their shades are kept, so draw and photograph them alike. Hidden
    files, Thumbs.db and desktop.ini are skipped. A symbolic link that leads out of the folder is
    refused.

    Args:
        path: the folder.
        size: height and width to which every picture is resized, without keeping its proportions.
            By default all pictures must have the same size.

    Returns:
        The split: images (n, height, width) uint8; classes named after the sub-folders, numbers in
        numerical order and before words, words in alphabetical order.

    Raises:
        DataError: fewer than two classes, a class without pictures, a file that is not a picture,
            a picture of another size than the first; names the file or folder.
        SettingError: a `size` that is not two whole numbers from 1.

    >>> from_folder("my-digits", size=(28, 28)).classes  # doctest: +SKIP
    ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9')
    """
    folder = located(path)
    return _split(folder, picture_stack.checked(size), _classes(folder))


def load_folders(path: Path, size: Size | None = None) -> Dataset:
    """Return a folder of classes, or one with a `train` and a `test` folder of classes.

    Capitals do not matter. A class may be called train: its folder has pictures, the folder of
    training rows has folders.

    Raises:
        DataError: as `from_folder`; or `test` has a class that `train` lacks.
        SettingError: as `from_folder`.
    """
    size = picture_stack.checked(size)
    train_folder, test_folder = _part(path, "train"), _part(path, "test")
    if train_folder is None or not any(entry.is_dir() for entry in _entries(train_folder)):
        return dataset_of(path, _split(path, size, _classes(path)), None)
    for entry in _entries(path):
        if entry not in (train_folder, test_folder):
            raise _beside_the_parts(entry, train_folder)
        _check_link(entry, path)
    train = _split(train_folder, size, _classes(train_folder))
    if test_folder is None:
        return dataset_of(path, train, None)
    for folder in _folders(test_folder):
        if folder.name not in train.classes:
            raise DataError(
                f"{folder}: the class {folder.name} is not in {train_folder.name}, which has "
                f"{', '.join(train.classes[:10])}."
            )
    return dataset_of(path, train, _split(test_folder, size, train.classes))


def _part(path: Path, name: str) -> Path | None:
    """Return the entry of this name in a folder, ignoring case, if there is one."""
    return next((entry for entry in _entries(path) if entry.name.lower() == name), None)


def _beside_the_parts(entry: Path, train: Path) -> DataError:
    """Return the error for an entry that is neither `train` nor `test`."""
    if entry.name.lower() in _FOR_VALIDATION:
        return DataError(
            f"{entry}: rows to validate on are cut from {train.name} by themselves; move the "
            f"pictures of {entry.name} into the classes of {train.name}, or the folder elsewhere."
        )
    return DataError(
        f"{entry} lies beside the folder {train.name}; a set has one folder train and one folder "
        "test, so move it elsewhere."
    )


def _classes(folder: Path) -> tuple[str, ...]:
    """Return the names of a folder's classes, in order."""
    names = [entry.name for entry in _folders(folder)]
    if len(names) < 2:
        what = f"one class only, {names[0]}" if names else "no sub-folder"
        raise DataError(
            f"{folder} has {what}; make a sub-folder for each of two classes or more, and put "
            "the pictures of the class into it."
        )
    return in_order(names)


def _split(folder: Path, size: Size | None, classes: tuple[str, ...]) -> Split:
    """Read the pictures of every class that has a sub-folder."""
    pictures, labels = [], []
    for folder_of_class in sorted(_folders(folder), key=lambda one: rank(one.name)):
        found = _pictures(folder_of_class, folder)
        pictures += found
        labels += [folder_of_class.name] * len(found)
    if not pictures:
        raise DataError(f"{folder} has no class in it; put a sub-folder for each class there.")
    rows = split_of(picture_stack.read(pictures, size), np.array(labels), folder, classes)
    return replace(rows, reading="picture")


def _folders(folder: Path) -> list[Path]:
    """Return the sub-folders of a folder, which may contain nothing else."""
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder; give the folder that holds the classes.")
    entries = _entries(folder)
    for entry in entries:
        if not entry.is_dir():
            raise DataError(
                f"{entry} is next to the folders of classes; put a picture into the folder of its "
                "class, and anything else elsewhere."
            )
        _check_link(entry, folder)
    return entries


def _pictures(folder: Path, root: Path) -> list[Path]:
    """Return the files of one class."""
    files = _entries(folder)
    if not files:
        raise DataError(f"{folder} has no picture in it; add some, or remove the folder.")
    for file in files:
        if file.is_dir():
            raise DataError(
                f"{file} is a folder within the class {folder.name}; pictures lie directly in the "
                "folder of their class."
            )
        _check_link(file, root)
    return files


def _entries(folder: Path) -> list[Path]:
    """Return the visible entries of a folder in order; none if it is not a folder."""
    with readable(folder):
        entries = sorted(folder.iterdir()) if folder.is_dir() else []
    for entry in entries:
        # Class names are printed, and a terminal obeys control characters.
        if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in entry.name):
            raise DataError(
                f"{folder}: {in_one_line(entry.name)} is not a printable name; rename it."
            )
    return [
        entry
        for entry in entries
        if not entry.name.startswith(".") and entry.name.lower() not in _LEFT_BEHIND
    ]


def _check_link(entry: Path, root: Path) -> None:
    """Refuse a symbolic link that leads out of the folder or to itself."""
    try:
        inside = not entry.is_symlink() or entry.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        inside = False
    if not inside:
        raise DataError(f"{entry} is a link that leads out of {root}; copy what it leads to.")
