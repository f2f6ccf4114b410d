"""A committee's recipe: members that are found or trained, one model file, its figures."""

import json
import shutil
import statistics
from pathlib import Path

import msgspec
import numpy as np
import pytest

from clearprop import Committee, load, storage

KEEP = ("--keep", "kept", "--results", "results")
TEXT = """
title = "three vote"
[data]
name = "mnist"
[committee]
members = [
  {{ recipe = "tiny.toml", seeds = [0, 1] }},
  {{ recipe = "tiny.toml", seeds = [1], settings = {{ learning_rate = 0.3{settings} }} }},
]
{more}
[claim]
metrics.accuracy = 0.0
source = "nobody"
"""


@pytest.fixture
def committee(folder, recipe):
    """Return a function that writes a committee's recipe and its members'."""

    def write(cut="validation = 50\nvalidation_seed = 7", more="", settings="", text=TEXT, **words):
        path = folder / recipe(**words)
        path.write_text(path.read_text().replace("[model]", f"{cut}\n[model]"))
        (folder / "vote.toml").write_text(text.format(more=more, settings=settings))
        return "vote.toml"

    return write


def figures(name="vote"):
    """Return the figures of a recipe."""
    return json.loads(Path("results", f"{name}.json").read_text())


def by_hand(data, models):
    """Return the accuracy of averaged probabilities."""
    mean = np.mean([model.predict_proba(data.images) for model in models], axis=0)
    return np.mean(mean.argmax(axis=1) == data.labels)


def test_members_are_trained_joined_and_measured(run, tiny, committee, folder):
    said = run("reproduce", committee(), *KEEP, "--json")
    (row,) = said.json
    assert (said.code, row["recipe"], row["met"]) == (0, "vote", True)
    alone = [
        run("train", "tiny.toml", "--seed", seed, "--set", f"learning_rate={rate}", "--json").json
        for seed, rate in ((0, 0.1), (1, 0.1), (1, 0.3))
    ]
    models = [load(one["model"]) for one in alone]
    assert row["measured"] == pytest.approx(by_hand(tiny.test, models))
    made = figures()
    assert made["test_accuracy_mean"] == row["measured"]
    assert [one["test"] for one in made["members"]] == [one["test_accuracy"] for one in alone]
    assert [one["seed"] for one in made["members"]] == [0, 1, 1]
    assert [one["recipe"] for one in made["members"]] == ["tiny"] * 3
    assert made["members"][2]["settings"] == {"learning_rate": 0.3}
    minutes = sum(one["minutes"] for one in made["members"])
    (whole,) = made["seeds"]
    assert whole["minutes"] == pytest.approx(minutes, abs=0.003)
    assert whole["test"] == made["test_accuracy_mean"]
    joined = load("kept/vote/model.safetensors")
    assert isinstance(joined, Committee)
    assert joined.evaluate(tiny.test).accuracy == row["measured"]
    assert run("evaluate", "kept/vote/model.safetensors", "--data", "mnist").code == 0


def test_members_that_are_kept_are_not_trained_again(run, tiny, committee, monkeypatch):
    run("reproduce", committee(), *KEEP, "--json")
    first = figures()
    for name in ("vote", "tiny"):
        assert run("reproduce", f"{name}.toml", *KEEP, "--seeds", "0,1").code == (
            0 if name == "tiny" else 2
        )
    assert [one["test"] for one in figures("tiny")["seeds"]] == [
        one["test"] for one in first["members"][:2]
    ]
    monkeypatch.setattr("clearprop.runs.seeds.train", lambda *_: pytest.fail("trained again"))
    monkeypatch.setattr(Committee, "evaluate", lambda *_: pytest.fail("measured again"))
    said = run("reproduce", "vote.toml", *KEEP)
    assert "kept/vote: this committee is already joined" in said.err
    assert figures() == first


def test_a_committee_file_that_is_damaged_is_joined_again(run, tiny, committee):
    run("reproduce", committee(), *KEEP)
    path = Path("kept/vote/model.safetensors")
    before = path.read_bytes()
    path.write_bytes(before[:-9])
    assert "its members are joined anew" in run("reproduce", "vote.toml", *KEEP).err
    assert path.read_bytes() == before


