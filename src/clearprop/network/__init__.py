"""What a network is: its spec, its parameters, forward, backward, and one step.

These are plain functions over any array namespace; the engines and `MLP` are built on them.
"""

from clearprop.network.batch import Batch, Rows, gather, gather_deformed
from clearprop.network.build import build_network, build_training
from clearprop.network.choices import Choice
from clearprop.network.deformation import Deformation
from clearprop.network.forward import forward, hidden
from clearprop.network.gradient import Outcome, batch_loss, derived_gradient
from clearprop.network.objective import objective, outputs, targets
from clearprop.network.operations import (
    every_operation,
    layer_operations,
    operations,
    roles,
    work,
)
from clearprop.network.parameters import (
    count,
    initial_parameters,
    initial_statistics,
    layer_counts,
    shapes,
    statistics_shapes,
)
from clearprop.network.program import Program, hyper, outline, program
from clearprop.network.spec import Network, Training
from clearprop.network.step import State, StepParts, initial_state, step, updated
from clearprop.network.summary import summary
from clearprop.network.table import table
from clearprop.network.updaters import matrices, memory, row_of, updater

__all__ = [
    "Batch",
    "Choice",
    "Deformation",
    "Network",
    "Outcome",
    "Program",
    "Rows",
    "State",
    "StepParts",
    "Training",
    "batch_loss",
    "build_network",
    "build_training",
    "count",
    "derived_gradient",
    "every_operation",
    "forward",
    "gather",
    "gather_deformed",
    "hidden",
    "hyper",
    "initial_parameters",
    "initial_state",
    "initial_statistics",
    "layer_counts",
    "layer_operations",
    "matrices",
    "memory",
    "objective",
    "operations",
    "outline",
    "outputs",
    "program",
    "roles",
    "row_of",
    "shapes",
    "statistics_shapes",
    "step",
    "summary",
    "table",
    "targets",
    "updated",
    "updater",
    "work",
]
