"""The words of well-known projects: the figures in them are those of the network in training."""

import io
import re
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from clearprop.errors import DivergedError
from clearprop.recipes import load
from clearprop.runs.output import progress_of
from clearprop.runs.prepared import prepare
from clearprop.runs.training import train


@pytest.fixture
def told(tiny, recipe):
    """Return a function that runs a recipe and returns its task, and the lines that it said."""

    def run(output, *settings):
        path = Path(recipe())
        path.write_text(f'output = "{output}"\n{path.read_text()}')
        stream = io.StringIO()
        task = prepare(load(str(path), settings), tiny)
        train(task, progress_of(task, stream))
        return task, stream.getvalue().splitlines()

    return run


@pytest.mark.parametrize("pictures", ["[]", '["deslant", {name = "width", pixels = 3}]'])
def test_iterations_show_predictions_beside_labels(told, pictures):
    words = ("batch_size=1000", "epochs=20", "validation=40", "keep_best=false")
    words = (*words, f"pictures={pictures}")
    task, lines = told("iterations", *words)
    assert lines[:6] == [
        "MNIST data info",
        "Input data shape : 30",
        "Output data shape : 3",
        "Training rows : 160 (0 of them rotated and shifted)",
        "Held-out rows : 40",
        "Start training",
    ]
    assert [line for line in lines if line.startswith("iteration")] == [
        "iteration 10", "iteration 20",
    ]  # fmt: skip
    last = lines[lines.index("iteration 20") :]
    predicted = task.model.predict_proba(task.train).argmax(axis=1)
    labels = task.train.labels
    for line, name, values in ((last[1], "prediction", predicted), (last[2], "label", labels)):
        assert line.split(" : ")[0].strip() == name
        numbers = [int(word) for word in re.findall(r"\d+", line.split(" : ")[1])]
        assert numbers == [*values[:3], *values[-3:]]
        assert " ... " in line
    assert last[3] == f"training accuracy : {np.mean(predicted == labels):.4f}"
    assert last[4].startswith("20 iterations in ")
    accuracy = task.model.evaluate(task.held_out).accuracy
    assert last[5:] == ["Start testing", f"Test Accuracy : {accuracy:.4f} (held-out rows)"]


def test_iterations_without_held_out_rows_test_nothing(told):
    _, lines = told("iterations", "batch_size=1000", "epochs=1")
    assert "Start testing" not in lines
    assert not any(line.startswith("Held-out") for line in lines)


def test_steps_show_the_parameters_and_the_accuracy_every_hundred(told):
    _, lines = told("steps", "steps=250", "batch_size=1")
    assert lines[0] == "W1 (30, 12)  b1 (12,)  W2 (12, 3)  b2 (3,)"
    assert lines[1] == "an epoch is a step here; accuracy on 60 test rows:"
    assert [line.split(",")[0] for line in lines[2:4]] == ["Epoch 100", "Epoch 200"]
    assert lines[4].startswith("250 steps in ")
    _, exact = told("steps", "steps=200", "batch_size=1")
    assert exact[1:4] == lines[1:4]


def test_the_last_line_of_steps_is_the_networks_own_accuracy(told, tiny):
    task, lines = told("steps", "steps=200", "batch_size=1")
    assert lines[3] == f"Epoch 200, Accuracy: {task.model.evaluate(tiny.test).accuracy:.4f}"


@pytest.mark.parametrize("output", ["iterations", "steps"])
def test_telling_changes_nothing(told, output):
    words = ("steps=220", "batch_size=8", "validation=20")
    one, other = told(output, *words)[0].model, told("epochs", *words)[0].model
    for name, value in one.parameters.items():
        assert value.tobytes() == other.parameters[name].tobytes()


def test_steps_without_test_rows_look_at_held_out_ones(tiny, recipe):
    for words, said in ((["validation=40"], "40 validation rows"), ([], "200 training rows")):
        stream = io.StringIO()
        made = load(recipe(), [*words, "steps=100"])
        made = msgspec.structs.replace(made, output="steps")
        task = prepare(made, replace(tiny, test=None))
        train(task, progress_of(task, stream))
        assert said in stream.getvalue()


def test_a_run_that_diverges_tells_no_result(tiny, recipe):
    words = ["learning_rate=1e5", "loss=squared_error", "validation=40"]
    stream = io.StringIO()
    made = load(recipe(), words)
    task = prepare(msgspec.structs.replace(made, output="iterations"), tiny)
    with pytest.raises(DivergedError):
        train(task, progress_of(task, stream))
    assert "Start testing" not in stream.getvalue()
