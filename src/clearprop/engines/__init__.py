"""The engines: NumPy runs the equations eagerly, JAX compiles them."""

from clearprop.engines.choice import Chosen, choose, make
from clearprop.engines.contract import Engine, Job, Measured, Run
from clearprop.engines.table import check_layers
from clearprop.engines.versions import versions

__all__ = [
    "Chosen",
    "Engine",
    "Job",
    "Measured",
    "Run",
    "check_layers",
    "choose",
    "make",
    "versions",
]
