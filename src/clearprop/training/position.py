"""How far a network has been trained, and what of its state it predicts with."""

from typing import NamedTuple

from clearprop.network import State


class Position(NamedTuple):
    """A network's state, and the steps and epochs it has been trained for."""

    state: State
    steps: int = 0
    epochs: int = 0


class SharedRun:
    """What the fit of one network sees of a run of many.

    Attributes:
        state: the network's, when the run last returned it.
    """

    state: State

    def fetch(self) -> list[State]:
        """Return the state."""
        return [self.state]


def evaluated_state(state: State) -> tuple[dict, dict]:
    """Return the (params, stats) to predict with: the moving averages where they are on."""
    current = {**state.params, **state.stats, **state.average}
    return {n: current[n] for n in state.params}, {n: current[n] for n in state.stats}
