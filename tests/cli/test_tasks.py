"""Real numbers, labels and a single yes or no, from the command line to the report."""

import json
import math
import re
import signal

import numpy as np
import pytest
from PIL import Image

from clearprop import MLP, load

RNG = np.random.default_rng(2)
X = RNG.normal(size=(200, 4)).astype(np.float32)
MIXED = X @ RNG.normal(size=(4, 3)) + 0.2 * RNG.normal(size=(200, 3))
FILES = {
    "values": MIXED[:, :2] * [100.0, 0.1],
    "value": 50.0 + 10.0 * MIXED[:, 0],
    "labels": (MIXED > 0.2).astype(int),
    "yes": (MIXED[:, 0] > 0.2).astype(int),
    "counts": np.rint(200.0 + 90.0 * MIXED[:, 0]).astype(int),
}
TASKS = {"values": "values", "value": "values", "labels": "labels", "yes": "classes"}


@pytest.fixture(autouse=True)
def files(folder):
    """Write each problem as a file of its own, with training and test rows."""
    for name, y in FILES.items():
        np.savez(folder / f"{name}.npz", x_train=X[:150], y_train=y[:150], x_test=X[150:],
                 y_test=y[150:])  # fmt: skip


@pytest.fixture
def trained(run, folder):
    """Return a function that trains on a file, and gives what was said and the model file."""

    def train(name, *words, out="out"):
        said = run("train", "--data", f"{name}.npz", "--epochs", 8, "--out", out, "--json", *words)
        assert said.code == 0, said.err
        return said, folder / out / "model.safetensors"

    return train


@pytest.mark.parametrize("name", TASKS)
def test_train_tells_the_task_and_its_metrics_by_name(trained, run, name):
    said, path = trained(name)
    made, task = said.json, TASKS[name]
    model, test = load(path), (X[150:], FILES[name][150:])
    assert (made["task"], model.task) == (task, task)
    assert made["test_metrics"] == pytest.approx(model.evaluate(*test).as_dict())
    assert made["metrics"].keys() == made["test_metrics"].keys()
    assert ("test_accuracy" in made) == (task == "classes")
    # Shown are those that are measured after every epoch, as the card has them.
    assert {name: made["metrics"][name] for name in model.metrics} == pytest.approx(model.metrics)
    told = run("evaluate", path, "--data", f"{name}.npz", "--json").json
    assert (told["task"], told["metrics"]) == (task, told["test_metrics"])
    assert (told["test_metrics"], told["loss"]) == (
        made["test_metrics"],
        told["test_metrics"]["loss"],
    )


def test_messages_say_what_is_asked_and_by_what_it_is_judged(run):
    said = run("train", "--data", "value.npz", "--epochs", 2, "--out", "out")
    assert "150 rows of 4 with 1 column of values" not in said.err  # some are held out
    assert re.search(r"135 rows of 4 with 1 column of values, 15 held out", said.err)
    assert "task: values, how much; judged by R²" in said.err
    assert re.search(r"epoch 2/2  loss \S+  R² \S+  validation \S+  rate", said.out)
    assert re.search(r"test R²: \S+, root mean square error \S+, mean absolute error", said.out)
    assert "identity" in said.out  # the summary is that of the network that learns


@pytest.mark.parametrize("name", ["values", "labels", "yes"])
def test_one_batch_is_explained(run, name):
    said = run("train", "--data", f"{name}.npz", "--epochs", 1, "--out", "out", "--explain")
    wanted = {"values": ("the values, standardized", "r2 "), "labels": ("0 or 1", "accuracy "),
              "yes": ("the labels, one-hot", "accuracy ")}[name]  # fmt: skip
    assert all(words in said.out for words in wanted)
    assert "dW1 " in said.out


def test_one_output_is_asked_for_yes_or_no(run, folder):
    said = run("train", "--data", "yes.npz", "--set", "layers=[4,8,1]", "--out", "out", "--json")
    assert said.json["task"] == "labels"
    model = load(folder / "out/model.safetensors")
    assert model.classes == ("0", "1")
    assert (folder / "out/predictions.png").is_file()


def test_whole_numbers_that_may_be_either_are_asked_about(run, trained):
    said = run("train", "--data", "counts.npz", "--out", "out")
    assert said.code == 4
    assert "task='values' (--set task=values), or classes" in said.err
    assert not re.search("Traceback", said.err)
    made, path = trained("counts", "--set", "task=values")
    assert made.json["task"] == "values"
    told = run("evaluate", path, "--data", "counts.npz", "--json")
    assert told.json["test_metrics"]["rmse"] == pytest.approx(made.json["test_metrics"]["rmse"])


