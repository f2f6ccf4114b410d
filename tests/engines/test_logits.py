"""Logits come in chunks; nothing shows where one ends."""

import importlib

import numpy as np
import pytest

from clearprop.engines import make
from clearprop.inputs import Preparation, prepare
from clearprop.layers import Dense
from clearprop.network import Network, forward, initial_parameters, initial_statistics

NETWORK = Network((6,), (Dense(5, "tanh", True, 0.5), Dense(3, "softmax")), input_dropout=0.5)
HALF = Preparation(127.5, 1.0 / 127.5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["uint8", "float32"])
@pytest.mark.parametrize("rows", [1, 7, 8, 9, 16, 17])
def test_any_number_of_rows(monkeypatch, engine, dtype, kind, rows):
    monkeypatch.setattr(importlib.import_module(f"clearprop.engines.{engine}_engine"), "CHUNK", 8)
    x = np.random.default_rng(rows).integers(0, 256, (rows, 6)).astype(kind)
    params, stats = initial_parameters(NETWORK, 0, dtype), initial_statistics(NETWORK, dtype)
    made = make(engine).logits(NETWORK, (params, stats), x, HALF, dtype)
    expected = forward(np, NETWORK, params, stats, prepare(np, x, HALF, np.dtype(dtype)))
    assert (made.shape, made.dtype, type(made)) == ((rows, 3), dtype, np.ndarray)
    tolerance = 2e-5 if dtype == "float32" else 1e-13
    np.testing.assert_allclose(made, expected, rtol=tolerance, atol=tolerance)
