"""`clearprop join`, and the commands that take a committee's file as they take a model's."""

import numpy as np
import pytest
from PIL import Image

from clearprop import MLP, Committee, Views, load
from clearprop.data import hold_out
from clearprop.data.splits import row_range

FIT = ("--temperature", "--data", "mnist")


@pytest.fixture
def models(tiny, folder):
    """Three model files whose networks learned from the first 150 rows."""
    names = ["a.safetensors", "b.safetensors", "c.safetensors"]
    for seed, name in enumerate(names):
        model = MLP([30, 8 + seed, 3], learning_rate=0.003, seed=seed)
        rows = row_range(tiny.train, 0, 150)
        model.fit(rows, epochs=10, validation_data=row_range(tiny.train, 150, 200), batch_size=16)
        model.save(folder / name, dataset="mnist")
    return names


def test_models_are_joined_into_one_that_answers_with_their_mean(run, tiny, models):
    said = run("join", *models, "--out", "all.safetensors")
    assert (said.code, said.err) == (0, "")
    made = load("all.safetensors")
    wanted = Committee([load(name) for name in models])
    assert (made.predict_proba(tiny.test) == wanted.predict_proba(tiny.test)).all()
    assert made.summary() in said.out
    assert "95.00 %" not in said.out
    assert said.out.splitlines()[-1].endswith("/all.safetensors")


@pytest.mark.parametrize("views", [1, 3])
def test_the_temperature_is_fitted_on_the_rows_that_are_named(run, tiny, models, views):
    words = ("--views", views, "--shift", 0.25, "--rotation", 2, "--validation", "150:200")
    said = run("join", *models, "--out", "all.safetensors", *FIT, *words, "--json")
    assert (said.code, said.err) == (0, "")
    looks = None if views == 1 else Views(views, 0.25, 2.0)
    wanted = Committee([load(name) for name in models], views=looks)
    rows = row_range(tiny.train, 150, 200)
    before = wanted.evaluate(rows)
    assert said.json["temperature"] == wanted.fit_temperature(rows)
    assert said.json["metrics"] == wanted.evaluate(rows).as_dict()
    assert said.json["metrics"]["loss"] < said.json["loss_at_1"] == before.loss
    assert (said.json["task"], said.json["members"]) == ("classes", 3)
    assert (said.json["views"], said.json["rows"]) == (views, 50)
    found = load(said.json["model"])
    assert (found.temperature, found.views) == (wanted.temperature, looks)


@pytest.mark.parametrize("amount", ["40", "0.2"])
def test_rows_by_number_are_those_that_a_recipe_holds_out_and_other_seeds_are_reported(
    run, tiny, models, amount
):
    words = ("--validation", amount, "--seed", 1)
    said = run("join", *models, "--out", "all.safetensors", *FIT, *words)
    wanted = Committee([load(name) for name in models])
    held_out = hold_out(tiny.train, 40, 1)[1]
    assert load("all.safetensors").temperature == wanted.fit_temperature(held_out)
    assert "made with other seeds than 1: member 0, 2; if `train` held rows out" in said.err
    assert "40 rows" in said.out
    quiet = run("join", "b.safetensors", "--out", "one.safetensors", *FIT, *words)
    assert (quiet.code, quiet.err) == (0, "")


