"""Saves: the best weights, and a training that goes on as if it had never stopped."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

import clearprop
from clearprop.classic import MLP, SGD, Adam, MeanSquaredError, Monitor, ReLU, load_model, saves
from clearprop.errors import DivergedError, ModelFileError, OutputError, SettingError
from clearprop.locking import LOCK, FolderLock

FILES = ["checkpoint.safetensors", "model.safetensors"]


@pytest.fixture
def saved(make, train, validation):
    """Return a function that trains a fresh network, saving, and gives it and its monitor."""

    def call(epochs=2, continue_train=False, **words):
        monitor, model = Monitor(save=True), make(**words)
        model.fit(train, validation, epochs, 16, continue_train, monitor)
        return model, monitor

    return call


def names(folder):
    return sorted(path.name for path in Path(folder).iterdir() if path.name != LOCK)


def same(one, other):
    return all((value == other[name]).all() for name, value in one.items())


@pytest.mark.parametrize(
    "words",
    [
        {"optimizer": SGD, "lmbda": 2.0},
        {"optimizer": Adam, "learning_rate": 0.02},
        {"optimizer": Adam, "learning_rate": 0.02, "activation": ReLU, "loss": MeanSquaredError},
    ],
)
def test_three_epochs_and_two_more_are_five(saved, tensors, folder, words):
    whole, watched = saved(5, **words)
    (folder / "runs" / "classic").rename(folder / "whole")
    saved(3, **words)
    parts, watched_again = saved(2, continue_train=True, **words)
    assert watched.history() == watched_again.history()
    assert len(watched_again.history()[0]) == parts.model.epochs == 5
    assert same(whole.model.parameters, parts.model.parameters)
    for name in FILES:
        assert tensors(folder / "whole" / name) == tensors(folder / "runs" / "classic" / name)
    assert names("runs") == ["classic"]


PROGRAM = """
import numpy as np
from clearprop.classic import MLP, Adam, Monitor
rng = np.random.default_rng(2)
rows = [(x, int(x[:3].argmax())) for x in rng.random((60, 6))]
monitor = Monitor(save=True)
model = MLP(layers=[6, 5, 3], optimizer=Adam, learning_rate=0.02)
model.fit(rows[:40], rows[40:], {epochs}, 16, {go_on}, monitor)
print(monitor.history())
"""


def test_a_fresh_process_resumes_exactly(folder, tensors):
    def run(epochs, go_on):
        program = PROGRAM.format(epochs=epochs, go_on=go_on)
        made = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
        return made.stdout.splitlines()[-1]

    run(3, False)
    parts = run(2, True)
    assert parts == run(5, False)
    for name in FILES:
        assert tensors(f"runs/classic/{name}") == tensors(f"runs/classic-2/{name}")


def test_a_monitor_that_looked_away_loses_nothing(make, train, validation):
    model = make()
    model.fit(train, validation, 2, monitor=Monitor(training=False, validation=False, save=True))
    monitor = Monitor()
    model.fit(train, validation, 1, continue_train=True, monitor=monitor)
    assert [len(series) for series in monitor.history()] == [3, 3, 3, 3]


def test_without_a_save_the_continued_one_stays_as_it_was(saved, make, train, tensors):
    saved(2)
    before = tensors("runs/classic/checkpoint.safetensors")
    model = make()
    model.fit(train, epochs=1, continue_train=True)
    assert model.model.epochs == 3
    assert tensors("runs/classic/checkpoint.safetensors") == before
    assert names("runs") == ["classic"]


def test_the_best_weights_are_kept_and_those_of_earlier_epochs_count(saved, validation):
    # The rate is so high that the last epoch is not the best.
    model, monitor = saved(30, learning_rate=20.0)
    accuracy = monitor.history()[1]
    best = load_model()
    card_says = best.model.metrics["accuracy"]
    hits = np.mean([best.predict(x) == y for x, y in validation])
    assert hits == card_says == max(accuracy) > accuracy[-1]
    assert best.model.epochs == accuracy.index(max(accuracy)) + 1
    assert not same(best.model.parameters, model.model.parameters)
    before = Path("runs/classic/model.safetensors").read_bytes()
    _, monitor = saved(1, continue_train=True, learning_rate=20.0)
    assert monitor.history()[1][-1] <= max(accuracy)
    assert Path("runs/classic/model.safetensors").read_bytes() == before


def test_every_fit_has_a_folder_of_its_own(saved, folder):
    first, monitor = saved(1)
    second, _ = saved(1, seed=1)
    assert monitor.folder == Path("runs/classic")
    assert names("runs") == ["classic", "classic-2"]
    assert all(names(f"runs/{name}") == FILES for name in names("runs"))
    assert same(load_model().model.parameters, second.model.parameters)
    assert same(load_model("runs/classic/model.safetensors").model.parameters,
                first.model.parameters)  # fmt: skip


def test_the_newest_save_is_the_last_one_made_whatever_the_clock_says(saved):
    for seed in range(3):
        newest, _ = saved(1, seed=seed)
    for path in Path("runs/classic").iterdir():
        path.touch()
    assert same(load_model().model.parameters, newest.model.parameters)
    shutil.rmtree("runs/classic")
    newest, monitor = saved(1, seed=7)
    assert monitor.folder == Path("runs/classic-4")
    assert same(load_model().model.parameters, newest.model.parameters)


def test_folders_that_are_no_save_are_passed_over(saved):
    model, _ = saved(1)
    for name in ("classic-9", "classic-8/model.safetensors", "classics-5"):
        Path("runs", name).mkdir(parents=True)
    for number, lacking in ((6, FILES[0]), (7, FILES[1])):
        shutil.copytree("runs/classic", f"runs/classic-{number}")
        Path(f"runs/classic-{number}", lacking).unlink()
        for path in Path(f"runs/classic-{number}").iterdir():
            path.write_bytes(b"not to be read")
    shutil.copytree("runs/classic", "runs/classic-final")
    Path("runs/classic-final/model.safetensors").write_bytes(b"")
    assert same(load_model().model.parameters, model.model.parameters)


def test_the_save_is_an_ordinary_model_file(saved, validation):
    saved(2)
    model = clearprop.load("runs/classic/model.safetensors")
    assert model.inputs.trained_on_floats
    x = np.stack([x.reshape(-1) for x, _ in validation])
    assert model.predict(x).tolist() == [load_model().predict(x) for x, _ in validation]


def test_where_there_is_no_save_nothing_can_be_continued(make, train):
    with pytest.raises(SettingError, match=r"no save under runs/ .* Monitor\(save=True\)"):
        make().fit(train, epochs=1, continue_train=True)


OTHERS = {
    "layers": ({"layers": [6, 4, 3]}, r"layers \[6, 5, 3\], this model with \[6, 4, 3\]"),
    "activation": ({"activation": ReLU}, "sigmoid, sigmoid, this model with relu, sigmoid"),
    "loss": ({"loss": MeanSquaredError}, "sigmoid_cross_entropy, this model with squared_error"),
    "optimizer": ({"optimizer": Adam}, "optimizer sgd, this model with adam"),
    "seed": ({"seed": 1}, "seed 0, this model with 1"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_save_of_another_architecture_is_refused(saved, tensors, name):
    words, says = OTHERS[name]
    saved(1)
    before = tensors("runs/classic/checkpoint.safetensors")
    with pytest.raises(ModelFileError, match=says) as caught:
        saved(1, continue_train=True, **words)
    assert str(Path("runs/classic/checkpoint.safetensors")) in str(caught.value)
    assert tensors("runs/classic/checkpoint.safetensors") == before


def test_a_damaged_save_is_refused(saved):
    saved(1)
    path = Path("runs/classic/checkpoint.safetensors")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelFileError, match="damaged or not a checkpoint"):
        saved(1, continue_train=True)


def test_the_line_says_where_the_save_is_and_which_epoch_it_is(saved, capsys):
    _, monitor = saved(2)
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"saved in {monitor.folder}: validation accuracy " + (
        f"{max(monitor.history()[1]):.4f} at best"
    )
    saved(1, continue_train=True)
    assert capsys.readouterr().out.startswith("epoch 3/3  ")


def test_a_training_that_diverges_at_once_leaves_no_folder(saved):
    with pytest.raises(DivergedError):
        saved(1, learning_rate=1e6, activation=ReLU, loss=MeanSquaredError, lmbda=1e12)
    assert names("runs") == []


def test_what_diverged_is_not_saved_over_what_was_good(saved, tensors):
    saved(1, lmbda=1e-3)
    before = tensors("runs/classic/checkpoint.safetensors")
    with pytest.raises(DivergedError):
        # The penalty alone throws the weights beyond all numbers within an epoch.
        saved(1, continue_train=True, lmbda=1e12, learning_rate=1e6)
    assert tensors("runs/classic/checkpoint.safetensors") == before


def test_what_diverged_in_its_last_step_is_not_saved_either(make, train, validation, capsys):
    # Three steps of the penalty alone: 1e17, 1e35, and beyond the largest number of float32.
    model = make(loss=MeanSquaredError, lmbda=7e13, learning_rate=1e6)
    with pytest.raises(DivergedError, match="not finite"):
        model.fit(train, validation, 1, 24, monitor=Monitor(save=True))
    assert names("runs") == []
    assert "saved" not in capsys.readouterr().out


def test_where_no_folder_can_be_made_it_is_said_before_the_training(saved, folder):
    (folder / "runs").write_text("a file")
    with pytest.raises(OutputError, match="under runs/"):
        saved(1)


def test_a_save_that_another_process_continues_is_refused(saved, folder, tensors):
    saved(1)
    before = tensors("runs/classic/checkpoint.safetensors")
    with FolderLock(folder / "runs" / "classic"), pytest.raises(OutputError, match="another proce"):
        saved(1, continue_train=True)
    assert tensors("runs/classic/checkpoint.safetensors") == before
    saved(1, continue_train=True)


def test_ctrl_c_leaves_the_last_whole_epoch_to_go_on_from(make, train, validation, folder, tensors):
    class Impatient(Monitor):
        def before_epoch(self, fit):
            if fit.epoch == 3:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make().fit(train, validation, 9, 16, monitor=Impatient(save=True))
    make().fit(train, validation, 1, 16, True, Monitor(save=True))
    make().fit(train, validation, 3, 16, monitor=Monitor(save=True))
    assert len(names("runs")) == 2
    for name in FILES:
        assert tensors(f"runs/classic/{name}") == tensors(f"runs/classic-2/{name}")


def card_of(path):
    """Return a model file's card, by the format's own reader."""
    with safe_open(path, framework="numpy") as file:
        return json.loads(file.metadata()["clearprop"])


CARDS = {
    "pixels": (np.uint8, {}, {}),
    "floats": (np.float64, {}, {}),
    "floats after pixels": (np.float64, {"preparation": "standardize"}, {"dataset": "leaves"}),
}


@pytest.mark.parametrize("name", CARDS)
def test_the_saves_card_is_the_one_that_the_model_itself_writes(name, folder):
    dtype, words, named = CARDS[name]
    rng = np.random.default_rng(3)
    pixels, labels = rng.integers(0, 256, (40, 6)).astype(np.uint8), np.arange(40) % 3
    model = MLP.of(clearprop.MLP([6, 3], **words))
    if named:
        first = clearprop.data.Split(pixels, labels, ("oak", "elm", "ash"), "garment")
        model.model.fit(first, epochs=1)
        model = load_model(model.model.save(folder / "first.safetensors", **named))
    given = pixels if dtype == np.uint8 else pixels / 255
    rows = list(zip(given, labels.tolist(), strict=True))
    model.fit(rows, rows, epochs=1, monitor=Monitor(save=True))
    model.model.save(folder / "own.safetensors")
    found = card_of("runs/classic/model.safetensors")
    assert found == card_of(folder / "own.safetensors")
    if named:
        assert (found["inputs"]["reading"], found["dataset"]) == ("garment", "leaves")
        assert found["inputs"]["preparation"]["scale"] != 1 / 255


@pytest.mark.parametrize("failing", ["write", "write_checkpoint"])
@pytest.mark.parametrize("epoch", [1, 2])
def test_only_what_was_written_is_said_to_be_saved(saved, monkeypatch, capsys, failing, epoch):
    real, calls = getattr(saves, failing), []

    def full(*args):
        calls.append(args)
        if len(calls) == epoch:
            raise ModelFileError("the disk is full")
        return real(*args)

    monkeypatch.setattr(saves, failing, full)
    with pytest.raises(ModelFileError, match="disk is full"):
        saved(30, learning_rate=20.0)
    said = capsys.readouterr().out.splitlines()[-1]
    if epoch == 1:
        assert "saved" not in said
    else:
        accuracy = card_of("runs/classic/model.safetensors")["metrics"]["accuracy"]
        where = Path("runs/classic")
        assert said == f"saved in {where}: validation accuracy {accuracy:.4f} at best"


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_a_first_epoch_that_is_not_measured_ends_with_its_own_error(
    make, train, validation, error, capsys
):
    class Failing(Monitor):
        def after_epoch(self, fit):
            raise error

    with pytest.raises(error):
        make().fit(train, validation, 2, monitor=Failing(save=True))
    assert names("runs") == []
    assert "saved" not in capsys.readouterr().out


REFUSED = {
    "no validation rows": {"val_data": None, "monitor": Monitor()},
    "no epochs": {"epochs": -1},
    "no batch": {"batch_size": 0},
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_fit_takes_up_nothing(saved, make, train, validation, name):
    saved(2)
    model = make(learning_rate=0.1)
    before = model.model.parameters
    words = {"train_data": train, "val_data": validation} | REFUSED[name]
    with pytest.raises(SettingError):
        model.fit(**words, continue_train=True)
    assert same(before, model.model.parameters)
    assert model.model.epochs == 0
