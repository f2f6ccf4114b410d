"""Saves of single files to interrupt: models, committees, a run's record, classic saves."""

import contextlib
import functools
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from clearprop import MLP, Committee, atomic, classic, load
from clearprop.classic import saves
from clearprop.errors import ClearpropError
from clearprop.runs import folder as run_folder
from clearprop.storage import read_checkpoint
from soak.save import Save

ATOMIC = frozenset({str(atomic.__file__)})
CLASSIC = ATOMIC | {str(saves.__file__)}


@functools.cache
def model(seed: int) -> MLP:
    """Return a small trained network."""
    rng = np.random.default_rng(0)
    made = MLP([6, 3], seed=seed)
    made.fit(rng.normal(size=(20, 6)), np.arange(20) % 3, epochs=1)
    return made


def _found_model(old: int | None) -> Callable[[Path], str]:
    def found(folder: Path) -> str:
        path = folder / "model.safetensors"
        if not path.exists():
            return "old" if old is None else "the model file is gone"
        try:
            parameters = load(path).parameters
        except ClearpropError as error:
            return f"the model file is damaged: {error}"
        for seed, what in ((old, "old"), (1, "new")):
            if seed is not None and _same(parameters, model(seed).parameters):
                return what
        return "the model file is neither the old one nor the new one"

    return found


def _same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return all(one[name].tobytes() == value.tobytes() for name, value in other.items())


def _save_model(seed: int) -> Callable[[Path], object]:
    return lambda folder: model(seed).save(folder / "model.safetensors")


def _again(save: Callable[[Path], object], found: Callable[[Path], str]) -> Callable[[Path], str]:
    """Return a function that saves once more and returns what is wrong then, or ""."""

    def again(folder: Path) -> str:
        save(folder)
        what = found(folder)
        return "" if what == "new" else f"after another save: {what}"

    return again


def _save_committee(seed: int) -> Callable[[Path], object]:
    made = Committee([model(seed), model(2)], 1.0 + seed)
    return lambda folder: made.save(folder / "committee.safetensors")


def _found_committee(folder: Path) -> str:
    try:
        found = load(folder / "committee.safetensors")
    except ClearpropError as error:
        return f"the committee file is damaged: {error}"
    for seed, what in enumerate(("old", "new")):
        wanted = model(seed).parameters, model(2).parameters
        members = zip(found.members, wanted, strict=True)
        if found.temperature == 1.0 + seed and all(_same(m.parameters, w) for m, w in members):
            return what
    return "the committee file is neither the old one nor the new one"


RECORDS = {what: {"recipe": {}, "result": {"steps": what}} for what in ("old", "new")}


def _save_record(what: str) -> Callable[[Path], object]:
    data = json.dumps(RECORDS[what]).encode()
    return lambda folder: atomic.write(folder / run_folder.RECORD, data)


def _found_record(folder: Path) -> str:
    with contextlib.suppress(OSError, ValueError):
        made = json.loads((folder / run_folder.RECORD).read_bytes())
        return next(what for what, record in RECORDS.items() if record == made)
    return "the record cannot be read"


def _classic(epochs: int, goes_on: bool) -> Callable[[Path], object]:
    """Return a function that trains a classic network and saves after every epoch."""
    rng = np.random.default_rng(0)
    x = rng.random((24, 6, 1)).astype(np.float32)
    rows = [(one, int(one[:3].argmax())) for one in x]

    def train(folder: Path) -> None:
        model = classic.MLP([6, 4, 3], classic.SGD, classic.CrossEntropyLoss, classic.Sigmoid, 0.5)
        # Classic saves go below the working directory.
        folder.mkdir(exist_ok=True)
        with contextlib.chdir(folder):
            model.fit(rows, rows, epochs, 8, goes_on, classic.Monitor(False, False, save=True))

    return train


@functools.cache
def _whole_classic() -> dict[int, bytes]:
    """Return the parameters of an uninterrupted classic training, by epochs."""
    made = {}
    for epochs in (2, 3):
        with tempfile.TemporaryDirectory() as place:
            _classic(epochs, goes_on=False)(Path(place))
            made[epochs] = _bytes(Path(place))[1]
    return made


def _bytes(folder: Path) -> tuple[int, bytes]:
    """Return the epochs of the newest classic save, and its parameters."""
    with contextlib.chdir(folder):
        place = saves.newest_save()
        assert place is not None, "there is no save"
        found = read_checkpoint(place / saves.CHECKPOINT)
        load(place / saves.MODEL)
    return found.epochs, b"".join(value.tobytes() for value in found.state.params.values())


def _found_classic(folder: Path) -> str:
    try:
        epochs, found = _bytes(folder)
    except ClearpropError as error:
        return f"a classic save is damaged: {error}"
    if found != _whole_classic().get(epochs):
        return f"after {epochs} epochs the classic save differs"
    return {2: "old", 3: "new"}[epochs]


def _continue_classic(folder: Path) -> None:
    if _found_classic(folder) == "old":
        _classic(1, goes_on=True)(folder)


_MODEL_AGAIN = _again(_save_model(1), _found_model(None))
SAVES = (
    Save(
        "the first model file", ATOMIC, lambda folder: folder.mkdir(exist_ok=True),
        _save_model(1), _found_model(None), _MODEL_AGAIN, 1,
    ),
    Save(
        "a model file over another", ATOMIC, _save_model(0), _save_model(1), _found_model(0),
        _MODEL_AGAIN, 1,
    ),
    Save(
        "a committee file over another", ATOMIC, _save_committee(0), _save_committee(1),
        _found_committee, _again(_save_committee(1), _found_committee), 1,
    ),
    Save(
        "the record of a run over another", ATOMIC, _save_record("old"), _save_record("new"),
        _found_record, _again(_save_record("new"), _found_record), 1,
    ),
    Save(
        "a classic save", CLASSIC, _classic(2, goes_on=False), _classic(1, goes_on=True),
        _found_classic, _again(_continue_classic, _found_classic),
    ),
)  # fmt: skip
