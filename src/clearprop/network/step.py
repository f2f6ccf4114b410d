"""The training step: one pure function of (state, batch, values) -> (state, outcome).

Forward, loss, gradients, penalty, clipping, update, max-norm, running statistics, moving average:
the order is decided here once, and an engine decides only how it runs: it supplies the gradient,
and may supply an update and an average that work in place.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from clearprop.maths.adversarial import steepest_step
from clearprop.maths.averaging import moving_average
from clearprop.maths.clipping import clip_by_norm
from clearprop.maths.max_norm import max_norm
from clearprop.maths.optimizers import decoupled_decay
from clearprop.maths.penalties import l1_vjp, l2_vjp
from clearprop.network.batch import Batch
from clearprop.network.gradient import Outcome
from clearprop.network.operations import roles
from clearprop.network.program import Program
from clearprop.network.updaters import memory, row_of, updater

Array = Any
Arrays = dict[str, Array]


class State(NamedTuple):
    """Everything that changes while a network learns, as flat dictionaries of arrays.

    Attributes:
        params: the parameters, `layers.0.weight` and so on.
        stats: the running statistics.
        slots: the optimizer's memory, `layers.0.weight/mean` and so on.
        average: moving averages of params and stats; empty where they are off.
    """

    params: Arrays
    stats: Arrays
    slots: Arrays
    average: Arrays


def initial_state(xp: Any, program: Program, params: Arrays, stats: Arrays) -> State:
    """Return the state before the first step; averages begin at the parameters themselves."""
    slots = memory(program.network, program.optimizer, params)
    averaged = {**params, **stats} if "moving_average" in program.options else {}
    return State(
        params,
        stats,
        {slot: xp.zeros_like(params[name]) for slot, name in slots.items()},
        {name: xp.asarray(p, copy=True) for name, p in averaged.items()},
    )


def updated(
    xp: Any,
    program: Program,
    gradients: Arrays,
    state: State,
    values: Mapping[str, Any],
    *,
    transposed: bool = False,
) -> tuple[Arrays, Arrays]:
    """Return the parameters and the slots after the optimizer's update, max-norm included.

    `values` are the settings and the step's own row. `transposed` says that matrices are stored as
    (units, inputs), as an engine may keep them.
    """
    known = roles(program.network)
    params: Arrays = {}
    slots: Arrays = {}
    for name, g in gradients.items():
        own, role = updater(program.network, program.optimizer, name), known[name]
        row = row_of(own, values, role)
        kept = {slot: state.slots[f"{name}/{slot}"] for slot in own.slots}
        change, kept = own.update(xp, g, kept, row)
        if role.decay and "weight_decay" in own.settings:
            change = change + _share(decoupled_decay(xp, state.params[name], row), role.decay)
        params[name] = state.params[name] + change
        if role.matrix and "max_norm" in program.options:
            axis = -1 if transposed else -2
            params[name] = max_norm(xp, params[name], values["max_norm"], incoming=axis)
        slots |= {f"{name}/{slot}": value for slot, value in kept.items()}
    return params, slots


def averaged(xp: Any, average: Arrays, current: Arrays, share: Any) -> Arrays:
    """Return the moving averages, moved toward the current values by this share."""
    return {name: moving_average(xp, old, current[name], share) for name, old in average.items()}


class StepParts(NamedTuple):
    """The parts of a step that an engine may run in its own way.

    Attributes:
        gradient: (xp, network, params, batch, values, inputs=False) -> (gradients, outcome), like
            `derived_gradient`.
        updated: like `updated`; it may change the state's arrays, and use up the gradients.
        averaged: like `averaged`; it may change the averages.
    """

    gradient: Callable[..., tuple[Arrays, Outcome]]
    updated: Callable[..., tuple[Arrays, Arrays]] = updated
    averaged: Callable[..., Arrays] = averaged


def step(
    xp: Any,
    program: Program,
    parts: StepParts,
    state: State,
    batch: Batch,
    values: Mapping[str, Any],
) -> tuple[State, Outcome]:
    """Return the state after one update, and what the batch showed.

    Args:
        xp: the array namespace.
        program: what is fixed: the network, the optimizer, the options.
        parts: how the gradient is computed, and how arrays are updated.
        state: the state before the step.
        batch: the rows to learn from.
        values: the settings by name and the step's own row: learning rate, corrections, noise.
    """
    gradients, outcome = _gradients(xp, program, parts, state.params, batch, values)
    gradients = _penalized(xp, program, gradients, state.params, values)
    if "clip_norm" in program.options:
        gradients = clip_by_norm(xp, gradients, values["clip_norm"])
    params, slots = parts.updated(xp, program, gradients, state, values)
    stats = averaged(xp, state.stats, outcome.stats, 1.0 - program.network.norm_momentum)
    average = state.average
    if average:
        average = parts.averaged(xp, average, {**params, **stats}, values["average_share"])
    return State(params, stats, slots, average), outcome


def _gradients(
    xp: Any,
    program: Program,
    parts: StepParts,
    params: Arrays,
    batch: Batch,
    values: Mapping[str, Any],
) -> tuple[Arrays, Outcome]:
    network = program.network
    if "adversarial" not in program.options:
        return parts.gradient(xp, network, params, batch, values)
    gradients, outcome = parts.gradient(xp, network, params, batch, values, inputs=True)
    step = steepest_step(xp, gradients.pop("inputs"), values["adversarial"])
    # Halved at once: an engine may write the second gradient over the first.
    halves = {name: 0.5 * g for name, g in gradients.items()}
    moved = batch._replace(x=batch.x + step)
    gradients, _ = parts.gradient(xp, network, params, moved, values)
    return {name: half + 0.5 * gradients[name] for name, half in halves.items()}, outcome


def _penalized(
    xp: Any, program: Program, gradients: Arrays, params: Arrays, values: Mapping[str, Any]
) -> Arrays:
    known = roles(program.network)
    for option, vjp in (("l1", l1_vjp), ("l2", l2_vjp)):
        if option in program.options:
            gradients = {
                name: g + vjp(xp, params[name], _share(values[option], known[name].decay))
                if known[name].decay
                else g
                for name, g in gradients.items()
            }
    return gradients


def _share(amount: Any, factor: float) -> Any:
    return amount if factor == 1.0 else amount * factor
