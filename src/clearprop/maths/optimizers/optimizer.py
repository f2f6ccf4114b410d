"""What an optimizer is: a pure update of one parameter, (gradient, slots, row) -> (step, slots).

The new parameter is the old one plus the step. `slots` are the optimizer's memory of this
parameter, arrays of its shape that begin at zero. `row` holds the settings and the numbers of the
current step, made on the host: `learning_rate` (η), 1 minus each decay, and the optimizer's own
columns; for a matrix also how many `inputs` and `units` it has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from clearprop.maths.settings import Setting

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace, Scalar

    Tensor = Float[Array, "*shape"]
    Slots = dict[str, Float[Array, "*shape"]]
    Row = Mapping[str, Scalar]


def no_columns(settings: Mapping[str, float], step: int) -> dict[str, float]:
    """Return no columns."""
    return {}


class Optimizer(NamedTuple):
    """A way to update parameters.

    Attributes:
        update: the pure update, (xp, gradient, slots, row) -> (step, slots).
        slots: the names of what it remembers.
        settings: by name; one called weight_decay switches `decoupled_decay` on.
        factor: the setting that multiplies the learning rate, or "".
        hidden: the way of the hidden layers' weight matrices, where they have one of their own.
        columns: (settings, step from 1) -> numbers of that step by name, as Adam's corrections.
    """

    update: Callable
    slots: tuple[str, ...]
    settings: Mapping[str, Setting]
    factor: str = ""
    hidden: Optimizer | None = None
    columns: Callable[[Mapping[str, float], int], dict[str, float]] = no_columns

    @property
    def defaults(self) -> dict[str, float]:
        """The default values of the settings."""
        return {name: setting.default for name, setting in self.settings.items()}

    def complements(self, values: Mapping[str, float]) -> dict[str, float]:
        """Return 1 - value, named `rest_of_beta1` and so on, for the settings that need it."""
        wanted = (name for name, setting in self.settings.items() if setting.rest)
        return {f"rest_of_{name}": 1.0 - values[name] for name in wanted}


def decoupled_decay(xp: Namespace, weight: Tensor, row: Row) -> Tensor:
    """Return -η·λ·W, a step toward zero of its own (Loshchilov & Hutter 2019).

    It is added to the optimizer's step and never enters its averages, unlike an L2 penalty. Like a
    penalty it is for weights only.
    """
    return -row["learning_rate"] * row["weight_decay"] * weight
