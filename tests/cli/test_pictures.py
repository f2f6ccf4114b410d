"""Steps that redraw pictures, in recipes and in the commands."""

import numpy as np
import pytest
from PIL import Image

from clearprop import MLP, Committee, load
from clearprop.inputs.pictures import Deslant, Width
from clearprop.recipes import load as load_recipe
from clearprop.runs.prepared import build_model

STEPS = 'pictures=["deslant", {name = "width", pixels = 3}]'
TRAIN = ("train", "--data", "mnist", "--epochs", 2, "--set", STEPS, "--out", "mine")


@pytest.fixture
def made(run, tiny):
    """The model file of a training that redraws, in the folder "mine"."""
    return run(*TRAIN, "--json").json["model"]


def test_a_recipe_in_toml_says_how_pictures_are_redrawn(folder):
    (folder / "mine.toml").write_text(
        'title = "Upright"\n[data]\nname = "mnist"\n[model]\nlayers = [784, 10]\n'
        'pictures = ["deslant", { name = "width", pixels = 3 }]\n'
    )
    assert build_model(load_recipe("mine.toml")).inputs.pictures == (Deslant(), Width(3))


def test_a_training_redraws_and_its_model_file_says_so(run, tiny, made):
    model = load(made)
    assert model.inputs.pictures == (Deslant(), Width(3))
    assert "\npictures: deslant, width 3\n" in run("inspect", made).out
    steps = run("inspect", made, "--json").json["inputs"]["pictures"]
    assert steps == [{"name": "deslant"}, {"name": "width", "pixels": 3}]
    said = run("evaluate", made, "--data", "mnist", "--json").json
    assert said["accuracy"] == model.evaluate(tiny.test).accuracy


def test_inspect_says_how_the_members_of_a_committee_redraw(run, tiny, made):
    Committee([load(made), load(made)]).save("both.safetensors")
    said = run("inspect", "both.safetensors").out.splitlines()
    members = [line for line in said if line.startswith("member ") and "learned" in line]
    assert len(members) == 2
    assert all(line.endswith(", pictures: deslant, width 3") for line in members)
    Image.fromarray(np.eye(6, 5, dtype=np.uint8) * 255).save("line.png")
    assert run("predict", "both.safetensors", "line.png", "--seen", "seen").code == 0


def test_inspect_says_nothing_of_pictures_that_stay_as_they_are(run, model_file):
    assert "pictures:" not in run("inspect", model_file).out


def test_predict_writes_what_the_network_saw(run, tiny, made, folder):
    Image.fromarray(np.eye(6, 5, dtype=np.uint8) * 255).save("line.png")
    assert run("predict", made, "line.png", "--seen", "seen").code == 0
    plain = run("train", "--data", "mnist", "--epochs", 1, "--json").json["model"]
    assert run("predict", plain, "line.png", "--seen", "raw").code == 0
    with Image.open("seen/001-line.png") as seen, Image.open("raw/001-line.png") as raw:
        wanted = load(made).redrawn(np.asarray(raw)).reshape(6, 5)
        assert (np.asarray(seen) == wanted).all()
        assert (np.asarray(seen) != np.asarray(raw)).any()


def test_a_step_that_does_not_exist_is_named_in_one_line(run, tiny):
    said = run("train", "--data", "mnist", "--set", "pictures=delsant")
    assert (said.code, said.out) == (2, "")
    assert "unknown step of pictures 'delsant': did you mean 'deslant'?" in said.err
    assert said.err.count("\n") == 1


def test_a_training_with_other_steps_is_not_resumed(run, tiny, made):
    said = run(*TRAIN[:-3], "pictures=deslant", "--out", "mine", "--resume", "auto")
    assert said.code == 2
    assert "holds a training with other settings (model.pictures)" in said.err
    assert run(*TRAIN, "--resume", "auto").code == 0


@pytest.mark.parametrize("left", ["a model file", "a checkpoint"])
def test_doctor_looks_at_the_network_with_redrawn_pictures(
    run, tiny, made, folder, monkeypatch, left
):
    seen = []

    def look(network, params, rows, preparation):
        seen.append(rows.x)
        return []

    monkeypatch.setattr("clearprop.runs.stored_networks.single_look", look)
    if left == "a checkpoint":
        for name in ("model.safetensors", "history.json"):
            (folder / "mine" / name).unlink()
    found = run("doctor", "mine", "--json").json["run"]
    assert found["not_looked_at"] == ""
    wanted = MLP([30, 3], pictures=["deslant", {"name": "width", "pixels": 3}])
    assert (seen[0] == wanted.redrawn(tiny.train)).all()
