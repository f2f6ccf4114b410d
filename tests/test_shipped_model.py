"""The model that ships is as its card says."""

from __future__ import annotations

import re

import pytest

from clearprop import load
from clearprop.models import SHIPPED
from clearprop.recipes import load as load_recipe

CARD = SHIPPED.with_suffix(".md").read_text(encoding="utf-8")


def percent(line):
    """Return the first percentage in the card's row of that name."""
    return float(re.search(rf"\| {line} \|[^|]*?(\d+\.\d+) %", CARD)[1]) / 100


def test_it_is_small_and_of_the_recipe():
    assert SHIPPED.stat().st_size < 300_000
    recipe, model = load_recipe("mnist-small"), load(SHIPPED)
    assert model.network.sizes == recipe.model["layers"]
    assert model.settings.learning_rate == recipe.model["learning_rate"]
    assert model.settings.epochs == recipe.fit.epochs
    assert f"{recipe.claim.accuracy:.1%}".replace("%", " %") in CARD
    assert round(model.validation_accuracy, 4) == percent("validation accuracy")


@pytest.mark.data
def test_it_is_as_good_as_its_card_says(require_dataset):
    found = load(SHIPPED).evaluate(require_dataset("mnist").test)
    assert found.accuracy == percent("test accuracy") >= load_recipe("mnist-small").claim.accuracy
