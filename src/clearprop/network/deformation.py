"""Deformation of the training pictures, fresh at every step."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from clearprop.errors import SettingError
from clearprop.maths.elastic import displacements
from clearprop.maths.erasing import erased
from clearprop.maths.noise import uniform
from clearprop.maths.warps import affine_coordinates, bilinear, linear_map

Array = Any

# Every setting that is a number, and the most that it may be.
MOST = {
    "rotation": 180.0,
    "scale": 0.9,
    "shear": 2.0,
    "shift": 1000.0,
    "elastic": 100.0,
    "smoothness": 1000.0,
    "flip": 1.0,
    "erase": 1000.0,
    "mixup": 0.5,
}
LEAST_SMOOTHNESS = 0.1
WARPS = ("rotation", "scale", "shear", "shift", "flip")
# The columns of a picture's draws, each uniform on [0, 1).
ROTATION, SCALE, SHEAR, SHIFT, FLIP, MIDDLE, SIDES, MIXUP = 0, 1, 3, 4, 6, 7, 9, 11
DRAWS = 12
# Of a step's keys for deformation: one for these draws, one for elastic fields.
STREAMS = 2


class Deformation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How uint8 pictures are deformed in the training step; a strength of 0 is off.

    Attributes:
        rotation: the largest angle in degrees; angles are uniform in ±rotation.
        scale: the largest stretch: each axis by its own factor, uniform in 1 ± scale.
        shear: the largest shear, in columns a row, uniform in ±shear.
        shift: the largest shift in pixels, down and to the right, each uniform in ±shift.
        elastic: the standard deviation of elastic displacements, in pixels.
        smoothness: σ of the Gaussian that smooths them, in pixels.
        flip: the share of pictures that are mirrored, left for right.
        erase: the largest side of the rectangle that is blanked, in pixels, uniform in [0, erase).
        mixup: the largest share of another picture of the batch, and of its target, uniform in
            [0, mixup); one of weight 0 is not mixed in.
        strength: by class number, a factor on rotation and shear; 1 where none is given.
        sides: the pictures' height and width; by default those of the rows.
        fade: the share of a fit, at its end, over which all from rotation to mixup, but not the
            smoothness, fall evenly to zero.
    """

    rotation: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    shift: float = 0.0
    elastic: float = 0.0
    smoothness: float = 4.0
    flip: float = 0.0
    erase: float = 0.0
    mixup: float = 0.0
    strength: dict[str, float] = {}
    sides: tuple[int, int] | None = None
    fade: float = 0.0

    def __post_init__(self) -> None:
        for name, most in {**MOST, "fade": 1.0}.items():
            value = getattr(self, name)
            if not 0.0 <= value <= most:
                raise SettingError(
                    f"deformation.{name} is {value}; it must lie between 0 and {most:g}"
                )
        if self.smoothness < LEAST_SMOOTHNESS:
            raise SettingError(
                f"deformation.smoothness is {self.smoothness:g}; it must be at least "
                f"{LEAST_SMOOTHNESS:g} pixels"
            )
        for label, factor in self.strength.items():
            if not (label.isascii() and label.isdecimal() and str(int(label[:8])) == label):
                raise SettingError(
                    f"deformation.strength has {label!r}; give class numbers: {{1 = 0.5}}"
                )
            if not 0.0 <= factor <= 10.0:
                raise SettingError(
                    f"deformation.strength of class {label} is {factor}; it must lie between 0 "
                    "and 10"
                )


def sized(deformation: Deformation | None, shape: tuple[int, ...]) -> Deformation | None:
    """Return the deformation with the sides of these pictures, unless it has its own."""
    if deformation is None or deformation.sides is not None or len(shape) != 2:
        return deformation
    return msgspec.structs.replace(deformation, sides=shape)


class Plan(NamedTuple):
    """The part of a deformation that is fixed in a program; hashable.

    Attributes:
        on: the names of the strengths that are not zero.
        labels: the classes that have a strength of their own.
        sides: the pictures' height and width; () while they are unknown.
    """

    on: tuple[str, ...]
    labels: tuple[int, ...]
    sides: tuple[int, ...]


def plan(deformation: Deformation, shape: tuple[int, ...], classes: int) -> Plan:
    """Return the plan for pictures of this shape, in this many classes.

    Raises:
        SettingError: another height and width than the deformation says, or a strength for a
            class that does not exist.
    """
    sides = deformation.sides or (shape if len(shape) == 2 else ())
    if sides and (sides[0] * sides[1] != math.prod(shape) or min(sides) < 1):
        raise SettingError(
            f"deformation is for pictures, and {math.prod(shape)} inputs are none of {sides[0]} by "
            f"{sides[1]} pixels; say their height and width, as sides = [28, 28]"
        )
    labels = tuple(sorted(map(int, deformation.strength)))
    if labels and labels[-1] >= classes:
        raise SettingError(
            f"deformation.strength names class {labels[-1]}, but the last of {classes} classes is "
            f"{classes - 1}"
        )
    on = tuple(name for name in MOST if getattr(deformation, name) and name != "smoothness")
    return Plan(on, labels, sides)


