"""Attacks with folders of pictures: links that lead out, things that are no pictures, bombs."""

import os
from collections.abc import Callable
from pathlib import Path

from attacks.attack import Attack, Generator, named
from attacks.pictures import chunk, noted, packed, png, scans


def classes(path: Path) -> tuple[Path, Path]:
    """Make a folder of two classes with a good picture in each, and return the classes."""
    made = path / "cats", path / "dogs"
    for folder in made:
        folder.mkdir(parents=True)
        (folder / "a.png").write_bytes(png(8, 8, packed(72)))
    return made


def with_picture(make: Callable[[], bytes]) -> Generator:
    """Return the writer of a folder of classes with one more picture."""

    def write(path: Path) -> None:
        (classes(path)[0] / "b.png").write_bytes(make())

    return write


def _a_link_to_a_file_outside(path: Path) -> None:
    (classes(path)[0] / "b.png").symlink_to("/etc/passwd")


def _a_link_to_a_file_above(path: Path) -> None:
    (classes(path)[0] / "b.png").symlink_to("../../../etc/passwd")


def _a_link_to_a_picture_beside_the_folder(path: Path) -> None:
    (path.parent / "private.png").write_bytes(png(8, 8, packed(72)))
    (classes(path)[0] / "b.png").symlink_to("../../private.png")


def _a_class_that_is_a_link_outside(path: Path) -> None:
    classes(path)
    (path / "birds").symlink_to("/etc")


def _a_class_that_is_a_link_to_itself(path: Path) -> None:
    classes(path)
    (path / "birds").symlink_to("birds")


def _a_picture_that_is_a_link_to_itself(path: Path) -> None:
    (classes(path)[0] / "b.png").symlink_to("b.png")


def _a_class_that_is_a_link_to_the_folder(path: Path) -> None:
    classes(path)
    (path / "birds").symlink_to(".")


def _a_picture_that_is_a_device_without_end(path: Path) -> None:
    (classes(path)[0] / "b.png").symlink_to("/dev/zero")


def _a_picture_that_is_a_pipe(path: Path) -> None:
    os.mkfifo(classes(path)[0] / "b.png")


def _a_pipe_beside_the_classes(path: Path) -> None:
    classes(path)
    os.mkfifo(path / "train-images")


def _a_folder_within_a_class(path: Path) -> None:
    (classes(path)[0] / "more").mkdir()


def _a_program_among_the_pictures(path: Path) -> None:
    (classes(path)[0] / "b.py").write_text("open('canary', 'w')", encoding="utf-8")


def _a_name_with_escape_codes(path: Path) -> None:
    (classes(path)[0] / "\x1b[2J\n\n.png").write_bytes(b"no picture")


def _a_class_with_escape_codes(path: Path) -> None:
    classes(path)
    (path / "\x1b[2J\n\n").mkdir()


def _a_class_without_pictures(path: Path) -> None:
    classes(path)
    (path / "birds").mkdir()


def _a_folder_of_nothing(path: Path) -> None:
    path.mkdir()


def _one_class(path: Path) -> None:
    (path / "cats").mkdir(parents=True)


PICTURES = {
    "a picture of another size": lambda: png(9, 8, packed(80)),
    "a picture of 100,000 by 100,000 pixels": lambda: png(100_000, 100_000),
    "a picture with a text of a gigabyte": noted(chunk(b"zTXt", b"a\0\0" + packed(2**30))),
    "a picture of 60,000 scans": lambda: scans(7000, 60_000),
    "a picture that is code": lambda: b"import os",
    "a picture that is empty": lambda: b"",
}

ATTACKS = [
    *(Attack(name, "", "data", with_picture(make)) for name, make in PICTURES.items()),
    *named(
        "",
        "data",
        _a_link_to_a_file_outside,
        _a_link_to_a_file_above,
        _a_link_to_a_picture_beside_the_folder,
        _a_class_that_is_a_link_outside,
        _a_class_that_is_a_link_to_itself,
        _a_picture_that_is_a_link_to_itself,
        _a_class_that_is_a_link_to_the_folder,
        _a_picture_that_is_a_device_without_end,
        _a_picture_that_is_a_pipe,
        _a_pipe_beside_the_classes,
        _a_folder_within_a_class,
        _a_program_among_the_pictures,
        _a_name_with_escape_codes,
        _a_class_with_escape_codes,
        _a_class_without_pictures,
        _a_folder_of_nothing,
        _one_class,
    ),
]
