"""The parameters of a network: their names, shapes, and first values."""

import math

import numpy as np

from clearprop.layers import Parameter, Statistic
from clearprop.maths.initializers import INITIALIZERS
from clearprop.maths.randomness import key
from clearprop.network.operations import layer_operations, operations, roles
from clearprop.network.spec import Network

Arrays = dict[str, np.ndarray]


def shapes(network: Network) -> dict[str, tuple[int, ...]]:
    """Return the shape of every parameter; weights are (in, out)."""
    return {name: parameter.shape for name, parameter in roles(network).items()}


def statistics_shapes(network: Network) -> dict[str, tuple[int, ...]]:
    """Return the shape of every running statistic."""
    return {name: statistic.shape for name, statistic in _statistics(network).items()}


def _statistics(network: Network) -> dict[str, Statistic]:
    return {name: s for one in operations(network) for name, s in one.statistics.items()}


def count(network: Network) -> int:
    """Return the number of parameters that are learned."""
    return sum(math.prod(shape) for shape in shapes(network).values())


def layer_counts(network: Network) -> list[int]:
    """Return how many parameters each layer learns."""
    return [
        sum(math.prod(p.shape) for one in part for p in one.parameters.values())
        for part in layer_operations(network)[1:]
    ]


def initial_parameters(network: Network, seed: int, dtype: str = "float32") -> Arrays:
    """Return the initial values: weights by the network's initializer, the rest by their kind.

    Every tensor has its own stream of draws under the seed; "float32" values are the "float64"
    ones, rounded.
    """
    values = {name: _first_value(network, seed, name, p) for name, p in roles(network).items()}
    return {name: value.astype(dtype) for name, value in values.items()}


def initial_statistics(network: Network, dtype: str = "float32") -> Arrays:
    """Return the first values of running statistics, as means of 0 and variances of 1."""
    return {
        name: np.full(statistic.shape, statistic.first, dtype)
        for name, statistic in _statistics(network).items()
    }


def _first_value(network: Network, seed: int, name: str, parameter: Parameter) -> np.ndarray:
    if parameter.first is not None:
        return np.full(parameter.shape, parameter.first)
    initializer = INITIALIZERS[network.initializer]
    draw = {"normal": _normal, "uniform": _uniform, "orthogonal": _orthogonal}[initializer.shape]
    made = draw(key(seed, "weights", name), parameter.shape)
    return made * initializer.deviation(*parameter.fans)


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
    # positive (Mezzadri 2007); scaled to a standard deviation of 1, like the other draws.
    longer, shorter = max(shape), min(shape)
    q, r = np.linalg.qr(_normal(stream, (longer, shorter)))
    q = q * np.where(np.diag(r) < 0.0, -1.0, 1.0) * math.sqrt(longer)
    return q if shape == q.shape else q.T