def test_a_committee_whose_members_were_trained_again_is_joined_again(run, tiny, committee):
    run("reproduce", committee(), *KEEP)
    shutil.rmtree("kept/tiny")
    said = run("reproduce", committee(rate=0.02), *KEEP)
    assert "kept/vote: its record names other members" in said.err
    places = ("seed-0", "seed-1", "with-*/seed-1")
    found = [Path("kept/tiny").glob(f"{place}/model.safetensors") for place in places]
    models = [load(next(paths)) for paths in found]
    joined = load("kept/vote/model.safetensors")
    for one, other in zip(joined.members, models, strict=True):
        np.testing.assert_array_equal(
            one.predict_proba(tiny.test.images), other.predict_proba(tiny.test.images)
        )
    assert figures()["test_accuracy_mean"] == pytest.approx(by_hand(tiny.test, models))
    assert "this committee is already joined" in run("reproduce", "vote.toml", *KEEP).err


def test_validation_and_temperature_are_on_rows_that_no_member_learned_from(run, tiny, committee):
    from clearprop.data import hold_out

    run("reproduce", committee(more="temperature = true"), *KEEP)
    _, held_out = hold_out(tiny.train, 50, 7)
    joined = load("kept/vote/model.safetensors")
    assert joined.temperature != 1.0
    assert figures()["validation_accuracy_mean"] == joined.evaluate(held_out).accuracy
    fitted = joined.temperature
    assert joined.fit_temperature(held_out) == pytest.approx(fitted)
    members = figures()["members"]
    assert statistics.fmean(one["validation"] for one in members) <= 1.0


def test_members_that_are_refitted_answer_together_and_their_first_networks_for_validation(
    run, tiny, committee, folder
):
    from clearprop.data import hold_out

    name = committee(more="temperature = true")
    path = folder / "tiny.toml"
    path.write_text(path.read_text().replace("[fit]", "[fit]\nkeep_best = false\nrefit = true"))
    assert run("reproduce", name, *KEEP).code == 0
    joined, made = load("kept/vote/model.safetensors"), figures()
    places = ("{}-0", "{}-1", "with-*/{}-1")
    first, stands = (
        [load(next(Path("kept/tiny").glob(f"{place.format(part)}/model.safetensors")))
         for place in places]
        for part in ("seed", "refit")
    )  # fmt: skip
    for one, other in zip(joined.members, stands, strict=True):
        np.testing.assert_array_equal(
            one.predict_proba(tiny.test.images), other.predict_proba(tiny.test.images)
        )
    _, held_out = hold_out(tiny.train, 50, 7)
    judge = Committee(first)
    assert joined.temperature == pytest.approx(judge.fit_temperature(held_out))
    assert made["validation_accuracy_mean"] == judge.evaluate(held_out).accuracy
    assert made["test_accuracy_mean"] == joined.evaluate(tiny.test).accuracy
    assert [one["test"] for one in made["members"]] == [
        one.evaluate(tiny.test).accuracy for one in stands
    ]
    assert "already joined" in run("reproduce", name, *KEEP).err
    places = [Path("kept/tiny", f"refit-{seed}", "model.safetensors") for seed in (0, 1)]
    places[1].write_bytes(places[0].read_bytes())
    assert "names other members" in run("reproduce", name, *KEEP).err


def test_a_member_that_is_refitted_shares_its_first_training(run, tiny, committee, folder):
    name = committee(settings=", refit = true")
    path = folder / "tiny.toml"
    path.write_text(path.read_text().replace("[fit]", "[fit]\nkeep_best = false"))
    vote = (folder / name).read_text().replace("learning_rate = 0.3, ", "")
    (folder / name).write_text(vote.replace("seeds = [0, 1]", "seeds = [0]"))
    run("reproduce", "tiny.toml", *KEEP, "--seeds", "1")
    said = run("reproduce", name, *KEEP)
    assert "kept/tiny/seed-1: already trained" in said.err
    first, second = load("kept/vote/model.safetensors").members
    assert (first.metrics == {}, second.metrics == {}) == (False, True)
    assert [one.get("refit") for one in figures()["members"]] == [None, True]


def test_a_member_whose_trainings_took_different_engines_answers(run, tiny, committee, folder):
    name = committee()
    path = folder / "tiny.toml"
    path.write_text(path.read_text().replace("[fit]", "[fit]\nkeep_best = false\nrefit = true"))
    run("reproduce", name, *KEEP)
    before = figures()
    shutil.rmtree("kept/vote")
    place = Path("kept/tiny/refit-0/model.safetensors")
    card, tensors = storage.read(place)
    made_with = card.made_with | {"engine": "jax"}
    storage.write(place, msgspec.structs.replace(card, made_with=made_with), tensors)
    assert run("reproduce", name, *KEEP).code == 0
    assert figures()["test_accuracy_mean"] == pytest.approx(before["test_accuracy_mean"])
    shutil.rmtree("kept/tiny/seed-1")
    run("reproduce", "tiny.toml", *KEEP, "--seeds", "0")
    assert [one["seed"] for one in figures("tiny")["seeds"]] == [0]
    assert figures("tiny")["versions"]["engine"] == "jax, numpy"


