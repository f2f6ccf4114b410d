"""Gradients, updates and the moving average, written into existing arrays.

The equations of `maths/` make a new array with every operation. Here a network's parameters are
views of one vector, and updates write into it; the tests compare each with its equation.
"""

from typing import Any, NamedTuple

import numpy as np

from clearprop.engines.updates_in_place import UPDATES, Row
from clearprop.layers import Parameter
from clearprop.layers.affine import Affine
from clearprop.maths.max_norm import max_norm
from clearprop.maths.optimizers import OPTIMIZERS, Optimizer
from clearprop.network import Program, State, matrices, roles, row_of, updater

Arrays = dict[str, np.ndarray]


class Together(NamedTuple):
    """Parameters that one rule updates at once.

    Attributes:
        own: what updates them.
        roles: the role of each; all have the same factor on the learning rate.
        param: all of them in one vector, or a single matrix.
        gradient: their gradients, likewise.
        slots: each of their slots, likewise.
    """

    own: Optimizer
    roles: dict[str, Parameter]
    param: np.ndarray
    gradient: np.ndarray
    slots: list[np.ndarray]


class InPlace:
    """A network's parameters and slots in one vector each, so that an update is one rule.

    Hidden weights that have a rule of their own stay separate, matrix by matrix.

    Attributes:
        state: the initial state; its parameters and slots are views of the vectors.
    """

    def __init__(self, program: Program, state: State) -> None:
        self._spare = np.empty_like(np.concatenate([p.reshape(-1) for p in state.params.values()]))
        self._gradients: Arrays = {}
        params, slots = dict(state.params), dict(state.slots)  # in the order in which they came
        self._groups = [
            self._together(names, program, params, slots) for names in _groups(program, params)
        ]
        stats, average = ({n: a.copy() for n, a in p.items()} for p in (state.stats, state.average))
        self.state = State(params, stats, slots, average)

    def _together(
        self, names: list[str], program: Program, params: Arrays, slots: Arrays
    ) -> Together:
        own = updater(program.network, program.optimizer, names[0])
        param, parts = _in_one({name: params[name] for name in names})
        gradient, gradients = _in_one(parts)
        params |= parts
        self._gradients |= gradients
        vectors = []
        for slot in own.slots:
            vector, parts = _in_one({f"{name}/{slot}": slots[f"{name}/{slot}"] for name in names})
            vectors.append(vector)
            slots |= parts
        found = {name: roles(program.network)[name] for name in names}
        return Together(own, found, param, gradient, vectors)

    def affine_vjp(
        self, op: Affine, xp: Any, saved: Any, g: np.ndarray, need: bool
    ) -> tuple[np.ndarray | None, Arrays]:
        """Return what `maths.affine.affine_vjp` returns, written into the vector of gradients."""
        x, weight, has_bias = saved
        names = tuple(op.parameters)
        made = {name: self._gradients[name] for name in names}
        np.matmul(x.T, g, out=made[names[0]])
        if has_bias:
            np.add.reduce(g, axis=0, out=made[names[1]])
        return (g @ weight.T if need else None), made

    def updated(
        self, xp: Any, program: Program, gradients: Arrays, state: State, values: Row
    ) -> tuple[Arrays, Arrays]:
        """Do what `network.step.updated` does, to the arrays of its own state."""
        for name, g in gradients.items():
            if g is not self._gradients[name]:
                self._gradients[name][...] = g
        for group in self._groups:
            self._update(group, state.params, values)
        if "max_norm" in program.options:
            for name in filter(matrices(program.network).__contains__, gradients):
                weight = state.params[name]
                weight[...] = max_norm(np, weight, values["max_norm"], incoming=-2)
        return state.params, state.slots

    def _update(self, group: Together, params: Arrays, values: Row) -> None:
        own, param = group.own, group.param
        row = row_of(own, values, next(iter(group.roles.values())))
        if "weight_decay" in own.settings:
            rate = row["learning_rate"] * row["weight_decay"]
            for name, role in group.roles.items():
                if role.decay:
                    params[name][...] *= 1.0 - rate * role.decay
        if own.update not in UPDATES:
            return _by_the_equation(group, row)
        spare = self._spare[: param.size].reshape(param.shape)
        UPDATES[own.update](param, group.gradient, group.slots, row, spare)
        return None

    def averaged(self, xp: Any, average: Arrays, current: Arrays, share: float) -> Arrays:
        """Do what `network.step.averaged` does."""
        for name, old in average.items():
            spare = self._spare[: old.size].reshape(old.shape)
            np.subtract(current[name], old, out=spare)
            spare *= share
            old += spare
        return average


def _by_the_equation(group: Together, row: Row) -> None:
    slots = dict(zip(group.own.slots, group.slots, strict=True))
    change, kept = group.own.update(np, group.gradient, slots, row)
    np.add(group.param, change, out=group.param)
    for name, slot in slots.items():
        slot[...] = kept[name]


def _groups(program: Program, params: Arrays) -> list[list[str]]:
    chosen, known = OPTIMIZERS[program.optimizer], roles(program.network)
    together: dict[float, list[str]] = {}
    alone = []
    for name in params:
        # An equation without an in-place version may need a parameter as a whole, such as its norm.
        own = updater(program.network, program.optimizer, name)
        if own is chosen and own.update in UPDATES:
            together.setdefault(known[name].rate, []).append(name)
        else:
            alone.append([name])
    return [*together.values(), *alone]


def _in_one(arrays: Arrays) -> tuple[np.ndarray, Arrays]:
    """Return a copy of arrays as one vector, and the views of it that hold each of them.

    A single array keeps its shape.
    """
    if len(arrays) == 1:
        copied = {name: a.copy() for name, a in arrays.items()}
        return next(iter(copied.values())), copied
    flat = np.concatenate([a.reshape(-1) for a in arrays.values()])
    ends = np.cumsum([a.size for a in arrays.values()])
    parts = zip(arrays.items(), np.split(flat, ends[:-1]), strict=True)
    return flat, {name: part.reshape(a.shape) for (name, a), part in parts}
