"""Signals at awkward moments: in a slow save, a validation, a compilation; and two trainings."""

import contextlib
import json
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from clearprop.storage import checkpoint_folder, read

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no signals of this kind")

EPOCHS, STEPS = 6, 18
WORDS = (
    "train", "--data", "rows.npz", "--set", "batch_size=16", "--epochs", EPOCHS,
    "--checkpoint-every", "1epochs", "--quiet", "--json",
)  # fmt: skip

# A command line that stops in the midst of something, says so, and waits to be told to go on.
PAUSING = """
import os, sys, threading

# There is nothing to see in the pictures, and to draw them takes longer than to train.
sys.modules["matplotlib"] = None

def telling(owner, name, when=lambda *_: True, wait=False):
    real, calls = getattr(owner, name), [0]
    def told(*arguments, **words):
        calls[0] += 1
        if when(calls[0], *arguments):
            print(name, flush=True)
            told.said.set()
            if wait:
                os.read(0, 1)
        return real(*arguments, **words)
    told.said = threading.Event()
    setattr(owner, name, told)

def pausing(owner, name, when):
    telling(owner, name, when, wait=True)

{pauses}
from clearprop.cli import main
main(sys.argv[1:])
"""
IN_THE_SECOND_SAVE = """
from clearprop.storage import checkpoint_folder
from clearprop.training.background import Background
from clearprop.training.fit import Fit
from clearprop.training.interrupt import DeferredInterrupt

pruned, evaluate, is_kept = checkpoint_folder.prune, Fit.evaluate, threading.Event()

def prune(*arguments):
    pruned(*arguments)
    is_kept.set()

def waited(fit, *arguments):
    # The second epoch does not end before the first one's checkpoint is there, and the third not
    # before the second one's is begun.
    assert fit.epoch == 1 or is_kept.wait(60)
    assert fit.epoch <= 2 or checkpoint_folder.atomic.write.said.wait(60)
    return evaluate(fit, *arguments)

checkpoint_folder.prune, Fit.evaluate = prune, waited
pausing(checkpoint_folder.atomic, "write", lambda _, path, *parts: is_kept.is_set() and
        path.name.startswith("step-"))
telling(DeferredInterrupt, "_note")
telling(Background, "drain")
"""
IN_A_VALIDATION = """
from clearprop.training.fit import Fit
pausing(Fit, "evaluate", lambda n, *_: n == 2)
"""
IN_A_COMPILATION = """
from clearprop.engines import jax_run
pausing(jax_run, "batch_loss", lambda n, *_: n == 1)
"""


