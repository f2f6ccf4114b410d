"""Inputs: what a row is, and how it becomes the numbers that a network takes."""

from clearprop.inputs.inputs import Inputs, Reading
from clearprop.inputs.pictures import Pictures, build_pictures, redrawn
from clearprop.inputs.preparation import PREPARATIONS, Preparation, Scaling, prepare
from clearprop.inputs.range import Range

__all__ = [
    "PREPARATIONS",
    "Inputs",
    "Pictures",
    "Preparation",
    "Range",
    "Reading",
    "Scaling",
    "build_pictures",
    "prepare",
    "redrawn",
]