WRONG = {
    "nothing": ([], "name at least one model file"),
    "one twice": (["a.safetensors", "./a.safetensors"], "named twice"),
    "over a member": (["a.safetensors", "--out", "./a.safetensors"], "would be lost"),
    "no rows": (["a.safetensors", "--temperature"], "--data mnist --validation 50000:60000"),
    "needless rows": (["a.safetensors", "--data", "mnist"], "are for --temperature"),
    "no seed": (["a.safetensors", *FIT, "--validation", "9"], "depends on a --seed"),
    "no view": (["a.safetensors", "--views", "0"], "give from 1 to 1,000"),
    "far views": (["a.safetensors", "--views", "2", "--shift", "5"], "out of sight"),
    "many rows": (["a.safetensors", *FIT, "--validation", "300", "--seed", "0"], "hold out 300"),
    **{
        f"rows {rows}": (["a.safetensors", *FIT, "--validation", rows, "--seed", "0"], "a range")
        for rows in ("0:201", "5:5", "9:3", "-3:5", "a:b", "1:2:3", "all", "nan", "inf", ":")
    },
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_reported_in_one_line_and_nothing_is_written(run, models, folder, name):
    words, says = WRONG[name]
    out = () if "--out" in words else ("--out", "out.safetensors")
    before = (folder / "a.safetensors").read_bytes()
    said = run("join", *words, *out)
    assert (said.code, said.out) == (2, "")
    assert says in said.err
    assert said.err.count("\n") == 1
    assert not (folder / "out.safetensors").exists()
    assert (folder / "a.safetensors").read_bytes() == before


def test_what_does_not_fit_together_is_refused(run, models, folder):
    other = MLP([30, 3])
    other.save(folder / "other.safetensors")
    said = run("join", models[0], "other.safetensors", "--out", "out.safetensors")
    assert (said.code, "a member 1 (counted from 0) that has other classes" in said.err) == (
        2,
        True,
    )
    run("join", *models, "--out", "all.safetensors")
    said = run("join", models[0], "all.safetensors", "--out", "out.safetensors")
    assert said.code == 7
    assert "all.safetensors is a file of Clearprop's, but not a model file" in said.err


@pytest.fixture
def committee_file(models, run):
    """A committee's file, with a temperature and views."""
    words = ("--views", 3, "--shift", 0.25, *FIT, "--validation", "150:200")
    assert run("join", *models, "--out", "all.safetensors", *words).code == 0
    return "all.safetensors"


@pytest.mark.parametrize("engine", ["numpy", "jax", "auto"])
def test_evaluate_takes_a_committee(run, tiny, committee_file, engine):
    said = run("evaluate", committee_file, "--data", "mnist", "--engine", engine, "--json")
    found = load(committee_file).evaluate(tiny.test)
    assert (said.code, said.err) == (0, "")
    assert (said.json["task"], said.json["rows"]) == ("classes", 60)
    assert said.json["metrics"] == said.json["test_metrics"]
    assert said.json["accuracy"] == said.json["test_accuracy"] == found.accuracy
    assert said.json["loss"] == said.json["test_metrics"]["loss"]
    assert said.json["test_metrics"] == pytest.approx(found.as_dict(), rel=1e-4)


def test_predict_takes_a_committee(run, committee_file, folder):
    Image.fromarray(np.eye(6, 5, dtype=np.uint8) * 255).save(folder / "line.png")
    said = run("predict", committee_file, "line.png", "--json")
    (answer,) = said.json
    assert sum(answer["probabilities"].values()) == pytest.approx(1.0, rel=1e-6)
    assert list(answer["probabilities"]) == ["cat", "dog", "emu"]


def test_inspect_shows_the_members_the_temperature_and_the_views(run, committee_file):
    said = run("inspect", committee_file)
    made = load(committee_file)
    assert made.summary() in said.out
    for k, (size, member) in enumerate(zip((8, 9, 10), made.members, strict=True)):
        accuracy = f"{100 * member.metrics['accuracy']:.2f} %"
        line = said.out.splitlines()[1 + k]
        assert line.split() == [str(k), f"{30 * size + size + 3 * size + 3}", "10",
                                *accuracy.split(), f"30-{size}-3"]  # fmt: skip
        assert f"member {k} learned from: mnist, 10 epochs, adam at 0.003, batch 16" in said.out
    assert f"temperature: {made.temperature:.4g}" in said.out
    assert "views: 3, moved by up to 0.25 pixels and turned by 5°" in said.out
    found = run("inspect", committee_file, "--json").json
    assert found["parameters"] == sum(30 * n + n + 3 * n + 3 for n in (8, 9, 10))
    assert (found["temperature"], found["views"]["count"]) == (made.temperature, 3)
    refused = run("inspect", committee_file, "--picture", "net.png")
    assert (refused.code, "draws one network" in refused.err) == (2, True)