def test_a_committee_that_was_stopped_among_its_members_says_so(run, tiny, committee, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("clearprop.runs.committees.trained_seed", stopped)
    assert run("reproduce", committee(), *KEEP).code == 130
    assert "kept/vote: a committee that is not joined yet" in run("doctor", "kept/vote").out


def test_views_are_the_committees(run, tiny, committee):
    run("reproduce", committee(more="views = { count = 3, shift = 0.5 }"), *KEEP)
    views = load("kept/vote/model.safetensors").views
    assert (views.count, views.shift, views.rotation) == (3, 0.5, 5.0)


def test_train_keeps_members_in_its_folder_and_measures_as_reproduce_does(run, tiny, committee):
    made = run("train", committee(), "--out", "o", "--json").json
    (row,) = run("reproduce", "vote.toml", *KEEP, "--json").json
    assert made["test_accuracy"] == row["measured"]
    joined = Path(made["model"])
    assert joined == Path("o/model.safetensors").absolute()
    assert joined.read_bytes() == Path("kept/vote/model.safetensors").read_bytes()
    assert len(list(Path("o/members").glob("tiny/**/model.safetensors"))) == 3
    joined.unlink()
    said = run("train", "--resume", "o")
    assert said.err.count("already trained") == 3
    assert joined.read_bytes() == Path("kept/vote/model.safetensors").read_bytes()


REFUSED = {
    "other validation rows": ({"cut": "validation = 50"}, "hold out different validation rows"),
    "other rows by settings": ({"settings": ", validation = 40"}, "different validation rows"),
    "no validation rows": ({"cut": "", "more": "temperature = true"}, "give their recipes data."),
    "another data set": ({"name": "fashion-mnist"}, "all must have the same data"),
    "a network of its own": ({"text": TEXT + "[model]\nlayers = [4, 2]\n"}, "no network and no"),
    "a member twice": ({"text": TEXT.replace("[0, 1]", "[0, 0]")}, "none of them twice"),
    "a seed as a setting": ({"settings": ", seed = 3"}, "a member's seed belongs in its seeds"),
    "an unknown setting": ({"settings": ", lerning_rate = 3"}, "did you mean 'learning_rate'?"),
    "a committee in it": ({"text": TEXT.replace("tiny.toml", "vote.toml")}, "cannot be a member"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused_before_anything_is_trained(run, tiny, committee, case):
    words, message = REFUSED[case]
    said = run("reproduce", committee(**words), *KEEP, "--json")
    assert said.code == 2
    assert message in said.err + (said.json[0]["message"] if said.out else "")
    assert not list(Path().glob("kept/**/model.safetensors"))


def test_a_committee_is_kept_and_its_seeds_are_its_own(run, tiny, committee):
    said = run("reproduce", committee(), "--json")
    assert (said.code, said.json[0]["measured"]) == (2, None)
    assert "say with --keep DIR" in said.json[0]["message"]
    said = run("train", "vote.toml", "--epochs", 3)
    assert said.code == 2
    assert "change its members'" in said.err


def test_one_batch_of_a_committee_is_not_explained(run, tiny, committee):
    said = run("train", committee(), "--explain", "--out", "o")
    assert (said.code, said.out) == (2, "")
    assert "--explain shows a batch of one network; vote is a committee" in said.err
    assert not Path("o").exists()


def test_doctor_looks_at_every_member(run, tiny, committee, monkeypatch):
    assert run("train", committee(), "--out", "o", "--json").code == 0
    said = run("doctor", "o")
    assert said.code == 0
    assert said.out.endswith("\no: finished\n  nothing looks wrong\n")
    joined = load("o/model.safetensors")
    joined.members[1].position.state.params["layers.0.bias"][:] = -100.0
    joined.save("dead.safetensors")
    for words in (["dead.safetensors"], ["mnist", "dead.safetensors"]):
        found = run("doctor", *words, "--json").json["run"]
        assert (found["state"], found["not_looked_at"]) == ("a committee of 3", "")
        assert found["findings"][0]["what"] == "member 1: units of layer 1 are dead"
        assert all(one["what"].startswith("member 1: ") for one in found["findings"])
