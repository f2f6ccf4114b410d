"""What a callback remembers, as checkpoints store it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from clearprop.network import State


class Memory(NamedTuple):
    """What a callback needs to be given back when a fit is resumed.

    Attributes:
        numbers: by name; None where a value is not known yet.
        state: a copy of the network's state, if the callback keeps one.
    """

    numbers: Mapping[str, float | None] = MappingProxyType({})
    state: State | None = None
