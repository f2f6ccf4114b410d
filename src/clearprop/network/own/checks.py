"""Checks of everything that is registered: a free name, and right gradients."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from clearprop.errors import SettingError, in_one_line
from clearprop.network.finite_differences import finite_differences
from clearprop.registered import MODULES

TOLERANCE = 1e-6


def check_name(what: str, name: Any, taken: Iterable[str]) -> None:
    """Raise SettingError if a name is not valid or already in use."""
    article = "an" if what[0] in "aeiou" else "a"
    if not isinstance(name, str) or not name.isidentifier():
        raise SettingError(
            f"{article} {what} cannot be called {in_one_line(repr(name))}: give letters, digits "
            f"and underscores, as 'my_{what}'"
        )
    if name in taken:
        raise SettingError(f"there is {article} {what} called {name!r} already; give another name")


def check_slopes(
    what: str, value: Callable[[np.ndarray], Any], x: np.ndarray, found: np.ndarray
) -> None:
    """Raise SettingError if `found`, a gradient of `value` at x, is not that of finite differences.

    `what` says whose gradient it is, with respect to what.
    """
    if np.shape(found) != x.shape:
        raise SettingError(f"{what} has shape {np.shape(found)}, and its argument has {x.shape}")
    expected = finite_differences(value, x)
    wrong = ~(np.abs(found - expected) <= TOLERANCE * np.maximum(1.0, np.abs(expected)))
    if wrong.any():
        at = tuple(map(int, np.argwhere(wrong)[0]))
        raise SettingError(
            f"{what} is wrong at {list(at)}: it says {found[at]:g}, and finite differences of the "
            f"forward {expected[at]:g}"
        )


def check_single(what: str, made: Any) -> None:
    """Raise SettingError if a result in single precision has become wider."""
    if np.asarray(made).dtype != np.float32:
        raise SettingError(
            f"{what} makes {np.asarray(made).dtype} of float32; write its numbers as Python's "
            "(0.5), not NumPy's"
        )


def running(what: str, function: Callable, *arguments: Any, **named: Any) -> Any:
    """Return a function's result, or raise SettingError with its error."""
    try:
        with np.errstate(all="ignore"):
            return function(*arguments, **named)
    except SettingError:
        raise
    except Exception as error:
        raise SettingError(f"{what} fails: {in_one_line(repr(error))}") from error


def remember(what: str, name: str, owner: Any) -> None:
    """Record the module that something comes from, for files that will use it."""
    MODULES[f"{what} {name}"] = str(getattr(owner, "__module__", "") or "__main__")
