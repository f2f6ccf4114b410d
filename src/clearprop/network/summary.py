"""The network as a table: layers, shapes, parameters."""

from __future__ import annotations

from clearprop.network.parameters import count, layer_counts, shapes
from clearprop.network.spec import Layer, Network


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
    rows.append(("input", str(network.inputs), _inputs(network), "", ""))
    found = shapes(network)
    for i, layer in enumerate(network.layers):
        own = {n.split(".")[2]: s for n, s in found.items() if n.startswith(f"layers.{i}.")}
        detail = "  ".join(f"{name} {shape}" for name, shape in own.items())
        rows.append(
            (str(i), str(layer.units), _activation(layer), f"{layer_counts(network)[i]:,}", detail)
        )
    note = f"loss: {network.loss}, initializer: {network.initializer}"
    rows.append(("total", "", "", f"{count(network):,}", note))
    width = max(12, *(len(row[2]) for row in rows))
    return "\n".join(f"{a:<6}{b:>8}  {c:<{width}}{d:>12}  {e}".rstrip() for a, b, c, d, e in rows)


def _activation(layer: Layer) -> str:
    norm = "batch norm" if layer.batch_norm else ""
    noise, dropout = _amount("noise", layer.noise), _amount("dropout", layer.dropout)
    return ", ".join(filter(None, [norm, noise, layer.activation, dropout]))


def _inputs(network: Network) -> str:
    noise = _amount("noise", network.input_noise)
    return ", ".join(filter(None, [noise, _amount("dropout", network.input_dropout)]))


def _amount(name: str, value: float) -> str:
    return f"{name} {value:g}" if value else ""
