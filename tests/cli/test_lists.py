"""The commands that list and check: `recipes`, `datasets`, `gradcheck`."""

import tomllib

import pytest

from clearprop import recipes
from clearprop.cli import gradcheck
from clearprop.insight.gradcheck import Check


def test_recipes_are_listed_and_shown(run):
    listed = run("recipes", "list")
    made = run("recipes", "list", "--json").json
    assert [one["recipe"] for one in made] == recipes.names()
    for one in made:
        assert one["recipe"] in listed.out
        shown = tomllib.loads(run("recipes", "show", one["recipe"]).out)
        assert shown["claim"]["metrics"] == {one["metric"]: one["claim"]}
        assert shown["data"]["name"] == one["data"]
    # Not rounded to 99.5 or 99.6: less than is claimed, or more.
    assert "at least 99.55 %" in listed.out


def test_a_shown_recipe_is_a_recipe_of_your_own(run, folder):
    (folder / "mine.toml").write_text(run("recipes", "show", "fashion-sgd").out)
    assert recipes.load("mine.toml").model == recipes.load("fashion-sgd").model


def test_data_sets_are_listed(run, folder):
    made = {one["name"]: one for one in run("datasets", "list", "--json", "--data-dir", ".").json}
    assert {"mnist", "fashion-mnist", "digits"} <= made.keys()
    assert made["digits"]["cached"]
    assert not made["mnist"]["cached"]
    text = run("datasets", "list", "--data-dir", ".").out
    assert "60,000 training and 10,000 test rows of 28×28 pixels" in text
    assert "not here yet" in text


def test_a_set_that_is_here_is_got_and_right(run):
    assert run("datasets", "get", "digits").out.startswith("digits: in ")
    said = run("datasets", "check", "digits")
    assert (said.code, said.out) == (0, "digits/digits: right\n")


def test_a_set_that_is_not_here_fails_the_check_and_says_why(run):
    said = run("datasets", "check", "mnist", "--data-dir", ".")
    assert said.code == 5
    assert len(said.out.splitlines()) == 4
    assert "right" not in said.out
    made = run("datasets", "check", "mnist", "--data-dir", ".", "--json")
    assert made.code == 5
    assert [file["correct"] for file in made.json["mnist"]] == [False] * 4


@pytest.fixture
def few(monkeypatch):
    """Two checks in place of all: the real ones are the witnesses' own tests."""

    def use(error):
        found = [Check("relu", "finite differences", 1e-9, 1e-7),
                 Check("tanh", "jax autodiff", error, 1e-12)]  # fmt: skip
        monkeypatch.setattr("clearprop.insight.gradcheck.checks", lambda: iter(found))

    return use


def test_gradcheck_prints_every_check_and_the_verdict(run, few):
    few(1e-15)
    said = run("gradcheck")
    assert said.code == 0
    assert len(said.out.splitlines()) == 4
    assert said.out.splitlines()[-1] == "2 checks, 0 wrong"
    assert "1.0e-09  1e-07  right" in said.out


def test_gradcheck_as_json(run, few):
    few(1e-15)
    said = run("gradcheck", "--json")
    assert said.json[1].items() >= {
        "rule": "tanh", "witness": "jax autodiff", "max_relative_error": 1e-15,
    }.items()  # fmt: skip


def test_gradcheck_leaves_with_3_where_a_gradient_is_wrong(run, few):
    few(1e-3)
    said = run("gradcheck")
    assert said.code == gradcheck.WRONG == 3
    assert "WRONG" in said.out
    assert run("gradcheck", "--json").code == 3


def test_the_real_table_begins_with_real_rules():
    from itertools import islice

    from clearprop.insight.gradcheck import checks

    assert all(check.passed for check in islice(checks(), 3))
