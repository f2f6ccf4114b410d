"""The parameters of a network: their names, shapes, and first values."""

from __future__ import annotations

import math

import numpy as np

from clearprop.maths.initializers import INITIALIZERS
from clearprop.maths.randomness import key
from clearprop.network.spec import Network

Arrays = dict[str, np.ndarray]


def shapes(network: Network) -> dict[str, tuple[int, ...]]:
    """Return the shape of every parameter: weights are (in, out), the others (out,).

    A bias before batch normalization would be taken away again with the mean; β serves
    instead.
    """
    found: dict[str, tuple[int, ...]] = {}
    for i, (inputs, layer) in enumerate(zip(network.sizes, network.layers, strict=False)):
        found[f"layers.{i}.weight"] = (inputs, layer.units)
        own = ("gamma", "beta") if layer.batch_norm else ("bias",)
        found |= {f"layers.{i}.{name}": (layer.units,) for name in own}
    return found


def statistics_shapes(network: Network) -> dict[str, tuple[int, ...]]:
    """Return the shape of every running statistic of batch normalization."""
    return {
        f"layers.{i}.{name}": (layer.units,)
        for i, layer in enumerate(network.layers)
        if layer.batch_norm
        for name in ("mean", "variance")
    }


def count(network: Network) -> int:
    """Return the number of parameters that are learned."""
    return sum(layer_counts(network))


def layer_counts(network: Network) -> list[int]:
    """Return how many parameters each layer learns."""
    counts = [0] * len(network.layers)
    for name, shape in shapes(network).items():
        counts[int(name.split(".")[1])] += math.prod(shape)
    return counts


def initial_parameters(network: Network, seed: int, dtype: str = "float32") -> Arrays:
    """Return the first values: weights by the network's initializer, γ = 1, the rest 0.

    Args:
        network: the architecture.
        seed: the seed; every tensor has a stream of its own under it.
        dtype: "float32" or "float64"; both are the same draws, rounded.
    """
    values = {name: _first_value(network, seed, name, s) for name, s in shapes(network).items()}
    return {name: value.astype(dtype) for name, value in values.items()}


def initial_statistics(network: Network, dtype: str = "float32") -> Arrays:
    """Return running means of 0 and variances of 1."""
    return {
        name: np.full(shape, float(name.endswith("variance")), dtype)
        for name, shape in statistics_shapes(network).items()
    }


def _first_value(network: Network, seed: int, name: str, shape: tuple[int, ...]) -> np.ndarray:
    if not name.endswith("weight"):
        return np.full(shape, float(name.endswith("gamma")))
    initializer = INITIALIZERS[network.initializer]
    draw = {"normal": _normal, "uniform": _uniform, "orthogonal": _orthogonal}
    return draw[initializer.shape](key(seed, "weights", name), shape) * initializer.deviation(
        *shape
    )


def _raw_uniform(stream: int, n: int) -> np.ndarray:
    # Philox's raw words are the same in every version of NumPy; its distributions may change.
    return (np.random.Philox(key=stream).random_raw(n) >> np.uint64(11)) * 2.0**-53


def _uniform(stream: int, shape: tuple[int, ...]) -> np.ndarray:
    return (_raw_uniform(stream, math.prod(shape)).reshape(shape) * 2.0 - 1.0) * math.sqrt(3.0)


def _normal(stream: int, shape: tuple[int, ...]) -> np.ndarray:
    # Box & Muller 1958, which is open at 1: log(1 - u) is finite for every u in [0, 1).
    n = math.prod(shape)
    u = _raw_uniform(stream, 2 * n)
    return (np.sqrt(-2.0 * np.log1p(-u[:n])) * np.cos(2.0 * np.pi * u[n:])).reshape(shape)


def _orthogonal(stream: int, shape: tuple[int, ...]) -> np.ndarray:
    # Q of a normal draw is uniform over the orthogonal matrices where R's diagonal is made
    # positive (Mezzadri 2007); scaled to a deviation of 1, as the other draws have it.
    longer, shorter = max(shape), min(shape)
    q, r = np.linalg.qr(_normal(stream, (longer, shorter)))
    q = q * np.where(np.diag(r) < 0.0, -1.0, 1.0) * math.sqrt(longer)
    return q if shape == q.shape else q.T
