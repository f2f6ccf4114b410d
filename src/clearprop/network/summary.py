"""The network as a table: layers, shapes, parameters."""

from clearprop.network.operations import layer_operations
from clearprop.network.parameters import count, layer_counts
from clearprop.network.spec import Network


def summary(network: Network) -> str:
    """Return the table that `MLP.summary()` gives.

    >>> from clearprop.network.build import build_network
    >>> print(summary(build_network([784, 128, 10])))
    layer   output  activation    parameters
    input      784
    0          128  relu             100,480  weight (784, 128)  bias (128,)
    1           10  softmax            1,290  weight (128, 10)  bias (10,)
    total                            101,770  loss: cross_entropy, initializer: he_normal
    """
    rows = [("layer", "output", "activation", "parameters", "")]
    size = "×".join(map(str, network.input_shape))
    rows.append(("input", size, _inputs(network), "", ""))
    counts, parts = layer_counts(network), layer_operations(network)[1:]
    for i, (layer, part) in enumerate(zip(network.layers, parts, strict=True)):
        own = {n: p.shape for one in part for n, p in one.parameters.items()}
        begin = len(f"layers.{i}.")
        detail = "  ".join(f"{name[begin:]} {shape}" for name, shape in own.items())
        size = "×".join(map(str, part[-1].out_shape))
        rows.append((str(i), size, layer.words(), f"{counts[i]:,}", detail))
    note = f"loss: {network.loss}, initializer: {network.initializer}"
    rows.append(("total", "", "", f"{count(network):,}", note))
    width = max(12, *(len(row[2]) for row in rows))
    return "\n".join(f"{a:<6}{b:>8}  {c:<{width}}{d:>12}  {e}".rstrip() for a, b, c, d, e in rows)


def _inputs(network: Network) -> str:
    noise = _amount("noise", network.input_noise)
    return ", ".join(filter(None, [noise, _amount("dropout", network.input_dropout)]))


def _amount(name: str, value: float) -> str:
    return f"{name} {value:g}" if value else ""
