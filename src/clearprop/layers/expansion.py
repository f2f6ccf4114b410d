"""From layers to their operations."""

import math
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import cast

from clearprop.errors import SettingError
from clearprop.layers.dense import Dense
from clearprop.layers.dropout import Drop
from clearprop.layers.layer import Layer, chain, expanded_by
from clearprop.layers.noise import AddNoise
from clearprop.layers.operation import Operation, Place, Shape
from clearprop.layers.reshape import Reshape


@lru_cache(maxsize=256)
def expanded(
    layers: tuple[Layer, ...], shape: Shape, epsilon: float, noise: float, dropout: float
) -> tuple[tuple[Operation, ...], ...]:
    """Return the operations on the inputs, and then those of every layer.

    Args:
        layers: the last one is dense, and gives the logits.
        shape: of one input; rows come flat, whatever they are pictures of.
        epsilon: what normalization adds to variances.
        noise: standard deviation of the noise on the inputs.
        dropout: rate on the inputs.

    Raises:
        SettingError: a layer cannot stand where it does.
    """
    place = Place("input", "0", (math.prod(shape),), epsilon=epsilon)
    parts, stream = [tuple(_on_inputs(place, shape, noise, dropout))], 1
    for i, layer in enumerate(layers):
        for operation in parts[-1]:
            place = place.after(operation)
        place = place.of(f"layers.{i}", str(i + 1), stream)
        last = i == len(layers) - 1
        try:
            parts.append(
                tuple(cast(Dense, layer).logits(place) if last else expanded_by(layer, place))
            )
        except SettingError as error:
            raise SettingError(f"layers.{i}: {error}") from error
        stream += layer.streams
    return tuple(parts)


def _on_inputs(place: Place, shape: Shape, noise: float, dropout: float) -> Iterator[Operation]:
    kinds: list[Callable[[Place], Operation]] = []
    kinds += [partial(AddNoise, deviation=noise)] if noise else []
    # After the noise, so that a dropped input stays 0.
    kinds += [partial(Drop, rate=dropout)] if dropout else []
    kinds += [partial(Reshape, shape=shape)] if len(shape) > 1 else []
    return chain(place, kinds)
