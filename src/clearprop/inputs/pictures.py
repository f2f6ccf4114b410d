"""Pictures redrawn before a network sees them: a few steps as data, from pixels to pixels.

A model stores its steps, so that raw pictures are treated as in training. They are applied once,
on the host, before the rows go to an engine.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
import numpy as np

from clearprop.errors import DataError, SettingError, in_one_line, known
from clearprop.maths import normal_forms
from clearprop.plain import converted

Array = np.ndarray[Any, Any]

# Each costs time at every prediction: a file from elsewhere must not ask for a million.
MOST_STEPS = 8
# Redrawn together: with intermediate results some 20 MB, which stay in the processor's cache.
PIXELS_AT_ONCE = 2**18


class Step(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="name", tag=str.lower
):
    """What is done to each picture, by the name of its class."""

    def __str__(self) -> str:
        """Return it in words, such as "width 16"."""
        values = [str(value) for value in msgspec.structs.astuple(self)]
        return " ".join([type(self).__name__.lower(), *values])

    def drawn(self, images: Array) -> Array:
        """Return uint8 pictures (n, height, width), redrawn, as floats of the same shape."""
        raise NotImplementedError


class Deslant(Step, frozen=True):
    """Shear each picture about its center of mass until it stands upright."""

    def drawn(self, images: Array) -> Array:
        """Return uint8 pictures (n, height, width), redrawn, as floats of the same shape."""
        return normal_forms.upright(np, images)


class Width(Step, frozen=True):
    """Widen or narrow each picture's ink to a number of columns, in the middle of the field."""

    pixels: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]

    def drawn(self, images: Array) -> Array:
        """Return uint8 pictures (n, height, width), redrawn, as floats of the same shape."""
        if self.pixels > images.shape[2]:
            raise SettingError(
                f"pictures of {images.shape[2]} columns cannot hold ink of width {self.pixels}; "
                f"give width at most {images.shape[2]} pixels"
            )
        return normal_forms.of_width(np, images, self.pixels)


class Center(Step, frozen=True):
    """Move each picture until its center of mass is the middle of the field."""

    def drawn(self, images: Array) -> Array:
        """Return uint8 pictures (n, height, width), redrawn, as floats of the same shape."""
        return normal_forms.centered(np, images)


STEPS: dict[str, type[Step]] = {"center": Center, "deslant": Deslant, "width": Width}
Pictures = Annotated[tuple[Center | Deslant | Width, ...], msgspec.Meta(max_length=MOST_STEPS)]


def build_pictures(words: Any) -> Pictures:
    """Return the steps that these settings describe, in their order.

    Args:
        words: a list of names, and of tables with a name and settings, such as
            ["deslant", {"name": "width", "pixels": 16}]; a single one; or None for no step.

    Raises:
        SettingError: a step or a setting that does not exist or does not fit.
    """
    if words is None or isinstance(words, str | Mapping):
        words = [] if words is None else [words]
    if not isinstance(words, Sequence):
        raise SettingError(f"pictures is {words!r}; give a list of steps: {', '.join(STEPS)}")
    if len(words) > MOST_STEPS:
        raise SettingError(f"pictures has {len(words):,} steps; give at most {MOST_STEPS}")
    return tuple(_step(word) for word in words)


def _step(word: Any) -> Any:
    table = msgspec.to_builtins(word) if isinstance(word, Step) else word
    table = {"name": word} if isinstance(word, str) else table
    if not isinstance(table, Mapping):
        raise SettingError(
            f"{in_one_line(repr(word), 100)} is not a step of pictures; give a name, or a table "
            'with one, as {"name": "width", "pixels": 16}'
        )
    if "name" not in table:
        raise SettingError(
            f"a step of pictures lacks its name; give one of {', '.join(STEPS)}, as "
            '{"name": "width", "pixels": 16}'
        )
    name = table["name"]
    known("step of pictures", str(name), STEPS)
    fields = STEPS[str(name)].__struct_fields__
    for setting in table:
        known(f"setting of {name}", setting, ["name", *fields])
    for setting in fields:
        if setting not in table:
            raise SettingError(
                f'{name} needs its {setting}, as {{"name": "{name}", "{setting}": 16}}'
            )
    try:
        return converted(table, STEPS[str(name)])
    except SettingError as error:
        raise SettingError(f"{name}: {error}") from error


def redrawn(images: Array, pictures: Pictures, shape: tuple[int, ...] = ()) -> Array:
    """Return pictures after every step, in the shape that they came in.

    Args:
        images: uint8 (n, height, width), or (n, features).
        pictures: the steps; without any the images are returned unchecked.
        shape: of the pictures that the network knows, and so of flat rows.

    Raises:
        DataError: rows that are not pictures of uint8.
        SettingError: a width beyond that of the pictures.
    """
    if not pictures:
        return images
    height, width = _sides(images, pictures, shape)
    made = images.reshape(-1, height, width)
    for step in pictures:
        made = _after(step, made)
    return made.reshape(images.shape)


def _after(step: Step, images: Array) -> Array:
    """Return uint8 pictures after one step, rounded, some made at a time."""
    made = np.empty(images.shape, np.uint8)
    at_once = max(1, PIXELS_AT_ONCE // math.prod(images.shape[1:]))
    for first in range(0, len(images), at_once):
        part = slice(first, first + at_once)
        made[part] = np.rint(step.drawn(images[part]))
    return made


def _sides(images: Array, pictures: Pictures, shape: tuple[int, ...]) -> tuple[int, int]:
    words = ", ".join(map(str, pictures))
    if images.dtype != np.uint8:
        raise DataError(
            f"this network's pictures are redrawn ({words}), which takes pixels of uint8, and "
            f"these rows are {images.dtype}: give pixels from 0 to 255 as uint8"
        )
    own, known_sides = images.shape[1:], shape if len(shape) == 2 else None
    if len(own) == 1 and known_sides:
        own = known_sides
    if len(own) == 2 and known_sides not in (None, own):
        raise DataError(
            f"pictures of {own[0]} by {own[1]} are given to a network that redraws them ({words}) "
            f"as it learned them: {shape[0]} by {shape[1]}; give such"
        )
    if len(own) != 2:
        raise DataError(
            f"this network's pictures are redrawn ({words}), and rows of shape {own} are no "
            "pictures: give images of (rows, height, width), or say their shape, as in "
            "MLP([(28, 28), 128, 10])"
        )
    return own[0], own[1]
