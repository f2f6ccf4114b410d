"""The soak sees what it is there to see."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from soak import training
from soak.__main__ import summary
from soak.killing import Killed

from clearprop.storage import checkpoint_folder

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no signals of this kind")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What a soak of one kill found."""
    place = tmp_path_factory.mktemp("soak")
    done = subprocess.run(
        [sys.executable, "-m", "soak", "--cycles", "1", "--engine", "numpy",
         "--out", str(place / "soak.json")],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads((place / "soak.json").read_text())


@pytest.mark.slow
def test_what_is_killed_ends_as_what_is_not(found):
    assert found["cycles"] >= 1
    assert sum(found["kills"].values()) == found["cycles"] == len(found["steps"])
    assert found["mismatches"] == found["faults"] == []


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a training that nobody killed, of two epochs."""
    place = tmp_path_factory.mktemp("whole")
    recipe = training.write_recipe(place, "numpy", epochs=2)
    assert training.start(recipe, place / "run").wait() == 0, training.said(place / "run")
    return place / "run"


@pytest.fixture
def copied(whole, tmp_path):
    """A copy of it, to be changed."""
    return Path(shutil.copytree(whole, tmp_path / "run"))


def change_history(folder, name, difference):
    path = folder / "history.json"
    record = json.loads(path.read_bytes())
    record["history"][name][0] += difference
    path.write_text(json.dumps(record))


def change_checkpoint(folder):
    place = folder / "checkpoints"
    _, made = checkpoint_folder.newest(place, pytest.fail)
    name = next(iter(made.state.slots))
    made.state.slots[name].view("uint32").ravel()[0] ^= 1
    checkpoint_folder.keep(place, made, None)


@pytest.mark.parametrize(
    ("change", "differ"),
    [
        (lambda folder: None, []),
        (lambda folder: change_history(folder, "seconds", 1.0), []),
        (lambda folder: change_history(folder, "loss", 1e-12), ["record"]),
        (change_checkpoint, ["state"]),
    ],
)
def test_one_changed_bit_is_a_mismatch_and_a_clock_is_none(whole, copied, change, differ):
    change(copied)
    assert training.differences(training.ended(copied), training.ended(whole)) == differ


def test_a_damaged_checkpoint_is_a_fault(copied):
    path = checkpoint_folder.names(copied / "checkpoints")[-1]
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(AssertionError, match=r"has .* bytes and should have"):
        training.newest_step(copied)


def test_the_summary_counts_over_all_trainings():
    one = Killed({"SIGKILL": 2, "SIGINT": 1}, [0, 5, 7], ["a fault"])
    other = Killed({"SIGKILL": 1}, [5])
    made = summary([(one, []), (other, ["state"])])
    assert (made["cycles"], made["trainings"], made["kills"]["SIGKILL"]) == (4, 2, 3)
    assert made["steps"] == [0, 5, 7, 5]
    assert (made["mismatches"], made["faults"]) == ([["state"]], ["a fault"])