def test_classes_that_are_called_by_numbers_may_be_numbers(run, folder):
    np.savez(folder / "few.npz", x_train=X, y_train=np.arange(200) % 5)
    said = run("train", "--data", "few.npz", "--set", "task=values", "--out", "out", "--json")
    assert said.json["task"] == "values"
    assert load(folder / "out/model.safetensors").targets.means == pytest.approx((2.0,), abs=0.1)
    for name in ("cat", "dog"):
        (folder / "photos" / name).mkdir(parents=True)
        Image.fromarray(np.zeros((9, 9), np.uint8)).save(folder / "photos" / name / "a.png")
    refused = run("train", "--data", "photos", "--set", "task=values", "--out", "more")
    assert refused.code == 4
    assert "classes called cat, dog, which are not numbers" in refused.err


@pytest.mark.parametrize("name", TASKS)
def test_a_report_suits_the_task(trained, run, folder, name):
    _, path = trained(name)
    told = run("evaluate", path, "--data", f"{name}.npz", "--report", "report", "--json")
    page = (folder / "report/index.html").read_text(encoding="utf-8")
    record = json.loads((folder / "report/report.json").read_text(encoding="utf-8"))
    assert told.json.items() >= record.items()
    for picture in re.findall(r'src="([^"]+)"', page):
        with Image.open(folder / "report" / picture) as shown:
            assert min(shown.size) > 100
    wanted = {"values": "How far off is it?", "labels": "Which labels does it recognize?",
              "classes": "Which classes does it mistake?"}[TASKS[name]]  # fmt: skip
    assert wanted in page
    if TASKS[name] == "values":
        model = load(path)
        error = np.reshape(model.predict(X[150:]), (50, -1)) - FILES[name][150:].reshape(50, -1)
        for k, column in enumerate(record["columns"]):
            assert column["rmse"] == pytest.approx(math.sqrt((error[:, k] ** 2).mean()))
            assert column["within"]["0.5"] == pytest.approx(np.median(np.abs(error[:, k])))
        worst = record["misses"][0]
        scaled = np.abs(error) / model.targets.deviations
        assert worst["row"] == int(scaled.max(axis=1).argmax())


def test_inspect_and_doctor_know_real_numbers(trained, run):
    _, path = trained("counts", "--set", "task=values")
    said = run("inspect", path).out
    assert "values: value; (mean, standard deviation) of the training rows: (" in said
    assert re.search(r"learned from floats from -\S+ to \S+, mean", said)
    assert "validation R²: " in said
    told = run("doctor", "counts.npz", "out", "--json").json
    assert told["run"]["not_looked_at"] == ""
    assert told["data"]["task"] == "values"


def test_rows_that_are_scaled_otherwise_are_reported_by_every_command(trained, run, folder):
    _, path = trained("value")
    np.savez(folder / "large.npz", x_train=255 * X, y_train=FILES["value"])
    said = run("evaluate", path, "--data", "large.npz")
    assert said.code == 0
    assert said.err.count("warning: the network learned from numbers from") == 1
    found = run("doctor", "large.npz", path, "--json").json["run"]["findings"]
    assert [one["kind"] for one in found] == ["other_scale"]
    np.savez(folder / "bytes.npz", x_train=(X > 0).astype(np.uint8), y_train=FILES["value"])
    refused = run("evaluate", path, "--data", "bytes.npz")
    assert refused.code == 4
    assert "are bytes (uint8): scale them as its training rows were" in refused.err


def test_a_sweep_ranks_by_the_metric_of_the_task(run):
    said = run("sweep", "--data", "value.npz", "--vary", "learning_rate=1e-6,0.01", "--seeds", 2,
               "--epochs", 5, "--json")  # fmt: skip
    best, worst = said.json["trials"]
    assert best["metric"] == "r2"
    assert best["settings"] == {"learning_rate": 0.01}
    assert said.json["task"] == "values"
    assert best["metrics"]["r2"] > worst["metrics"]["r2"]
    assert best["metrics"]["rmse"] < worst["metrics"]["rmse"]
    r2 = [seed["metrics"]["r2"] for seed in best["seeds"]]
    assert best["deviations"]["r2"] == pytest.approx(np.std(r2, ddof=1))
    table = run("sweep", "--data", "value.npz", "--vary", "learning_rate=1e-6,0.01", "--seeds", 2,
                "--epochs", 5).out  # fmt: skip
    assert "R²" in table.splitlines()[0]
    assert "is the R² on 15 validation rows" in table