def constants(deformation: Deformation) -> dict[str, float]:
    """Return the numbers that are the same at every step, by name."""
    factors = {f"deformation.class.{int(k)}": v for k, v in deformation.strength.items()}
    return {"deformation.smoothness": float(deformation.smoothness), **factors}


def strengths(deformation: Deformation, share: float = 1.0) -> dict[str, float]:
    """Return a share of the numbers that may differ from step to step, by name; in radians."""
    values = {name: float(getattr(deformation, name)) for name in MOST if name != "smoothness"}
    values["rotation"] = math.radians(deformation.rotation)
    return {f"deformation.{name}": share * value for name, value in values.items()}


def left(deformation: Deformation, time: float, total: float) -> float:
    """Return the share of the strengths at a time: min(1, (1 - time/total)/fade).

    Networks gain from pictures that come closer to real ones towards the end. `time` and `total`,
    the length of the fit, are in the same unit.
    """
    if not deformation.fade:
        return 1.0
    return min(1.0, max(0.0, 1.0 - time / total) / deformation.fade)


def draws(xp: Any, values: Mapping[str, Any], batch: int, dtype: Any) -> Array:
    """Return the draws of a step, one row a picture, uniform on [0, 1)."""
    return uniform(xp, values["deformation"][0, :], (batch, DRAWS), dtype)


def deformed(
    xp: Any, plan: Plan, x: Array, labels: Array, drawn: Array, values: Mapping[str, Any]
) -> Array:
    """Return pictures as floats from 0 to 255, each deformed in its own way.

    Args:
        xp: the array namespace.
        plan: what is on.
        x: uint8 pixels (batch, features).
        labels: the pictures' classes (batch,).
        drawn: `draws` (batch, draws).
        values: the strengths by name, and the step's keys.
    """
    height, width = plan.sides
    pictures, dtype = xp.reshape(x, (-1, height, width)), drawn.dtype
    if any(name in plan.on for name in (*WARPS, "elastic")):
        pictures = bilinear(xp, pictures, _coordinates(xp, plan, labels, drawn, values))
    else:
        pictures = xp.astype(pictures, dtype)
    if "erase" in plan.on:
        middle = drawn[:, MIDDLE : MIDDLE + 2] * xp.asarray([height, width], dtype=dtype)
        sides = drawn[:, SIDES : SIDES + 2] * values["deformation.erase"]
        pictures = xp.where(erased(xp, middle - 0.5, sides, height, width), 0.0, pictures)
    return xp.reshape(pictures, (-1, height * width))


def _coordinates(
    xp: Any, plan: Plan, labels: Array, drawn: Array, values: Mapping[str, Any]
) -> Array:
    around = 2.0 * drawn - 1.0
    own = _factor(xp, plan, labels, values, drawn.dtype)
    stretch = 1.0 + around[:, SCALE : SCALE + 2] * values["deformation.scale"]
    mirrored = xp.astype(drawn[:, FLIP] < values["deformation.flip"], drawn.dtype)
    stretch = xp.stack([stretch[:, 0], stretch[:, 1] * (1.0 - 2.0 * mirrored)], axis=-1)
    matrix = linear_map(
        xp,
        around[:, ROTATION] * own * values["deformation.rotation"],
        stretch,
        around[:, SHEAR] * own * values["deformation.shear"],
    )
    shift = around[:, SHIFT : SHIFT + 2] * values["deformation.shift"]
    coordinates = affine_coordinates(xp, matrix, shift, *plan.sides)
    if "elastic" not in plan.on:
        return coordinates
    size = (drawn.shape[0], 2, *plan.sides[::-1])
    field = uniform(
        xp, values["deformation"][1, :], (drawn.shape[0], math.prod(size[1:])), drawn.dtype
    )
    field = xp.reshape(2.0 * field - 1.0, size)
    deviation, sigma = values["deformation.elastic"], values["deformation.smoothness"]
    return coordinates + displacements(xp, field, deviation, sigma)


def _factor(xp: Any, plan: Plan, labels: Array, values: Mapping[str, Any], dtype: Any) -> Array:
    """Return each picture's factor on rotation and shear, by its class."""
    factor = xp.ones(labels.shape, dtype=dtype)
    for label in plan.labels:
        factor = xp.where(labels == label, values[f"deformation.class.{label}"], factor)
    return factor
