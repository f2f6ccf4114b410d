"""A small data set with a name, a folder to run in, and what a command said."""

import json
import os
import subprocess
import sys
from typing import NamedTuple

import numpy as np
import pytest

from clearprop import MLP, cli
from clearprop.data import Dataset, datasets, from_arrays
from clearprop.errors import DatasetUnavailableError

RNG = np.random.default_rng(1)


class Said(NamedTuple):
    """What a command left behind.

    Attributes:
        code: the exit code.
        out: what it wrote to stdout.
        err: what it wrote to stderr.
    """

    code: int
    out: str
    err: str

    @property
    def json(self):
        """The one value on stdout."""
        return json.loads(self.out)


@pytest.fixture(autouse=True)
def many_steps(unchecked_shapes):
    """Make steps at their own pace."""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder to run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys):
    """Return a function that runs a command in this process."""

    def call(*words):
        capsys.readouterr()
        code = cli.run([str(word) for word in words])
        return Said(code, *capsys.readouterr())

    return call


@pytest.fixture
def spawn(folder):
    """Return a function that starts a command in a process of its own."""

    def start(*words, **named):
        program = [sys.executable, "-c", "from clearprop.cli import main; main()"]
        environment = os.environ | named.pop("env", {})
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [*program, *map(str, words)], text=True, env=environment, **(pipes | named)
        )

    return start


def tiny_set(rows: int, height: int = 6, width: int = 5):
    """Return rows whose brightest of three corners is their class."""
    images = RNG.integers(0, 256, (rows, height, width)).astype(np.uint8)
    corners = images[:, [0, 0, -1], [0, -1, 0]]
    return from_arrays(images, corners.argmax(axis=1), classes=["cat", "dog", "emu"])


TINY = Dataset("mnist", tiny_set(200), tiny_set(60))


@pytest.fixture
def tiny(monkeypatch):
    """A tiny data set in MNIST's place, no other one to be had, and no pictures drawn."""

    def load(name, **_):
        if name != "mnist":
            datasets.catalog.find(name)
            raise DatasetUnavailableError(f"{name} is not on this machine")
        return TINY

    monkeypatch.setattr("clearprop.runs.pictures.write_pictures", lambda *_: "pictures: none")
    monkeypatch.setattr("clearprop.data.load", load)
    monkeypatch.setattr("clearprop.data.datasets.load", load)
    return TINY


@pytest.fixture
def model_file(folder):
    """A model file for the tiny data set."""
    model = MLP([30, 12, 3])
    model.fit(TINY.train, epochs=30, validation_data=TINY.test)
    return model.save(folder / "model.safetensors", dataset="mnist")


RECIPE = """
title = "tiny"
show = {show}
[data]
name = "{name}"
[model]
layers = [30, 12, 3]
optimizer = "sgd"
learning_rate = {rate}
[fit]
epochs = 3
batch_size = 16
[claim]
metrics.accuracy = {claim}
source = "nobody"
"""


@pytest.fixture
def recipe(folder):
    """Return a function that writes a recipe for the tiny data set."""

    def write(file="tiny.toml", more="", **words):
        usual = {"name": "mnist", "rate": 0.1, "claim": 0.0, "show": []}
        (folder / file).write_text(RECIPE.format(**(usual | words)) + more)
        return file

    return write