RECIPE = """
title = "numbers"
[data]
name = "value.npz"
[model]
layers = [4, 8, 1]
learning_rate = 0.01
[fit]
epochs = 20
batch_size = 16
[claim]
metrics.{metric} = {value}
source = "nobody"
"""


@pytest.mark.parametrize(
    ("metric", "value", "code"),
    [("rmse", 100.0, 0), ("rmse", 0.001, 3), ("r2", 0.5, 0), ("r2", 1, 3)],
)
def test_a_claim_is_about_any_metric(run, folder, metric, value, code):
    (folder / "numbers.toml").write_text(RECIPE.format(metric=metric, value=value))
    said = run("reproduce", "numbers.toml", "--json")
    (row,) = said.json
    assert said.code == code, said.err
    assert (row["metric"], row["claim"], row["met"]) == (metric, value, code == 0)
    assert (row["task"], row["metrics"]) == ("values", None)
    assert row["measured"] == row["test_metrics"][metric] > 0
    assert "test_accuracy" not in row
    shown = run("reproduce", "numbers.toml").out
    assert ("yes" in shown) == (code == 0)


def test_a_claim_about_a_metric_of_another_task_is_refused(run, folder):
    (folder / "numbers.toml").write_text(RECIPE.format(metric="accuracy", value=0.5))
    said = run("reproduce", "numbers.toml")
    assert said.code == 2
    assert "unknown metric of values on test rows 'accuracy'" in said.out
    (folder / "numbers.toml").write_text(RECIPE.format(metric="accuracy", value=50))
    assert (
        "the claim is 50; accuracy lies between 0 and 1"
        in run("recipes", "list").err + run("reproduce", "numbers.toml").err
    )


def test_seeds_of_real_numbers_are_kept(run, folder):
    (folder / "numbers.toml").write_text(RECIPE.format(metric="rmse", value=100.0))
    words = ("reproduce", "numbers.toml", "--keep", "kept", "--results", "results", "--json",
             "--seeds", "0,1")  # fmt: skip
    first, again = run(*words).json, run(*words).json
    for one, other in zip(first, again, strict=True):
        assert one["measured"] == other["measured"]
    record = json.loads((folder / "results/numbers.json").read_text())
    assert record["test_rmse_mean"] == pytest.approx(first[0]["measured"])
    assert [one["test"] for one in record["seeds"]] == [
        json.loads((folder / f"kept/numbers/seed-{k}/history.json").read_text())["result"][
            "test_metrics"
        ]["rmse"]
        for k in (0, 1)
    ]


def test_a_training_that_was_stopped_resumes(run, folder, spawn):
    words = ("train", "--data", "values.npz", "--epochs", 400, "--set", "batch_size=4", "--quiet")
    whole = run(*words, "--out", "whole", "--json").json
    process = spawn(*words, "--out", "part", "--checkpoint-every", "50steps")
    while not list((folder / "part/checkpoints").glob("step-*.json")):
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate()
    resumed = run(*words, "--out", "part", "--resume", "auto", "--json").json
    assert resumed["test_metrics"] == whole["test_metrics"]
    assert resumed["metrics"] == whole["metrics"]


def test_pictures_are_answered_by_every_task(run, folder):
    images = RNG.integers(0, 256, (40, 6, 6)).astype(np.uint8)
    bright = images.reshape(40, -1).mean(axis=1)
    targets = {"a value": bright, "labels": np.stack([bright > 127, bright < 120], 1) * 1,
               "yes": (bright > 127) * 1}  # fmt: skip
    Image.fromarray(images[0]).resize((60, 60)).save("picture.png")
    for name, y in targets.items():
        model = MLP([36, 1 if y.ndim == 1 else 2])
        model.fit(images, y, epochs=1)
        model.save("m.safetensors")
        (answer,) = run("predict", "m.safetensors", "picture.png", "--json").json
        wanted = {"a value": {"values"}, "labels": {"labels", "probabilities"},
                  "yes": {"label", "probabilities"}}[name]  # fmt: skip
        assert answer.keys() == {"file"} | wanted
        assert run("predict", "m.safetensors", "picture.png").out.startswith("picture.png: ")
    assert set(answer["probabilities"]) == {"0", "1"}
    assert sum(answer["probabilities"].values()) == pytest.approx(1.0)
