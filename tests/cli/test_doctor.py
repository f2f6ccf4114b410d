"""`doctor`: where it runs, what looks wrong with rows and with a training, `train` too."""

import json
import platform
import sys
from importlib.metadata import version

import numpy as np
import pytest

from clearprop import MLP, Checkpoints
from clearprop.errors import DataError, ModelFileError, SettingError
from clearprop.insight import environment
from clearprop.locking import FolderLock

SICK = ("train", "--data", "digits", "--set", "optimizer=sgd", "--set", "learning_rate=5")
DEAD = "units of layer 1 are dead"


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch):
    """Draw none."""
    monkeypatch.setattr("clearprop.cli.train.write_pictures", lambda *_: "", raising=False)
    monkeypatch.setattr("clearprop.runs.pictures.write_pictures", lambda *_: "")


def whats(said):
    return [one["what"] for one in said["findings"]]


def test_alone_it_tells_where_it_runs(run, tmp_path, monkeypatch):
    monkeypatch.setenv("CLEARPROP_DATA_DIR", str(tmp_path / "sets"))
    said = run("doctor")
    assert (said.code, said.err) == (0, "")
    for text in (
        version("clearprop"), platform.python_version(), sys.executable, version("numpy"),
        f"{version('jax')}, jaxlib {version('jaxlib')}, on cpu:0", "openblas", "threads",
        "train --data mnist takes jax: the job costs as much as", str(tmp_path / "sets"),
        "mnist: not here yet", "digits: here",
    ):  # fmt: skip
        assert text in said.out
    # A name in ten columns, and what it stands for.
    assert all(line[:10].strip().islower() or line[:11].isspace() for line in said.out.splitlines())


def test_json_is_one_object(run):
    said = run("doctor", "--json")
    found = said.json
    assert found["data"] is found["run"] is None
    assert found["environment"]["numpy"] == version("numpy")
    assert found["environment"]["jax"]["devices"] == ["cpu:0"]
    assert found["environment"]["blas"][0]["num_threads"] >= 1
    assert found["environment"]["data"]["cached"]["digits"] is True


@pytest.mark.parametrize(
    ("installed", "words"),
    [(None, "needs jax"), ("0.10.2", "jaxlib 0.10.2 silently computes wrong numbers")],
)
def test_why_jax_is_not_used_is_reported(run, monkeypatch, installed, words):
    monkeypatch.delitem(sys.modules, "clearprop.engines.jax_setup", raising=False)
    for place in ("jaxlib_guard", "choice"):
        monkeypatch.setattr(f"clearprop.engines.{place}.jaxlib_version", lambda: installed)
    said = run("doctor")
    assert said.code == 0
    assert words in said.out
    assert "train --data mnist takes numpy" in said.out


def test_a_system_that_tells_no_memory_is_no_trouble(run, monkeypatch):
    monkeypatch.delattr(environment.os, "sysconf")
    assert "memory" not in run("doctor").out
    assert run("doctor", "--json").json["environment"]["memory_bytes"] is None


def test_healthy_rows_are_reported_as_such(run):
    said = run("doctor", "digits")
    assert said.out.endswith(
        "digits: 1,437 rows of 8×8, 10 classes, 360 test rows\n  nothing looks wrong\n"
    )
    assert run("doctor", "digits", "--json").json["data"]["findings"] == []


