"""What stands where a file should, and is none: it may have no end, or wait for ever."""

import os
from pathlib import Path


def _a_pipe(path: Path) -> None:
    os.mkfifo(path)


def _a_link_to_a_device_without_end(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _a_folder(path: Path) -> None:
    path.mkdir()


NO_FILES = (_a_pipe, _a_link_to_a_device_without_end, _a_folder)
