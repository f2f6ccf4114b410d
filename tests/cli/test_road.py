"""The road from a command to a step is the one in docs/architecture.md."""

import sys
from pathlib import Path

from clearprop.engines import numpy_engine

ROAD = (
    "cli/__init__.py",
    "cli/train.py",
    "runs/into_folder.py",
    "runs/training.py",
    "model/mlp.py",
    "training/fit.py",
    "engines/numpy_engine.py",
)
PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"


def test_a_command_comes_to_its_steps_by_the_documented_modules(run, recipe, tiny, monkeypatch):
    step, stacks = numpy_engine.step, []

    def traced(*arguments):
        frame, names = sys._getframe(1), []
        while frame is not None:
            names.append(frame.f_code.co_filename.partition("/clearprop/")[2])
            frame = frame.f_back
        stacks.append(tuple(dict.fromkeys(filter(None, reversed(names)))))
        return step(*arguments)

    monkeypatch.setattr(numpy_engine, "step", traced)
    assert run("train", recipe(), "--quiet").code == 0
    assert set(stacks) == {ROAD}
    drawn = PAGE.read_text(encoding="utf-8").partition("## The road")[2].partition("**Rows.**")[0]
    assert all(name.rpartition("/")[2] in drawn for name in ROAD[1:])
