"""Which engine: the one that was asked for, or the one that a rule over the job picks.

The rule looks at the job alone and never at a clock, so that the same command takes the same
engine on every machine and on every day.
"""

from __future__ import annotations

from typing import NamedTuple

from clearprop.engines.contract import Engine
from clearprop.engines.jaxlib_guard import WRONG, jaxlib_version, refuse_wrong_jaxlib
from clearprop.network.choices import known

NAMES = ("auto", "jax", "numpy")
# Importing jax and compiling a step costs a few seconds; below this much arithmetic NumPy is
# done before JAX has begun. The figure is measured in docs/experiments.md.
BREAK_EVEN = 1.5e11


class Chosen(NamedTuple):
    """An engine's name, and in a sentence why it is the one."""

    name: str
    why: str


def choose(wanted: str, *, rows: int, parameters: int, epochs: int) -> Chosen:
    """Return the engine for a job: `wanted`, or under "auto" what the rule says.

    The rule: a training step costs about 6 operations for each parameter and row (2 forward,
    4 backward). JAX where jax is installed and the whole job exceeds `BREAK_EVEN`
    operations, else NumPy.

    Raises:
        SettingError: there is no engine of that name.
    """
    known("engine", wanted, NAMES)
    if wanted != "auto":
        return Chosen(wanted, "it was asked for")
    work = 6.0 * rows * parameters * epochs
    size = f"the job is {work:.1e} operations"
    installed = jaxlib_version()
    if installed is None:
        return Chosen("numpy", "jax is not installed")
    if installed in WRONG:
        return Chosen("numpy", f"the installed jaxlib {installed} computes wrong numbers")
    if work < BREAK_EVEN:
        return Chosen("numpy", f"{size}, and under {BREAK_EVEN:.1e} JAX takes longer to start")
    return Chosen("jax", f"{size}, and from {BREAK_EVEN:.1e} on compiling pays")


def make(name: str) -> Engine:
    """Return the engine of that name; jax is imported here and only where it is asked for.

    Raises:
        MissingExtraError: jax is not installed.
        EngineError: the installed jaxlib is known to compute wrong numbers.
    """
    if name == "numpy":
        from clearprop.engines.numpy_engine import NumpyEngine

        return NumpyEngine()
    refuse_wrong_jaxlib()
    from clearprop.engines.jax_engine import JaxEngine

    return JaxEngine()
