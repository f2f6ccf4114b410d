"""The road through a network: its operations in order, with the names that lessons use.

Layer 1 gives Z1 = X·W1 + b1, then (with batch normalization) N1, then (with noise) E1, then A1,
then (with dropout) D1; layer 2 goes on from there. On the inputs noise gives E0 and dropout D0.
The output activation belongs to the loss: see `objective`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from clearprop.network.spec import Network


class Operation(NamedTuple):
    """One step of the road.

    Attributes:
        kind: "affine", "batch_norm", "noise", "activation" or "dropout".
        layer: the layer's index, as in `layers.0.weight`; -1 on the input.
        name: the name of the result, as in Z1.
        activation: which one, where the kind is "activation".
    """

    kind: str
    layer: int
    name: str
    activation: str = ""

    def parameter(self, name: str) -> str:
        """Return the key of this layer's parameter or setting `name`."""
        return f"layers.{self.layer}.{name}"

    @property
    def stream(self) -> int:
        """The stream of a dropout or a noise among its kind: 0 on the input, then one a layer."""
        return self.layer + 1


@lru_cache(maxsize=256)
def operations(network: Network) -> tuple[Operation, ...]:
    """Return the operations from the input to the logits."""
    road = [Operation("noise", -1, "E0")] if network.input_noise else []
    # Behind the noise, so that an input that is silenced stays 0.
    road += [Operation("dropout", -1, "D0")] if network.input_dropout else []
    last = len(network.layers) - 1
    for i, layer in enumerate(network.layers):
        road.append(Operation("affine", i, f"Z{i + 1}"))
        if i == last:
            break
        if layer.batch_norm:
            road.append(Operation("batch_norm", i, f"N{i + 1}"))
        if layer.noise:
            road.append(Operation("noise", i, f"E{i + 1}"))
        road.append(Operation("activation", i, f"A{i + 1}", layer.activation))
        if layer.dropout:
            road.append(Operation("dropout", i, f"D{i + 1}"))
    return tuple(road)
