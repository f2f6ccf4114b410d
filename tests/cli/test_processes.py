"""What only a process of its own shows: Ctrl-C, pipes that close, terminals' wishes."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clearprop import load

LONG = ("train", "--data", "digits", "--epochs", 100_000)


def read_until_first_epoch(stream):
    """Read lines until the first epoch's has come."""
    for line in stream:
        if line.startswith("epoch"):
            return
    pytest.fail("the first epoch never came")


def test_ctrl_c_keeps_the_best_network_and_leaves_with_130(spawn, folder):
    running = spawn(*LONG)
    read_until_first_epoch(running.stdout)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate()
    assert running.returncode == 130
    assert "Traceback" not in err
    assert "stopped by Ctrl-C" in out
    path = folder / "runs" / "digits" / "model.safetensors"
    assert str(path) in out
    model = load(path)
    assert model.epochs >= 1
    history = json.loads(path.with_name("history.json").read_text())["history"]
    assert history["interrupted"]
    assert model.metrics["accuracy"] == max(history["val_accuracy"])


def test_ctrl_c_with_json_still_prints_its_one_object(spawn):
    running = spawn(*LONG, "--json")
    read_until_first_epoch(running.stderr)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate()
    made = json.loads(out)
    assert (running.returncode, made["interrupted"]) == (130, True)
    assert Path(made["model"]).exists()
    assert "Traceback" not in err


def test_ctrl_c_ends_reproduce_too(spawn, recipe, folder):
    recipe("long.toml", name="digits", more="[[variants]]\ntitle = 'x'\nsettings = {}\n")
    text = (folder / "long.toml").read_text()
    (folder / "long.toml").write_text(
        text.replace("epochs = 3", "epochs = 100_000").replace("[30, 12, 3]", "[64, 10]")
    )
    running = spawn("reproduce", "long.toml", "--json")
    read_until_first_epoch(running.stderr)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate()
    assert (running.returncode, out) == (130, "")
    assert "stopped by Ctrl-C" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "words", [("datasets", "list"), ("recipes", "show", "fashion-sgd"), ("--help",)]
)
def test_a_pipe_whose_reader_went_away_is_no_traceback(spawn, words):
    reader, writer = os.pipe()
    os.close(reader)
    running = spawn(*words, stdout=writer)
    os.close(writer)
    _, err = running.communicate()
    assert err == ""
    assert running.returncode != 0


def test_training_into_a_pipe_that_closes_is_no_traceback(spawn):
    with spawn(*LONG) as running:
        read_until_first_epoch(running.stdout)
        running.stdout.close()
        err = running.stderr.read()
    assert "Traceback" not in err
    assert "Exception ignored" not in err


def test_the_exit_code_is_the_processs_own(spawn):
    running = spawn("recipes", "show", "none")
    out, err = running.communicate()
    assert (running.returncode, out) == (2, "")
    assert err.startswith("clearprop: unknown recipe 'none'")


def test_the_installed_command_is_this_one(spawn):
    script = Path(sys.executable).with_name("clearprop")
    if not script.exists():
        pytest.skip("the package's command is not installed beside this Python")
    made = subprocess.run([script, "--version"], capture_output=True, text=True)
    assert made.stdout == spawn("--version").communicate()[0]


def on_a_terminal(words, **env):
    """Return what a command prints to a terminal of its own."""
    pty = pytest.importorskip("pty")
    mine, theirs = pty.openpty()
    program = "from clearprop.cli import main; main()"
    running = subprocess.Popen(
        [sys.executable, "-c", program, *map(str, words)],
        stdin=theirs, stdout=theirs, stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **env},
    )  # fmt: skip
    os.close(theirs)
    read = bytearray()
    while True:
        try:
            part = os.read(mine, 65536)
        except OSError:  # so Linux says that the other side is closed
            break
        if not part:
            break
        read += part
    os.close(mine)
    assert running.wait() == 0, read.decode()
    return read.decode()


COLOR = re.compile("\x1b\\[(\\d+;)*[349]\\d")


def test_a_terminal_sees_colors_and_a_bar_and_every_line_and_no_color_is_respected(folder):
    words = ("train", "--data", "digits", "--epochs", 3)
    shown, plain = on_a_terminal(words), on_a_terminal(words, NO_COLOR="1")
    assert COLOR.search(shown)
    assert not COLOR.search(plain)
    for text in (shown, plain):
        assert "left" in text
        assert "epoch 3/3" in text
        assert text.rstrip().splitlines()[-1].startswith("test accuracy: ")


def test_help_respects_no_color(folder):
    assert COLOR.search(on_a_terminal(["--help"]))
    assert not COLOR.search(on_a_terminal(["--help"], NO_COLOR="1"))
