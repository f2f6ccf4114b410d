"""`Inputs`: everything that is known about a network's inputs, in one value."""

import math
import warnings
from typing import Annotated, Literal

import msgspec
import numpy as np

from clearprop.errors import DataError, RangeWarning
from clearprop.inputs.pictures import Pictures, redrawn
from clearprop.inputs.preparation import Preparation
from clearprop.inputs.range import Range

# More dimensions than any input has; a product over thousands of sizes would take hours.
Sizes = Annotated[
    tuple[Annotated[int, msgspec.Meta(ge=1, le=2**53)], ...], msgspec.Meta(max_length=8)
]
Reading = Literal["digit", "garment", "picture"]
"""How a picture file becomes a row: `read_digit`, `read_garment` or `read_picture`."""


class Inputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one input is, and how it becomes the numbers that a network takes.

    Attributes:
        shape: of one input, (28, 28) for a picture, (features,) otherwise.
        pictures: how pictures are redrawn first, step by step.
        preparation: how they then become numbers.
        reading: how a picture file becomes an input.
        range: of the rows that were learned from; None before the first.
    """

    shape: Sizes
    pictures: Pictures = ()
    preparation: Preparation = Preparation()
    reading: Reading = "digit"
    range: Range | None = None

    @property
    def features(self) -> int:
        """How many numbers one input holds."""
        return math.prod(self.shape)

    @property
    def sides(self) -> tuple[int, int] | None:
        """Height and width of a picture; None where inputs are not pictures."""
        return (self.shape[0], self.shape[1]) if len(self.shape) == 2 else None

    @property
    def trained_on_floats(self) -> bool:
        """Whether floats were learned from."""
        return self.range is not None and self.range.kind == "floats"

    def redrawn(self, images: np.ndarray) -> np.ndarray:
        """Return rows, in the shape that they came in, after every step of `pictures`."""
        return redrawn(images, self.pictures, self.shape)

    def check(self, images: np.ndarray) -> None:
        """Check whether rows lie in the range that was learned from, as far as one can tell.

        Warns (RangeWarning) where they seem to be scaled differently.

        Raises:
            DataError: they cannot be of the kind that was learned from.
        """
        if self.range is None or not images.size:
            return
        if fault := self.range.fault(images, self.preparation):
            raise DataError(fault)
        if doubt := self.range.doubt(images):
            warnings.warn(doubt, RangeWarning, stacklevel=2)

    def fault(self, features: int) -> str:
        """Return why a network with this many inputs cannot take these, or ""."""
        if self.features != features:
            return f"has inputs of shape {self.shape} for a network of {features}"
        if len(self.preparation.means) not in (0, 1, features):
            return f"has moments of {len(self.preparation.means)} columns for {features} inputs"
        return ""
