"""The bench of deformation makes the steps that it says."""

import pytest
from benchmarks.deformation import FORMS, measured

from clearprop import datasets


@pytest.mark.parametrize("engine", ["jax", "numpy"])
def test_every_form_takes_every_turn(engine):
    found = measured(engine, datasets.load("digits").train, 2, 3)
    assert set(found) == set(FORMS)
    assert all(len(values) == 2 and min(values) > 0.0 for values in found.values())
