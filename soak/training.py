"""The training that is killed again and again: small, and with everything on that remembers."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from clearprop.runs.folder import CHECKPOINTS, RECORD
from clearprop.storage import Checkpoint, checkpoint_folder, read

ROWS, TEST_ROWS, SIDE, CLASSES, EPOCHS = 600, 100, 8, 4, 160
EVERY = "150steps"
RECIPE = """
title = "What the soak kills"

[data]
name = "{data}"
validation = 0.2
deformed = {{ images = 100, rotation = 10.0, shift = 1.0 }}

[model]
layers = [64, 32, 16, 4]
optimizer = "adamw"
learning_rate = 0.01
schedule = "one_cycle"
batch_norm = true
dropout = 0.2
moving_average = 0.99
l2 = 0.001
engine = "{engine}"
seed = 7

[fit]
epochs = {epochs}
batch_size = 16
"""


class Ended(NamedTuple):
    """What a training leaves: all of it must be the same with kills as without.

    Attributes:
        tensors: of the model file, as bytes by name.
        card: what the model file says of itself.
        record: the run's record, without times and without where it was resumed.
        checkpoint: the newest, without times.
        state: its tensors, as bytes by name.
    """

    tensors: dict[str, bytes]
    card: Any
    record: Any
    checkpoint: Checkpoint
    state: dict[str, bytes]


class Whole(NamedTuple):
    """The undisturbed training.

    Attributes:
        recipe: its recipe.
        steps: how many it makes.
        seconds: from the start of the process to its end.
        ended: what it left.
    """

    recipe: Path
    steps: int
    seconds: float
    ended: Ended


def write_rows(path: Path) -> None:
    """Write noisy pictures whose bright quarter is their class, in Keras' layout."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, ROWS + TEST_ROWS)
    images = rng.integers(0, 150, (len(labels), SIDE, SIDE))
    half = SIDE // 2
    for image, label in zip(images, labels, strict=True):
        image[half * (label // 2) :, half * (label % 2) :][:half, :half] += 25
    x, y = images.astype(np.uint8), labels.astype(np.uint8)
    np.savez(path, x_train=x[:ROWS], y_train=y[:ROWS], x_test=x[ROWS:], y_test=y[ROWS:])


def write_recipe(folder: Path, engine: str, epochs: int = EPOCHS) -> Path:
    """Write the recipe of an engine, and its rows beside it; return the recipe's path."""
    data, path = folder / "rows.npz", folder / f"soak-{engine}.toml"
    write_rows(data)
    path.write_text(RECIPE.format(data=data.as_posix(), engine=engine, epochs=epochs))
    return path


def start(recipe: Path, out: Path) -> subprocess.Popen[bytes]:
    """Start the training, or go on with it; what it says goes into files beside its folder."""
    command = [
        sys.executable, "-m", "clearprop", "train", str(recipe), "--out", str(out),
        "--checkpoint-every", EVERY, "--resume", "auto", "--json", "--quiet",
    ]  # fmt: skip
    said, made = (out.with_name(out.name + end).open("wb") for end in (".err", ".json"))
    with said, made:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=made, stderr=said)


def said(out: Path) -> str:
    """Return what the training wrote to stderr when it ran last."""
    return out.with_name(out.name + ".err").read_text()


def result(out: Path) -> dict[str, Any]:
    """Return what the last run of a training printed."""
    return json.loads(out.with_name(out.name + ".json").read_bytes())


def newest_step(out: Path) -> int:
    """Return the step of the newest whole checkpoint; 0 where there is none.

    Raises:
        AssertionError: a checkpoint is damaged, which a kill must never bring about.
    """
    damage: list[str] = []
    found = checkpoint_folder.newest(out / CHECKPOINTS, damage.append)
    assert not damage, damage
    return found[1].steps if found else 0


def ended(out: Path) -> Ended:
    """Return what a training that came to its end has left."""
    card, tensors = read(out / "model.safetensors")
    record = json.loads((out / RECORD).read_bytes())
    for times in (record, record["history"], record["result"]):
        times.pop("seconds")
    for own in ("resumed_from", "model"):
        record["result"].pop(own)
    damage: list[str] = []
    found = checkpoint_folder.newest(out / CHECKPOINTS, damage.append)
    assert found is not None, f"there is no checkpoint: {damage} {said(out)}"
    made, state = found[1], found[1].state._asdict().items()
    assert made.progress is not None
    timeless = made._replace(
        state=None, kept=len(made.kept), measured=None,
        series={name: values for name, values in made.series.items() if name != "seconds"},
        progress={name: value for name, value in _fields(made.progress) if name != "seconds"},
    )  # fmt: skip
    every = {f"{part}/{name}": a for part, own in state for name, a in own.items()}
    for number, kept in enumerate(made.kept):
        parts = kept._asdict().items()
        every |= {f"{number}/{part}/{name}": a for part, own in parts for name, a in own.items()}
    every |= {f"measured/{name}": values for name, values in made.measured.items()}
    return Ended(_bytes(tensors), card, record, timeless, _bytes(every))


def _fields(progress: Any) -> list[tuple[str, Any]]:
    return [(name, getattr(progress, name)) for name in progress.__struct_fields__]


def _bytes(tensors: dict[str, np.ndarray]) -> dict[str, bytes]:
    return {name: value.tobytes() for name, value in tensors.items()}


def undisturbed(folder: Path, engine: str) -> Whole:
    """Make the training of an engine twice without a kill.

    Raises:
        AssertionError: it fails, or the two differ.
    """
    recipe, ends, made = write_recipe(folder, engine), [], []
    for name in ("first", "second"):
        out, began = folder / f"{name}-{engine}", time.perf_counter()
        assert start(recipe, out).wait() == 0, said(out)
        made.append(time.perf_counter() - began)
        ends.append(ended(out))
    assert not differences(*ends), f"two undisturbed trainings differ: {differences(*ends)}"
    # The faster one's time is kept: the first may have had programs to compile.
    return Whole(recipe, result(out)["steps"], min(made), ends[0])


def differences(ours: Ended, theirs: Ended) -> list[str]:
    """Return in which of their parts two trainings differ."""
    pairs = zip(Ended._fields, ours, theirs, strict=True)
    return [name for name, mine, other in pairs if mine != other]
