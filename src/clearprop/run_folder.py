"""The folders of runs: `runs/name`, `runs/name-2`, ..., with numbers that only go up."""

import contextlib
from pathlib import Path

RUNS = Path("runs")


def make_run_folder(name: str) -> Path:
    """Make the next folder of that name under `runs/` here, and return it.

    Its number is above all that are there, also where lower ones were removed: so the highest
    number is the newest run, which neither a clock nor a copied folder can change.

    Raises:
        OSError: nothing can be written here.
    """
    RUNS.mkdir(exist_ok=True)
    there = [_number(path.name, name) for path in RUNS.iterdir()]
    number = max(there, default=0)
    while True:
        number += 1
        folder = RUNS / (name if number == 1 else f"{name}-{number}")
        # Looking first and making afterwards could give one folder to two trainings.
        with contextlib.suppress(FileExistsError):
            folder.mkdir()
            return folder


def run_folders(name: str) -> list[Path]:
    """Return the folders of that name under `runs/` here, from the oldest to the newest."""
    there = RUNS.iterdir() if RUNS.is_dir() else ()
    ours = [path for path in there if path.is_dir() and _number(path.name, name)]
    return sorted(ours, key=lambda path: _number(path.name, name))


def _number(folder: str, name: str) -> int:
    """Return the number of a run's folder; 0 for a folder of another name."""
    if folder == name:
        return 1
    digits = folder.removeprefix(f"{name}-")
    is_ours = digits != folder and digits.isascii() and digits.isdecimal()
    return int(digits) if is_ours else 0
