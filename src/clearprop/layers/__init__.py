"""Layers: what people write, and the operations that they expand into; one file for each kind."""

from clearprop.layers import passes
from clearprop.layers.dense import Dense
from clearprop.layers.layer import KINDS, Layer, layer_of, layers_of
from clearprop.layers.layer_norm import LayerNorm
from clearprop.layers.operation import Operation, Parameter, Pass, Place, Statistic, Traced
from clearprop.layers.passes import OperationGradients
from clearprop.layers.residual import Residual
from clearprop.layers.scale import Scale
from clearprop.layers.table import BUILT_IN

__all__ = [
    "BUILT_IN",
    "KINDS",
    "Dense",
    "Layer",
    "LayerNorm",
    "Operation",
    "OperationGradients",
    "Parameter",
    "Pass",
    "Place",
    "Residual",
    "Scale",
    "Statistic",
    "Traced",
    "layer_of",
    "layers_of",
    "passes",
]
