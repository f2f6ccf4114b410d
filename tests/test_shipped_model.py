"""The models that ship are as their cards say."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from clearprop import MLP, load
from clearprop.models import NAMES, SHIPPED
from clearprop.recipes import load as load_recipe

RESULTS = Path(__file__).parents[1] / "docs/results"


def card(name):
    return SHIPPED[name].with_suffix(".md").read_text(encoding="utf-8")


def percent(name, line):
    """Return the first percentage in the card's row of that name."""
    return round(float(re.search(rf"\| {line} \|[^|]*?(\d+\.\d+) %", card(name))[1]) / 100, 4)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_small_and_of_its_recipe(name):
    assert SHIPPED[name].stat().st_size < 2 * 2**20
    recipe, model = load_recipe(name), load(name)
    assert model.network.sizes == recipe.model["layers"]
    assert model.settings.learning_rate == recipe.model["learning_rate"]
    assert model.settings.epochs == recipe.fit.epochs
    assert f"{recipe.claim.value:.1%}".replace("%", " %") in card(name)
    # It has learned from all rows, so none were left to measure it on: docs/results has its twin's.
    assert model.metrics == {}
    first = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))["seeds"][0]
    assert (first["seed"], first["refit"]) == (0, True)
    for key in ("validation", "test"):
        assert round(first[key], 4) == percent(name, f"{key} accuracy")


@pytest.mark.data
@pytest.mark.parametrize("name", NAMES)
def test_it_is_as_good_as_its_card_says(name, require_dataset):
    recipe = load_recipe(name)
    found = load(name).evaluate(require_dataset(recipe.data.name).test)
    assert found.accuracy == percent(name, "test accuracy") >= recipe.claim.value


def test_a_file_of_your_own_goes_before_the_one_that_ships(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load("mnist-small").network.features == 784
    MLP([3, 2]).save("mnist-small")
    assert load("mnist-small").network.features == 3
    assert np.array_equal(load(SHIPPED["mnist-small"]).predict(np.zeros((1, 784))).shape, (1,))
