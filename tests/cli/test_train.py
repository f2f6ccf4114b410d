"""`train`: what it prints where, what it writes, and that a batch is explained as it trains."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clearprop import Callback, load
from clearprop.recipes import load as load_recipe
from clearprop.recipes import split_rows
from clearprop.runs import pictures as run_pictures
from clearprop.runs.explanation import explanation
from clearprop.runs.prepared import build_model, prepare

DRAWING = run_pictures.write_pictures
KEYS = {"test_accuracy", "epochs", "seconds", "model", "resumed_from"}
PICTURES = ["curves.png", "predictions.png"]
FILES = {".clearprop.lock", "checkpoints", "history.json", "model.safetensors", "recipe.json"}


def test_json_is_one_object_on_stdout_and_progress_goes_to_stderr(run, tiny):
    said = run("train", "--data", "mnist", "--epochs", 3, "--json")
    assert said.code == 0
    assert len(said.out.splitlines()) == 1
    made = said.json
    assert made.keys() >= KEYS
    assert (made["epochs"], made["resumed_from"], made["interrupted"]) == (3, 0, False)
    assert made["seconds"] > 0.0
    assert Path(made["model"]).is_absolute()
    assert load(made["model"]).evaluate(tiny.test).accuracy == made["test_accuracy"]
    assert re.findall(r"^epoch (\d)/3 ", said.err, re.MULTILINE) == ["1", "2", "3"]


def test_without_json_the_last_line_is_the_test_accuracy(run, tiny):
    said = run("train", "--data", "mnist", "--epochs", 2)
    assert re.fullmatch(r"test accuracy: \d+\.\d\d %", said.out.splitlines()[-1])
    assert "(30, 128)" in said.out  # the summary
    assert "engine: numpy (" in said.err
    assert not re.search(r"^epoch ", said.err, re.MULTILINE)


def test_quiet_says_nothing_but_the_result(run, tiny):
    said = run("train", "--data", "mnist", "--epochs", 1, "--quiet")
    assert said.err == ""
    assert [line.split(":")[0] for line in said.out.splitlines()] == ["model", "test accuracy"]
    said = run("train", "--data", "mnist", "--epochs", 1, "--quiet", "--json")
    assert said.err == ""
    assert said.json["epochs"] == 1


def test_the_folder_of_a_run(run, tiny, folder, monkeypatch):
    monkeypatch.setattr(run_pictures, "write_pictures", DRAWING)
    said = run("train", "--data", "mnist", "--epochs", 2)
    made = folder / "runs" / "mnist"
    assert {path.name for path in made.iterdir()} == FILES.union(PICTURES)
    record = json.loads((made / "history.json").read_text())
    assert len(record["history"]["loss"]) == len(record["history"]["val_accuracy"]) == 2
    assert record["recipe"]["data"] == {"name": "mnist", "validation": 0.1}
    assert f"{100 * record['result']['test_accuracy']:.2f} %" in said.out
    for name in ("curves.png", "predictions.png"):
        with Image.open(made / name) as picture:
            assert picture.format == "PNG"


def test_the_best_epoch_is_kept_by_the_default_network(run, tiny, folder):
    # A rate so high that the last epoch is seldom the best one.
    words = ("--epochs", 12, "--set", "learning_rate=0.1", "--set", "batch_size=8")
    model = load(run("train", "--data", "mnist", *words, "--json").json["model"])
    history = json.loads((folder / "runs" / "mnist" / "history.json").read_text())["history"]
    best = int(np.argmax(history["val_accuracy"]))
    assert best < 11
    assert history["best_epoch"] == best + 1
    assert model.metrics["accuracy"] == history["val_accuracy"][best]


def test_a_second_run_leaves_the_first_alone(run, tiny, folder):
    first, second, third = (
        run("train", "--data", "mnist", "--epochs", 1, "--seed", seed, "--json").json["model"]
        for seed in range(3)
    )
    assert [Path(path).parent.name for path in (first, second, third)] == [
        "mnist", "mnist-2", "mnist-3",
    ]  # fmt: skip
    assert load(first).settings.seed == 0
    assert load(third).settings.seed == 2


def test_a_folder_of_your_own(run, tiny, folder):
    said = run("train", "--data", "mnist", "--epochs", 1, "--out", "a/b", "--json")
    assert said.json["model"] == str(folder / "a" / "b" / "model.safetensors")
    assert not (folder / "runs").exists()


def test_the_same_seed_gives_the_same_file(run, tiny):
    one, same, other = (
        Path(run("train", "--data", "mnist", "--epochs", 2, "--seed", s, "--json").json["model"])
        for s in (4, 4, 5)
    )
    assert one.read_bytes() == same.read_bytes() != other.read_bytes()


def test_a_recipe_by_its_path_with_changes(run, tiny, recipe):
    words = ("--epochs", 2, "--set", "learning_rate=0.5", "--set", "optimizer=momentum")
    said = run("train", recipe(), *words, "--engine", "jax", "--json")
    assert said.json["engine"] == "jax"
    settings = load(said.json["model"]).settings
    assert (settings.learning_rate, settings.optimizer.name) == (0.5, "momentum")
    assert (settings.epochs, settings.batch_size) == (2, 16)


def test_what_a_recipe_shows(run, tiny, recipe):
    said = run("train", recipe(show='["test_each_epoch", "five_predictions"]'))
    epochs = [line for line in said.out.splitlines() if line.startswith("epoch")]
    assert all(re.search(r"test 0\.\d+ ", line) for line in epochs)
    shown = [line for line in said.out.splitlines() if re.match(r"  [✓✗] ", line)]
    assert len(shown) == 5
    model = load(said.out.split("model: ")[1].splitlines()[0])
    for line, label, named in zip(shown, tiny.test.labels, model.predict(tiny.test.images[:5]),
                                  strict=False):  # fmt: skip
        assert ("✓" in line) == (tiny.test.classes[label] == named)
        assert line.endswith(f"truth: {tiny.test.classes[label]}")
        assert named in line


def test_test_rows_choose_nothing(run, tiny, recipe):
    plain, shown = (
        Path(run("train", recipe(show=show), "--json").json["model"]).read_bytes()
        for show in ([], '["test_each_epoch"]')
    )
    assert plain == shown


def test_validation_rows_are_cut_from_training_rows(tiny, recipe, folder):
    made = load_recipe(recipe(), ["validation=0.2"])
    train, validation = split_rows(made, tiny)
    assert (len(train), len(validation)) == (160, 40)
    rows = {image.tobytes() for image in tiny.train.images}
    assert {i.tobytes() for i in train.images} | {i.tobytes() for i in validation.images} == rows
    assert not rows & {image.tobytes() for image in tiny.test.images}


# --explain.

ISSUE = ["Z1", "A1", "Z2", "S", "loss", "accuracy",
         "dS", "dW2", "db2", "dA1", "dZ1", "dW1", "db1"]  # fmt: skip


def heads(text):
    """Return the first lines of all explained values, by name, in order."""
    lines = [line for line in text.splitlines() if re.match(r"\S+ +=", line)]
    return {line.split()[0]: line for line in lines}


def test_explain_prints_every_step_by_name_with_its_shape(run, tiny, recipe):
    said = run("train", recipe(), "--explain")
    found = heads(said.out)
    assert [name for name in found if name in ISSUE] == ISSUE
    shapes = {name: line.rsplit("(")[-1] for name, line in found.items()}
    assert shapes["Z1"] == "m=16×12)"
    assert shapes["dW1"] == "30×12)"
    assert shapes["db2"] == "3,)"
    assert said.out.index("db1") < said.out.index("epoch 1/3")


def test_explain_goes_to_stderr_beside_json(run, tiny, recipe):
    said = run("train", recipe(), "--explain", "--json")
    assert heads(said.err).keys() >= set(ISSUE)
    assert said.json["epochs"] == 3


def test_explain_says_that_adversarial_training_takes_a_second_gradient(run, tiny, recipe):
    assert "up the loss" not in run("train", recipe(), "--explain").out
    said = run("train", recipe(), "--explain", "--set", "adversarial=0.25").out
    assert "moved by 0.25 up the loss" in said
    assert said.index("up the loss") < said.index("Z1")


@pytest.mark.parametrize("validation", [0, 0.2])
@pytest.mark.parametrize("preparation", ["unit", "standardize"])
@pytest.mark.parametrize("pictures", ["[]", '["center"]'])
def test_what_is_explained_is_the_first_step_that_trains(
    tiny, recipe, validation, preparation, pictures
):
    made = load_recipe(
        recipe(),
        [f"validation={validation}", f"preparation={preparation}", f"pictures={pictures}",
         "precision=float64"],
    )  # fmt: skip
    seen = {}

    class First(Callback):
        def after_stretch(self, fit):
            seen.setdefault("loss", fit._run.measured()[0].loss[0])
            seen.setdefault("params", fit.fetch().params)

    model = build_model(made)
    before = model.parameters
    model.fit(split_rows(made, tiny)[0], epochs=1, batch_size=16, callbacks=[First()])
    text = explanation(prepare(made, tiny))
    assert heads(text)["loss"].endswith(f"= {seen['loss']:.6f}")
    for layer in (1, 2):
        name = f"layers.{layer - 1}.weight"
        gradient = (before[name] - seen["params"][name]) / 0.1
        block = text.split(f"\ndW{layer} ")[1].splitlines()[1:4]
        top, left = map(int, re.search(r"\[(\d+):, (\d+):\]", block[0]).groups())
        shown = [[float(v) for v in line.split("]")[-1].replace("…", "").split()] for line in block]
        corner = gradient[top : top + 3, left : left + 3]
        assert np.array(shown) == pytest.approx(corner, rel=1e-3, abs=1e-6)


def test_a_picture_that_cannot_be_drawn_does_not_hide_the_others(run, tiny, recipe, monkeypatch):
    from clearprop.errors import MissingExtraError

    def refuse(*_):
        raise MissingExtraError("hidden layers need scikit-learn", "sklearn")

    monkeypatch.setattr(run_pictures, "write_pictures", DRAWING)
    monkeypatch.setattr(run_pictures, "_draw_hidden_layer", refuse)
    said = run("train", recipe(show='["hidden_layer"]'))
    assert "pictures: runs/tiny/curves.png, runs/tiny/predictions.png" in said.err
    assert re.search(r"hidden layers need scikit-learn: .* -m pip install 'clearprop\[sk", said.err)


def test_a_recipes_hidden_layer_is_drawn(run, tiny, recipe, folder, monkeypatch):
    monkeypatch.setattr(run_pictures, "write_pictures", DRAWING)
    run("train", recipe(show='["hidden_layer"]'))
    with Image.open(folder / "runs" / "tiny" / "hidden_layer.png") as picture:
        assert picture.format == "PNG"


def test_epochs_on_the_command_line_stand_in_place_of_a_recipes_steps(run, tiny, recipe, folder):
    path = folder / recipe()
    path.write_text(path.read_text().replace("epochs = 3", "steps = 5"))
    assert run("train", path, "--json").json["epochs"] == 1
    assert run("train", path, "--epochs", 2, "--json").json["epochs"] == 2
    assert run("train", path, "--set", "epochs=2", "--json").json["epochs"] == 2


def test_a_claim_does_not_stand_in_the_way_of_other_settings(run, tiny, recipe, folder):
    path = folder / recipe()
    text = path.read_text().replace('name = "mnist"', 'name = "mnist"\nvalidation = 40')
    text = text.replace("[fit]", "[fit]\nkeep_best = false")
    path.write_text(text + 'rows = "validation"\nlast_epochs = 3\n')
    assert run("train", path, "--epochs", 1).code == 0
    assert run("train", path, "--set", "validation=0").code == 0


def test_without_test_rows_validation_rows_are_shown(run, tiny, folder, monkeypatch):
    drawn = []
    monkeypatch.setattr(run_pictures, "write_pictures", DRAWING)
    monkeypatch.setattr(
        "clearprop.insight.answers.draw_some_and_worst",
        lambda path, chances, rows, what: drawn.append((len(rows), what)) or path,
    )
    monkeypatch.setattr("clearprop.data.datasets.load", lambda *_, **__: replace(tiny, test=None))
    said = run("train", "--data", "mnist", "--epochs", 1)
    assert "validation accuracy: " in said.out.splitlines()[-1]
    run("train", "--data", "mnist", "--epochs", 1, "--set", "validation=0")
    assert drawn == [(20, "validation"), (200, "training")]


KAGGLE = """
title = "a table"
output = "iterations"
[data]
name = "mnist"
rows = [0, 50]
validation = 10
deformed = { images = 20, rotation = 10, shift = 2 }
[model]
layers = [784, 12, 10]
batch_norm = true
[fit]
epochs = 10
batch_size = 1000
keep_best = false
"""


def test_kaggles_table_goes_through_a_recipe(run, folder):
    rng = np.random.default_rng(0)
    lines = ["label," + ",".join(f"pixel{i}" for i in range(784))]
    lines += [",".join(map(str, [n % 10, *rng.integers(0, 256, 784)])) for n in range(60)]
    (folder / "train.csv").write_text("\n".join(lines))
    (folder / "table.toml").write_text(KAGGLE)
    said = run("train", "table.toml", "--data", "train.csv")
    assert said.code == 0
    for text in ("MNIST data info", "Training rows : 60 (20 of them rotated and shifted)",
                 "Held-out rows : 10", "iteration 10", "Test Accuracy : "):  # fmt: skip
        assert text in said.out
    assert re.fullmatch(r"validation accuracy: .* \(no test rows\)", said.out.splitlines()[-1])


@pytest.mark.parametrize("names", [("0", "1", "2"), ("cat", "dog", "emu")])
def test_a_network_of_other_outputs_than_there_are_classes_is_refused(
    run, tiny, recipe, folder, monkeypatch, names
):
    data = replace(
        tiny,
        train=replace(tiny.train, classes=names),
        test=replace(tiny.test, classes=names),
    )
    monkeypatch.setattr("clearprop.data.datasets.load", lambda *_, **__: data)
    said = run("train", recipe(), "--set", "layers=[30, 12, 10]")
    assert said.code == 4
    assert said.err.count("\n") == 1
    assert "3 classes, but the network has 30 inputs and 10 outputs" in said.err
    assert "--set 'layers=[30, 12, 3]'" in said.err
    assert not (folder / "runs").exists()
