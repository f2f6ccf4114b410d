"""Start times: how long the shortest commands take, beside an interpreter that imports NumPy."""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import timed
from benchmarks.race import Tick
from benchmarks.runs import Record, interleaved

NUMPY, IMPORT, HELP, PREDICT = (
    "import numpy", "import clearprop", "clearprop --help", "clearprop predict",
)  # fmt: skip


@dataclass(frozen=True)
class StartTimes:
    """Wall seconds of a process."""

    unit: str = "s"
    contenders: tuple[str, ...] = (NUMPY, IMPORT, HELP, PREDICT)

    def run(self, rounds: int, quick: bool, tick: Tick) -> dict[str, dict[str, Any]]:
        """Return each command's record."""
        with tempfile.TemporaryDirectory() as folder:
            made = commands(write_picture(Path(folder)))
            return interleaved({name: act(words) for name, words in made.items()}, rounds, tick)


def act(words: list[str]) -> Callable[[int], Record]:
    """Return what a run of a command is."""
    return lambda number: {"values": timed(words)[0]}


def commands(picture: Path) -> dict[str, list[str]]:
    """Return the commands, Clearprop's own one being that of this interpreter."""
    from clearprop import models

    script = str(Path(sys.executable).with_name("clearprop"))
    model = str(Path(models.__file__).with_name("mnist-small.safetensors"))
    return {
        NUMPY: [sys.executable, "-c", "import numpy"],
        IMPORT: [sys.executable, "-c", "import clearprop"],
        HELP: [script, "--help"],
        PREDICT: [script, "predict", model, str(picture)],
    }


def write_picture(folder: Path) -> Path:
    """Write a test digit as a picture, dark on light as on paper."""
    from PIL import Image

    from clearprop import datasets

    path = folder / "digit.png"
    Image.fromarray(255 - datasets.load("mnist").test.images[0]).save(path)
    return path
