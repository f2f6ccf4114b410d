"""Mistakes: an exit code of their own, five lines at most, no traceback, nothing half-written."""

import os

import pytest

from clearprop.cli import console

CASES = {
    "no recipe": ("train", 2, "clearprop train --data mnist"),
    "unknown recipe": ("train fashion-sdg", 2, "did you mean 'fashion-sgd'"),
    "a data set for a recipe": ("train digits", 2, "train --data digits"),
    "no recipe file": ("train none.toml", 2, "none.toml"),
    "unknown key": ("train tiny.toml --set lerning_rate=1", 2, "did you mean 'learning_rate'"),
    "unknown table": ("train tiny.toml --set modle.l2=1", 2, "tables are data, fit and model"),
    "no value": ("train tiny.toml --set l2", 2, "KEY=VALUE"),
    "unknown engine": ("train tiny.toml --engine torch", 2, "auto, jax, numpy"),
    "epochs": ("train tiny.toml --epochs -1", 2, "epochs is -1"),
    "epochs in words": ("train tiny.toml --epochs many", 2, "many"),
    "unknown option": ("train --frobnicate", 2, "--frobnicate"),
    "unknown command": ("frobnicate", 2, "frobnicate"),
    "unknown data set": ("train --data minst", 2, "Did you mean 'mnist'"),
    "data not to be had": ("train --data fashion-mnist", 5, "fashion-mnist"),
    "data of another shape": ("train explicit-numpy", 4, "784 inputs"),
    "diverging": ("train tiny.toml --set learning_rate=1e5 --set loss=squared_error", 8,
                  "Lower the learning rate"),
    "out is a file": ("train tiny.toml --out tiny.toml", 2, "--out"),
    "not a model file": ("evaluate none.safetensors --data mnist", 7, "there is no file"),
    "damaged model file": ("evaluate damaged.safetensors --data mnist", 7, "damaged"),
    "a recipe for a model": ("inspect tiny.toml", 7, "not a model file"),
    "a folder for a model": ("inspect .", 7, "is a folder"),
    "no data": ("evaluate model.safetensors", 2, "--data"),
    "evaluate on unknown data": ("evaluate model.safetensors --data minst", 2, "mnist"),
    "no picture": ("predict model.safetensors", 2, "at least one picture"),
    "a picture that is not there": ("predict model.safetensors none.png", 6, "none.png"),
    "an unreadable picture": ("predict model.safetensors tiny.toml", 6, "PNG or JPEG"),
    "seen is a file": ("predict model.safetensors row.png --seen tiny.toml", 11, "tiny.toml"),
    "no folder for a picture": ("inspect model.safetensors --picture tiny.toml/net.png", 11,
                                "net.png"),
    "recipes of no name": ("recipes show none", 2, "known are"),
    "reproduce the unknown": ("reproduce none", 2, "known are"),
    "check the unknown": ("datasets check none", 2, "none"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_said_in_a_few_lines_with_a_code_of_its_own(
    run, tiny, recipe, model_file, folder, case
):
    from clearprop.data.pictures.images import write_image

    recipe()
    (folder / "damaged.safetensors").write_bytes(model_file.read_bytes()[:100])
    write_image(folder / "row.png", tiny.test.images[0])
    before = sorted(folder.iterdir())
    command, code, says = CASES[case]
    said = run(*command.split())
    assert said.code == code
    assert says in said.err
    # Training may have begun: then the rows and the engine are named before the message.
    before_it, _, _ = said.err.partition("clearprop: ")
    rows, engine = "mnist: 200 rows of 6×5 in 3 classes, 60 test rows\n", "engine: numpy (it was "
    assert before_it in ("", rows, f"{rows}{engine}asked for)\n")
    assert 1 <= len(said.err.splitlines()) <= 5
    assert "Traceback" not in said.err
    assert sorted(folder.iterdir()) == before  # no folder for a run that failed


def test_a_model_for_other_inputs_says_so(run, tiny, folder):
    from clearprop import MLP

    MLP([7, 3]).save("flat.safetensors")
    assert "takes 7" in run("evaluate", "flat.safetensors", "--data", "mnist").err
    said = run("predict", "flat.safetensors", "x.png")
    assert (said.code, "rows of 7 numbers" in said.err) == (4, True)


def test_a_folder_that_cannot_be_written_to_is_found_out_before_training(run, tiny, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    said = run("train", "--data", "mnist")
    assert (said.code, said.out) == (2, "")


def test_an_error_is_at_most_five_lines(capsys):
    assert console.fail("\n\nwhat\n" + "why\n" * 20, 9) == 9
    assert capsys.readouterr().err.splitlines() == ["clearprop: what", *["why"] * 4]


def test_json_on_stdout_is_empty_where_it_fails(run, tiny, recipe):
    said = run("train", recipe(), "--set", "learning_rate=1e5", "--set", "loss=squared_error",
               "--json")  # fmt: skip
    assert (said.code, said.out) == (8, "")
