"""Every kind of layer that comes with Clearprop."""

from clearprop.layers.dense import Dense
from clearprop.layers.layer import KINDS
from clearprop.layers.layer_norm import LayerNorm
from clearprop.layers.residual import Residual
from clearprop.layers.scale import Scale

BUILT_IN = (Dense, LayerNorm, Residual, Scale)
KINDS.update({str(kind.__struct_config__.tag): kind for kind in BUILT_IN})
