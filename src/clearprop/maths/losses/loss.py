"""What a loss is: a weighted sum over rows of how wrong each row's output is.

Every loss takes `weight`, a number for each row. Weights of 1/batch make it the mean over the
batch; a padded row has weight 0; class and sample weights are factors of it. The targets are one
row of numbers for each sample: see `targets.py`.
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float

    Rows = Float[Array, "batch classes"]
    Saved = tuple[Rows, Rows, Float[Array, " batch"]]


class Loss(NamedTuple):
    """A loss.

    Attributes:
        forward: (xp, z, targets, weight) -> (loss, saved); z are the logits, or the outputs.
        vjp: (xp, saved, g) -> g·∂L/∂z.
        outputs: the output activations that it is defined on; the first is its default.
        formula: in terms of the outputs S, the targets Y and the m rows.
        gradient: of the loss, in the same terms.
        on_outputs: whether it takes the outputs; the others take the logits, and include the output
            activation.
        least: the least that a target may be.
        most: the most.
        shares: whether a row's targets are shares of one answer, which add up to 1.
    """

    forward: Callable
    vjp: Callable
    outputs: tuple[str, ...]
    formula: str
    gradient: str = "the derivative of the loss"
    on_outputs: bool = False
    least: float = -math.inf
    most: float = math.inf
    shares: bool = False
