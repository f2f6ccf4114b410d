"""Which engine: the one that was asked for, or the one that a rule over the job picks.

The rule looks at the job alone and never at a clock, so that the same command takes the same
engine on every machine and on every day.
"""

from typing import NamedTuple

from clearprop.engines.contract import Engine
from clearprop.engines.jaxlib_guard import WRONG, jaxlib_version
from clearprop.engines.table import ENGINES
from clearprop.errors import known

NAMES = ("auto", *ENGINES)
# Importing jax and reading a compiled step back costs a second; a job that is cheaper than this
# is done by NumPy before JAX has made up for it. Measured in docs/experiments.md, like the next.
BREAK_EVEN = 2e11
# What NumPy spends on a step besides its arithmetic, in operations.
STEP = 1.6e7


class Chosen(NamedTuple):
    """An engine's name, and in a sentence why it is the one."""

    name: str
    why: str


def choose(wanted: str, *, visits: int, steps: int, work: int) -> Chosen:
    """Return the engine for a job: `wanted`, or under "auto" what the rule says.

    The rule: learning from one row costs 6 operations for each multiplication of its forward
    products (2 forward, 4 backward), and each step as much as `STEP` more. JAX where jax is
    installed and the whole job comes to `BREAK_EVEN` operations, else NumPy.

    Args:
        wanted: an engine's name, or "auto".
        visits: rows times epochs.
        steps: how many updates are made.
        work: multiplications in the products of one row's forward pass.

    Raises:
        SettingError: there is no engine of that name.
    """
    known("engine", wanted, NAMES)
    if wanted != "auto":
        return Chosen(wanted, "it was asked for")
    cost = 6.0 * visits * work + STEP * steps
    size = f"the job costs as much as {cost:.1e} operations"
    installed = jaxlib_version()
    if installed is None:
        return Chosen("numpy", "jax is not installed")
    if installed in WRONG:
        return Chosen("numpy", f"the installed jaxlib {installed} computes wrong numbers")
    if cost < BREAK_EVEN:
        return Chosen("numpy", f"{size}, and under {BREAK_EVEN:.1e} JAX takes longer to start")
    return Chosen("jax", f"{size}, and from {BREAK_EVEN:.1e} on its start pays")


def make(name: str) -> Engine:
    """Return the engine of that name; only here is jax imported, if that is the one.

    Raises:
        SettingError: there is no engine of that name.
        MissingExtraError: jax is not installed.
        EngineError: the installed jaxlib is known to compute wrong numbers.
    """
    known("engine", name, ENGINES)
    return ENGINES[name].make()
