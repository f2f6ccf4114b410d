"""The gradient check: every hand-derived gradient against independent witnesses, in float64.

The gradient that is judged is the NumPy engine's, by the VJPs of `maths/`. Its witnesses are
finite differences of the forward, the same VJPs compiled by JAX, and JAX's automatic
differentiation of the forward.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from clearprop.engines.jaxlib_guard import refuse_wrong_jaxlib
from clearprop.errors import EngineError, MissingExtraError, known
from clearprop.insight.rules import Rule, rules
from clearprop.network.finite_differences import finite_differences as slopes

Arrays = dict[str, Any]
FLOOR = 1e-8


class Check(NamedTuple):
    """What one witness found for one rule.

    Attributes:
        rule: the rule's name.
        witness: the witness's name.
        max_relative_error: the largest of the tensors' relative errors; see `relative_error`.
        tolerance: the error up to which the witness agrees.
    """

    rule: str
    witness: str
    max_relative_error: float
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether the error is within the tolerance; an error that is not a number is not."""
        return self.max_relative_error <= self.tolerance


class Witness(NamedTuple):
    """How a witness finds a rule's gradients, and how closely they must agree."""

    gradients: Callable[[Rule], Arrays]
    tolerance: float


class Available(NamedTuple):
    """The witnesses that are available here, and why others are not, or ""."""

    names: tuple[str, ...]
    left_out: str


def gradient_check(
    table: Iterable[Rule] | None = None, witnesses: Iterable[str] | None = None
) -> list[Check]:
    """Return what every witness found for every rule; arguments and errors are those of `checks`.

    >>> from clearprop.insight.rules import rules
    >>> [check.passed for check in gradient_check(rules()[:2], ["finite differences"])]
    [True, True]
    """
    return list(checks(table, witnesses))


def checks(
    table: Iterable[Rule] | None = None, witnesses: Iterable[str] | None = None
) -> Iterator[Check]:
    """Yield a check for every rule and witness, as soon as it is done.

    Args:
        table: the rules; by default all of `insight.rules.rules()`.
        witnesses: names from `WITNESSES`; by default those that are `available()`.

    Raises:
        SettingError: there is no witness of that name.
        MissingExtraError: a JAX witness was named and jax is not installed.
        EngineError: a JAX witness was named and the jaxlib computes wrong numbers.
    """
    names = available().names if witnesses is None else tuple(witnesses)
    for name in names:
        known("witness", name, WITNESSES)
    for rule in rules() if table is None else table:
        judged = derived_gradients(np, rule)
        for name in names:
            gradients, tolerance = WITNESSES[name]
            error = relative_error(judged, gradients(rule))
            yield Check(rule.name, name, error, tolerance)


def available() -> Available:
    """Return the available witnesses; jax is looked for but not imported."""
    try:
        refuse_wrong_jaxlib()
    except (MissingExtraError, EngineError) as error:
        silent = [name for name in WITNESSES if name.startswith("jax")]
        names = tuple(name for name in WITNESSES if name not in silent)
        return Available(names, f"left out {' and '.join(silent)}: {error}")
    return Available(tuple(WITNESSES), "")


def relative_error(judged: Arrays, other: Arrays) -> float:
    """Return the largest max|Δ| / max(max|g|, 1e-8·largest) over the tensors.

    g is a tensor's judged gradient, Δ its difference from the witness's, and `largest` the largest
    |g| of all tensors. The error is infinite where names or shapes differ, since a gradient of
    another shape is wrong whatever its values.
    """
    if _shapes(judged) != _shapes(other):
        return math.inf
    sizes = {name: float(np.max(np.abs(g))) for name, g in judged.items()}
    floor = FLOOR * max(sizes.values())
    differences = {name: float(np.max(np.abs(g - other[name]))) for name, g in judged.items()}
    # NumPy's maximum, since Python's would ignore NaN.
    return float(np.max([_quotient(d, max(sizes[n], floor)) for n, d in differences.items()]))


def _quotient(difference: float, size: float) -> float:
    if size == 0.0:
        return 0.0 if difference == 0.0 else math.inf
    return difference / size


def _shapes(gradients: Arrays) -> dict[str, tuple[int, ...]]:
    return {name: np.shape(g) for name, g in gradients.items()}


def derived_gradients(xp: Any, rule: Rule) -> Arrays:
    """Return the rule's gradients by its VJP, over the namespace `xp`, by input name."""
    return _derived(rule, xp, rule.inputs, rule.fixed, rule.cotangent)


def finite_differences(rule: Rule) -> Arrays:
    """Return the rule's gradients by central differences of its forward, by input name."""

    def value(name: str, moved: np.ndarray) -> Any:
        return _total(rule, np, {**rule.inputs, name: moved}, rule.fixed, rule.cotangent)

    return {name: slopes(partial(value, name), x) for name, x in rule.inputs.items()}


def _total(rule: Rule, xp: Any, inputs: Arrays, fixed: Arrays, cotangent: Any) -> Any:
    out, _ = rule.call(xp, rule, inputs, fixed)
    return xp.sum(cotangent * out)


def _derived(rule: Rule, xp: Any, inputs: Arrays, fixed: Arrays, cotangent: Any) -> Arrays:
    _, back = rule.call(xp, rule, inputs, fixed)
    return dict(zip(rule.inputs, back(cotangent), strict=False))


def _jax_derived(rule: Rule) -> Arrays:
    refuse_wrong_jaxlib()
    from clearprop.engines.jax_witness import compiled

    return compiled(partial(_derived, rule), rule.inputs, rule.fixed, rule.cotangent)


def _jax_autodiff(rule: Rule) -> Arrays:
    refuse_wrong_jaxlib()
    from clearprop.engines.jax_witness import differentiated

    return differentiated(partial(_total, rule), rule.inputs, rule.fixed, rule.cotangent)


WITNESSES = {
    "finite differences": Witness(finite_differences, 1e-7),
    "jax derived": Witness(_jax_derived, 1e-12),
    "jax autodiff": Witness(_jax_autodiff, 1e-12),
}