def write_npz(path, spoil=lambda x, y: (x, y)):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (300, 4, 4)).astype(np.uint8)
    y = (x[:, 0, 0] // 86).astype(np.uint8)
    x_train, y_train = spoil(x[:200], y[:200])
    np.savez(path, x_train=x_train, y_train=y_train, x_test=x[200:], y_test=y[200:])
    return path


def test_what_looks_wrong_with_rows_is_reported(run, folder):
    def swap(x, y):
        return x, np.random.default_rng(1).permutation(y)

    said = run("doctor", write_npz(folder / "own.npz", swap))
    assert said.code == 0
    assert "  ! labels look shuffled\n      " in said.out
    assert "\n      → check that rows and labels are in the same order\n" in said.out
    assert run("doctor", write_npz(folder / "own.npz")).out.endswith("nothing looks wrong\n")


def test_a_training_tells_on_stderr_what_looks_wrong_and_keeps_it(run, folder):
    said = run(*SICK, "--out", "sick", "--json")
    assert said.code == 0
    assert "findings" not in said.json  # stdout is the result alone
    assert said.err.count(f"diagnosis: {DEAD} (") == 1
    kept = json.loads((folder / "sick" / "history.json").read_text())["findings"]
    assert kept[0]["what"] == DEAD
    assert kept[0]["kind"] == "dead_units"
    assert f"diagnosis: {DEAD} ({kept[0]['evidence']}): {kept[0]['remedy']}" in said.err
    assert "diagnosis" not in run(*SICK, "--out", "quiet", "--quiet").err
    again = json.loads((folder / "quiet" / "history.json").read_text())["findings"]
    assert again == kept


def test_a_training_tells_first_what_looks_wrong_with_its_rows(run, folder):
    def swap(x, y):
        return x, np.random.default_rng(1).permutation(y)

    write_npz(folder / "own.npz", swap)
    said = run("train", "--data", "own.npz", "--epochs", 1, "--out", "o")
    told = said.err.splitlines()
    labels = next(i for i, line in enumerate(told) if "diagnosis: labels look shuffled" in line)
    assert labels < next(i for i, line in enumerate(told) if line.startswith("engine:"))
    kept = json.loads((folder / "o" / "history.json").read_text())["findings"]
    assert [one["kind"] for one in kept] == ["shuffled_labels"]


def test_a_healthy_training_says_nothing(run, folder):
    said = run("train", "--data", "digits", "--epochs", 3, "--out", "well")
    assert "diagnosis" not in said.err
    told = run("doctor", "digits", "well")
    assert told.out.endswith(
        "\nwell: finished\n  epochs: 3\n  checkpoints: 1, all whole\n  nothing looks wrong\n"
    )


def test_afterwards_doctor_tells_the_same_and_what_it_sees_itself(run, folder):
    run(*SICK, "--out", "sick")
    kept = json.loads((folder / "sick" / "history.json").read_text())["findings"]
    found = run("doctor", "sick", "--json").json["run"]
    assert found["findings"][: len(kept)] == kept
    assert len(set(whats(found))) == len(whats(found))
    assert "the network gives one answer to everything" in whats(found)
    assert found["not_looked_at"] == ""
    model = run("doctor", "sick/model.safetensors", "--json").json["run"]
    assert DEAD in whats(model)
    assert model["state"] == "a model file"
    # The rows are looked for on this machine only; where they are named, they are taken.
    assert run("doctor", "digits", "sick/model.safetensors", "--json").json["run"] == model


def stopped(folder, preparation="unit"):
    """Leave a training as a killed process does: a recipe, checkpoints, no end."""
    from clearprop import datasets

    rows = datasets.load("digits").train
    recipe = {"title": "t", "name": "t", "data": {"name": "digits"},
              "model": {"layers": [64, 8, 10], "preparation": preparation}}  # fmt: skip
    model = MLP([64, 8, 10], preparation=preparation)
    model.position.state.params["layers.0.bias"][:] = -100.0
    # Each fit leaves one checkpoint, at its end.
    for place in ("before", "run/checkpoints"):
        model.fit(rows, epochs=4, callbacks=[Checkpoints(folder / place, "1000s")])
    for path in (folder / "before").glob("step-*"):
        path.rename(folder / "run" / "checkpoints" / path.name)
    (folder / "run" / "recipe.json").write_text(json.dumps(recipe))
    return folder / "run"


@pytest.mark.parametrize("preparation", ["unit", "standardize"])
def test_of_a_training_that_was_stopped_the_newest_checkpoint_is_looked_at(
    run, folder, preparation
):
    stopped(folder, preparation)
    said = run("doctor", "run")
    assert "run: stopped; resume with clearprop train --resume run\n" in said.out
    assert "epochs: 4\n  checkpoints: 2, all whole\n" in said.out
    assert f"  ! {DEAD}\n" in said.out
    # The memory that is free, which stands above, may be another by now.
    of_the_run = said.out.partition("\n\n")[2]
    assert run("doctor", "run/checkpoints").out.partition("\n\n")[2] == of_the_run


def test_a_damaged_checkpoint_is_named_and_the_one_before_it_looked_at(run, folder):
    last = sorted(stopped(folder).glob("checkpoints/*.safetensors"))[-1]
    data = bytearray(last.read_bytes())
    data[-1] ^= 1
    last.write_bytes(data)
    said = run("doctor", "run")
    assert said.code == 0
    assert "checkpoints: 2, 1 of them whole" in said.out
    assert f"{last.relative_to(folder)} is damaged" in said.out
    assert f"  ! {DEAD}\n" in said.out


def test_checkpoints_without_a_recipe_need_the_rows_named(run, folder):
    (stopped(folder) / "recipe.json").unlink()
    said = run("doctor", "run/checkpoints")
    assert "run: stopped\n" in said.out
    assert "the network was not examined: it does not say which data it learned from" in said.out
    assert "nothing looks wrong" not in said.out
    assert DEAD in run("doctor", "digits", "run/checkpoints").out


def test_rows_that_do_not_fit_are_no_failure(run, folder, model_file):
    said = run("doctor", "digits", model_file)
    assert said.code == 0
    assert "the network was not examined: inputs of shape (1437, 8, 8) have 64" in said.out


@pytest.mark.parametrize(
    ("words", "error", "text"),
    [
        (["nowhere"], SettingError, "no data set, file or folder called 'nowhere'"),
        (["nowhere/"], DataError, "nowhere"),
        (["digits", "nowhere"], SettingError, "nowhere is neither the folder of a training"),
        (["nowhere.safetensors"], ModelFileError, "no file nowhere.safetensors"),
        (["broken.safetensors"], ModelFileError, "broken.safetensors"),
        (["broken"], ModelFileError, "history.json is not the record of a training"),
    ],
)
def test_what_is_not_there_or_broken_has_the_usual_code(run, folder, words, error, text):
    (folder / "broken.safetensors").write_bytes(b"no model")
    (folder / "broken").mkdir()
    (folder / "broken" / "history.json").write_text('{"findings": [{"what": 3}]}')
    said = run("doctor", *words)
    assert said.code == error.exit_code
    assert text in said.err
    assert said.out == ""


def test_a_name_is_the_data_set_though_a_run_is_called_so(run, folder):
    run("train", "--data", "digits", "--epochs", 1, "--out", "digits")
    assert run("doctor", "digits", "--json").json["run"] is None
    assert run("doctor", "./digits", "--json").json["data"] is None


def test_the_same_wrong_record_is_reported_whatever_is_wrong_in_it(run, folder):
    (folder / "r").mkdir()
    for text in ("", "[]", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "[" * 9999):
        (folder / "r" / "history.json").write_text(text)
        assert run("doctor", "r").code == ModelFileError.exit_code


def test_a_training_that_goes_on_is_not_called_stopped(run, folder):
    stopped(folder)
    with FolderLock(folder / "run"):
        assert "run: a process is training into it\n" in run("doctor", "run").out
    assert "run: stopped" in run("doctor", "run").out
