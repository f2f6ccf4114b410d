"""Fixtures: each rule of the table, and each way to run it."""

import jax
import jaxtyping
import numpy as np
import pytest
from ways import RULES, WAYS


@pytest.fixture(params=RULES.values(), ids=RULES)
def rule(request):
    """Each rule of the table."""
    return request.param


@pytest.fixture(params=WAYS, ids=[way.__name__ for way in WAYS])
def run(request):
    """Each way to run (rule, arguments); returns (value, gradients) as NumPy arrays."""
    return lambda *arguments: jax.tree.map(np.asarray, request.param(*arguments))


@pytest.fixture
def unchecked_shapes(monkeypatch):
    """Leave shapes unchecked, as users have it: finite differences call a rule a thousand times.

    The tests of the namespaces call the same rules with their shapes checked.
    """
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