@pytest.fixture
def rows(folder):
    """Sixty rows in three classes, a few of which are held out."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 60)
    images = (rng.integers(0, 200, (60, 4, 4)) + 20 * labels[:, None, None]).astype(np.uint8)
    np.savez(folder / "rows.npz", x_train=images[:50], y_train=labels[:50].astype(np.uint8),
             x_test=images[50:], y_test=labels[50:].astype(np.uint8))  # fmt: skip


@pytest.fixture
def begin(rows):
    """Return a function that starts a training, with pauses."""
    with contextlib.ExitStack() as stack:

        def start(pauses, *words):
            program, pipe = PAUSING.format(pauses=pauses), subprocess.PIPE
            process = stack.enter_context(
                subprocess.Popen([sys.executable, "-c", program, *map(str, (*WORDS, *words))],
                                 stdin=pipe, stdout=pipe, stderr=pipe, text=True)
            )  # fmt: skip
            stack.callback(process.kill)
            # Two that wait for each other shall fail a test, not hold it up for good.
            alarm = threading.Timer(120, process.kill)
            alarm.start()
            stack.callback(alarm.cancel)
            return process

        yield start


@pytest.fixture
def paused(begin):
    """Return a function that starts a training, and gives it when it pauses."""

    def start(pauses, *words, until):
        process = begin(pauses, *words)
        line = process.stdout.readline()
        assert line == f"{until}\n", line + process.stderr.read()
        return process

    return start


@pytest.fixture
def trained(begin):
    """Return a function that trains to the end and gives what is printed, and the model file."""

    def train(*words):
        out, err = begin("", *words).communicate()
        assert out, err
        made = json.loads(out)
        return made, read(made["model"])

    return train


@pytest.fixture
def whole(trained):
    """Return a function that trains without a disturbance and gives the model file."""
    return lambda *words: trained(*words, "--out", "whole")[1]


@pytest.fixture
def resumed(trained):
    """Return a function that goes on with the training in `o`."""
    return lambda *words: trained(*words, "--out", "o", "--resume", "auto")


def same(one, other):
    tensors = zip(one[1].values(), other[1].values(), strict=True)
    return one[0] == other[0] and all(a.tobytes() == b.tobytes() for a, b in tensors)


def newest(folder):
    """Return the step of the newest checkpoint; none may be damaged."""
    found = checkpoint_folder.newest(folder / "checkpoints", pytest.fail)
    return found[1].steps if found else 0


def test_a_second_ctrl_c_leaves_a_slow_save_and_the_one_before_it_is_whole(
    paused, resumed, whole, folder
):
    running = paused(IN_THE_SECOND_SAVE, "--out", "o", until="write")
    running.send_signal(signal.SIGINT)
    # The first one ends the fit, which then waits for the save; the second one does not.
    assert {running.stdout.readline() for _ in range(2)} == {"_note\n", "drain\n"}
    running.send_signal(signal.SIGINT)
    # Its stdin stays open: the save waits as long as the process lives.
    assert running.wait(60) == 130
    assert "Traceback" not in running.stderr.read()
    assert newest(folder / "o") == 3
    made, file = resumed()
    assert (made["resumed_from"], made["steps"]) == (3, STEPS)
    assert same(file, whole())
    assert not list((folder / "o" / "checkpoints").glob(".*.part"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_in_a_validation_ends_the_training_after_it(
    paused, resumed, whole, folder, number
):
    running = paused(IN_A_VALIDATION, "--out", "o", until="evaluate")
    running.send_signal(number)
    _, err = running.communicate("\n")
    assert running.returncode == (143 if number == signal.SIGTERM else 130)
    assert "Traceback" not in err
    assert newest(folder / "o") == 6
    made, file = resumed()
    assert made["resumed_from"] == 6
    assert same(file, whole())


def test_sigterm_while_jax_compiles_saves_and_leaves_with_143(paused, resumed, whole, folder):
    running = paused(IN_A_COMPILATION, "--engine", "jax", "--out", "o", until="batch_loss")
    running.send_signal(signal.SIGTERM)
    _, err = running.communicate("\n")
    assert running.returncode == 143, err
    assert err.splitlines()[-1] == "clearprop: stopped by SIGTERM"
    assert newest(folder / "o") == 1
    made, file = resumed("--engine", "jax")
    assert made["resumed_from"] == 1
    assert same(file, whole("--engine", "jax"))


def test_a_second_training_into_a_folder_is_refused_and_the_first_one_ends_well(
    paused, begin, whole, folder
):
    running = paused(IN_A_VALIDATION, "--out", "o", until="evaluate")
    for more in ((), ("--resume", "auto"), ("--resume", "o")):
        second = begin("", *(("--out", "o") if "o" not in more else ()), *more)
        out, err = second.communicate()
        assert (second.returncode, out) == (11, "")
        (line,) = err.splitlines()
        assert line == (
            "clearprop: another process trains into o; wait for it, or choose another folder"
        )
    out, err = running.communicate("\n")
    assert running.returncode == 0, err
    made = json.loads(out.splitlines()[-1])
    assert same(read(made["model"]), whole())
    assert newest(folder / "o") == STEPS


def test_the_folder_of_a_killed_training_is_free(paused, resumed, whole, folder):
    running = paused(IN_A_VALIDATION, "--out", "o", until="evaluate")
    running.send_signal(signal.SIGKILL)
    running.wait()
    at = newest(folder / "o")
    made, file = resumed()
    assert made["resumed_from"] == at
    assert same(file, whole())
