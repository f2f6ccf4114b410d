"""`reproduce`: claim beside measurement, and what a missed claim or missing data mean."""

from __future__ import annotations

import pytest

KEYS = {"recipe", "claim", "measured", "met"}


def test_a_claim_that_is_met(run, tiny, recipe):
    said = run("reproduce", recipe(), "--json")
    assert said.code == 0
    (row,) = said.json
    assert row.keys() >= KEYS
    assert (row["recipe"], row["claim"], row["met"]) == ("tiny", 0.0, True)
    assert 0.0 < row["measured"] <= 1.0
    assert "epoch 3/3" in said.err


def test_a_claim_that_is_missed_leaves_with_3(run, tiny, recipe):
    said = run("reproduce", recipe(claim=1.0, rate=0.0001), "--json")
    assert said.code == 3
    assert said.json[0]["met"] is False
    assert run("reproduce", "tiny.toml", "--quiet").code == 3


def test_met_is_the_threshold_itself(run, tiny, recipe):
    measured = run("reproduce", recipe(), "--json").json[0]["measured"]
    assert run("reproduce", recipe(claim=measured), "--json").json[0]["met"] is True
    assert run("reproduce", recipe(claim=measured + 1e-9), "--json").json[0]["met"] is False


def test_data_that_cannot_be_had_is_not_measured_and_says_why(run, tiny, recipe):
    said = run("reproduce", recipe("lost.toml", name="fashion-mnist"), recipe(), "--json")
    lost, met = said.json
    assert said.code == 0
    assert (lost["measured"], lost["met"]) == (None, None)
    assert "fashion-mnist" in lost["message"]
    assert met["met"] is True
    text = run("reproduce", "lost.toml", "--quiet").out
    assert "not measured" in text
    assert "fashion-mnist is not on this machine" in text


def test_offline_with_an_empty_folder(run, monkeypatch):
    said = run("reproduce", "explicit-numpy", "--offline", "--data-dir", "empty", "--json")
    (row,) = said.json
    assert (said.code, row["met"], row["claim"]) == (0, None, 0.96)
    assert "mnist" in row["message"]


def test_a_variant_is_reported_beside_and_held_to_nothing(run, tiny, recipe):
    more = '[variant]\ntitle = "slow"\nsettings = { learning_rate = 1e-9 }\n'
    measured = run("reproduce", recipe(), "--json").json[0]["measured"]
    said = run("reproduce", recipe(claim=measured, more=more), "--json")
    row = said.json[0]
    assert (said.code, row["measured"], row["met"]) == (0, measured, True)
    assert row["variant"]["title"] == "slow"
    assert row["variant"]["measured"] < measured
    assert "slow" in run("reproduce", "tiny.toml", "--quiet").out


def test_the_table_is_for_people_and_quiet_is_quiet(run, tiny, recipe):
    said = run("reproduce", recipe(), "--quiet")
    assert said.err == ""
    assert said.out.splitlines()[0].split() == ["recipe", "claim", "measured", "met"]
    assert said.out.splitlines()[1].endswith("yes")


def test_without_names_every_recipe_is_reproduced(run, tiny, recipe, monkeypatch):
    from clearprop import recipes

    paths = [recipe("a.toml"), recipe("b.toml", claim=1.0, rate=0.0001)]
    monkeypatch.setattr(recipes, "names", lambda: paths)
    said = run("reproduce", "--json")
    assert said.code == 3
    assert [(row["recipe"], row["met"]) for row in said.json] == [("a", True), ("b", False)]


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.parametrize(("name", "data"), [("fashion-sgd", "fashion-mnist"),
                                            ("explicit-numpy", "mnist")])  # fmt: skip
def test_the_recipes_that_ship_meet_their_claims(run, require_dataset, name, data):
    require_dataset(data)
    said = run("reproduce", name, "--offline", "--json")
    (row,) = said.json
    assert said.code == 0
    assert row["met"] is True
    assert row["measured"] >= row["claim"]
    assert ("variant" in row) == (name == "fashion-sgd")
