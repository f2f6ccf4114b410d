"""A sweep's file: one line per finished training."""

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from clearprop import MLP
from clearprop.cli.sweep_table import best, table
from clearprop.data import from_arrays
from clearprop.search import Candidate, Journal, Sweep
from mutations.blind import as_bytes
from mutations.parts import Part, whole
from mutations.specimen import Specimen
from mutations.structured import as_json, as_lines, as_tokens

_ROWS = from_arrays(np.random.default_rng(0).random((8, 2)), np.arange(8) % 2)
_ABOUT = {"data": "eight rows", "fit.epochs": 1}


def specimens() -> list[Specimen]:
    """Return the specimens of this module."""
    file = "sweep.jsonl"
    with tempfile.TemporaryDirectory() as folder:
        _sweep(Path(folder) / file)
        data = (Path(folder) / file).read_bytes()
    parts = (whole(as_tokens, as_lines, as_bytes), *map(_line, (0, 1, 2)))
    return [Specimen("sweep", {file: data}, file, file, _sweep, _check, parts, True)]


def _line(number: int) -> Part:
    """Return one line of a file, as JSON."""

    def take(data: bytes) -> bytes:
        return data.splitlines()[number]

    def put(data: bytes, part: bytes) -> bytes:
        lines = data.splitlines()
        lines[number] = part
        return b"\n".join([*lines, b""])

    return Part(f"line {number}", take, put, (as_json, as_json, as_bytes))


def _sweep(path: Path) -> tuple[Any, str]:
    """Continue a sweep, and return its trials and printed tables."""
    said: list[str] = []
    with Journal(_ABOUT, path, said.append) as journal:
        made = Sweep(
            _candidate, _ROWS, _ROWS, ["learning_rate=0.01,0.1,0.2"], seeds=(0, 1), journal=journal
        )
        trials = made.run()
    lines = [*said, *table(trials), *best(trials, made.varied, len(_ROWS))]
    return [trial.as_dict() for trial in trials], "\n".join(lines)


def _candidate(settings: dict[str, Any], seed: int) -> Candidate:
    return Candidate(MLP([2, 2], seed=seed, **settings), epochs=1, batch_size=4)


def _check(found: tuple[Any, str]) -> None:
    trials, text = found
    assert len(trials) == 3
    assert all(len(trial["seeds"]) == 2 for trial in trials)
    json.dumps(trials, allow_nan=False)
    assert all(line.isprintable() for line in text.splitlines()), text
