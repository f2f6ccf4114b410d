"""Saves that are broken off at every line, inside every write, and by a power cut.

They are broken off in a process of its own, which imports no JAX and can be forked.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


def python(*words):
    """Run Python where it finds the soak."""
    return subprocess.run([sys.executable, *map(str, words)], cwd=ROOT, capture_output=True,
                          text=True)  # fmt: skip


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What was found after every point at which every save was broken off."""
    path = tmp_path_factory.mktemp("points") / "found.json"
    done = python("-m", "soak.kill_points", "--out", path)
    assert path.exists(), done.stderr
    return json.loads(path.read_text())


def test_whatever_breaks_a_save_off_leaves_the_old_or_the_new_and_the_next_one_works(found):
    assert {name: made["faults"] for name, made in found["saves"].items() if made["faults"]} == {}
    assert found["survived"] == found["points"]


def test_the_points_are_many_and_lie_on_both_sides(found):
    assert found["points"] > 500
    for name, made in found["saves"].items():
        assert made["lines"] >= 15, name
        assert made["writes"] >= 3, name
        assert made["power_cuts"] >= 6 or "set aside" in name or "classic" in name
        assert min(made["old"], made["new"]) >= 5, name


BROKEN = """
import pathlib, sys
from clearprop import atomic
from clearprop.storage import checkpoint_folder
from soak.kill_points import SAVES, broken_off

def in_place(path, *parts):
    path = pathlib.Path(path)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"".join(parts))

def never_flushed(path, *parts):
    path = pathlib.Path(path)
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(".new")
    temporary.write_bytes(b"".join(parts))
    temporary.replace(path)
    atomic._flush_folder(path.parent)

real = checkpoint_folder.prune

def file_first(folder, last):
    for entry in checkpoint_folder._entries(folder)[:-last]:
        entry.path.unlink()
        checkpoint_folder._manifest(entry.path).unlink()
    real(folder, last)

def nothing(folder, last):
    pass

name, broken = sys.argv[1].split()
if name == "write":
    atomic.write = globals()[broken]
else:
    checkpoint_folder.prune = globals()[broken]
save = SAVES[int(sys.argv[2])]
ends = broken_off(save._replace(files=save.files | {"<string>"}))
print(next((found for _, found in ends if found not in ("old", "new")), "survived"))
"""
CHECKPOINT, MODEL = 1, 4


@pytest.mark.parametrize(
    ("broken", "save", "says"),
    [
        ("write in_place", MODEL, "the model file is damaged"),
        ("write in_place", CHECKPOINT, "damage was reported"),
        ("write never_flushed", CHECKPOINT, "damage was reported"),
        ("prune file_first", CHECKPOINT, "a manifest vouches for what is not there"),
        ("prune nothing", CHECKPOINT, "something was left behind"),
    ],
)
def test_a_save_that_is_not_safe_is_found_out(broken, save, says):
    done = python("-c", BROKEN, broken, save)
    assert says in done.stdout, done.stderr
