"""Where a network stands, and what of its state it is judged by."""

from __future__ import annotations

from typing import NamedTuple

from clearprop.network import State


class Position(NamedTuple):
    """How far a network has come: its state, and the steps and epochs behind it."""

    state: State
    steps: int = 0
    epochs: int = 0


class Seat:
    """A network's place in a run of many: what its own fit sees of the run.

    Attributes:
        state: the network's, as it was when the run last gave it back.
    """

    state: State

    def fetch(self) -> list[State]:
        """Return the state."""
        return [self.state]


def evaluated_state(state: State) -> tuple[dict, dict]:
    """Return the (params, stats) that evaluation uses: the moving averages where they are on."""
    current = {**state.params, **state.stats, **state.average}
    return {n: current[n] for n in state.params}, {n: current[n] for n in state.stats}
