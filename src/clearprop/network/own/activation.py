"""Register an activation of your own; its derivative is checked."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from clearprop.errors import SettingError, in_one_line
from clearprop.maths.activations import ACTIVATIONS, Activation
from clearprop.network.own.checks import check_name, remember

Array = Any
Elementwise = Callable[[Any, Array], Array]

# From -8 to 8, avoiding round numbers, where functions often have a kink.
POINTS = np.linspace(-8.0, 8.0, 161) + 0.0123
EXTREMES = np.array([-100.0, -0.0, 0.0, 100.0], np.float32)
STEP = 2.0**-10
TOLERANCE = 1e-6


def register_activation(name: str, forward: Elementwise, derivative: Elementwise) -> None:
    """Register an activation by name, for both engines and the gradient check.

    Its derivative is compared with finite differences before anything learns by it. A model file
    has the name and the module it comes from; it loads where the same is registered, and nowhere
    else.

    Args:
        name: what `MLP(activation=...)` calls it.
        forward: f(xp, z) -> a, element by element, over the array namespace xp: `xp.tanh(z)` and
            not `numpy.tanh(z)`, so that JAX can compile it.
        derivative: f′ in the same form; at a kink the slope on either side.

    Raises:
        SettingError: the name is in use or not a name; a function is not elementwise, widens single
            precision or is not finite at ±100; or the derivative is wrong.

    >>> from clearprop.maths.activations import ACTIVATIONS
    >>> register_activation("square", lambda xp, z: z * z, lambda xp, z: 2.0 * z)
    >>> register_activation("cube", lambda xp, z: z * z * z, lambda xp, z: 3.0 * z)
    Traceback (most recent call last):
    clearprop.errors.SettingError: the derivative of 'cube' is wrong at z = -7.9877: it says
    -23.9631, and finite differences of the forward 191.41
    >>> del ACTIVATIONS["square"]
    """
    check_name("activation", name, {*ACTIVATIONS, "softmax"})
    for part, function in (("forward", forward), ("derivative", derivative)):
        _check_function(f"the {part} of {name!r}", function)
    _check_slope(name, forward, derivative)
    ACTIVATIONS[name] = Activation(forward, partial(_vjp, derivative))
    remember("activation", name, forward)


def _vjp(derivative: Elementwise, xp: Any, z: Array, g: Array) -> Array:
    return g * derivative(xp, z)


def _check_function(which: str, function: Elementwise) -> None:
    made = _called(which, function, POINTS)
    parts = np.concatenate([_called(which, function, p) for p in np.split(POINTS[::-1], [7, 90])])
    if not np.allclose(made[::-1], parts, 1e-9, 1e-12, equal_nan=True):
        raise SettingError(f"{which} is not elementwise: an element depends on others")
    for z in (POINTS.astype(np.float32), EXTREMES):
        made = _called(which, function, z)
        if made.dtype != np.float32:
            raise SettingError(
                f"{which} makes {made.dtype} of float32; write its numbers as Python's (0.5), not "
                "NumPy's, and make an array of one of two numbers in where: "
                "xp.where(z > 0, xp.ones_like(z), 0.1)"
            )
        if not np.isfinite(made).all():
            at = z[~np.isfinite(made)][0]
            raise SettingError(f"{which} is not finite at z = {at:g}")


def _called(which: str, function: Elementwise, z: np.ndarray) -> np.ndarray:
    # The backward needs z after the forward, so a function that writes over it must fail here.
    z = z.copy()
    z.flags.writeable = False
    try:
        with np.errstate(all="ignore"):
            made = np.asarray(function(np, z))
    except Exception as error:
        raise SettingError(
            f"{which} fails when it is called with (numpy, z), where z must stay as it is: "
            f"{in_one_line(repr(error))}"
        ) from error
    if made.shape != z.shape:
        raise SettingError(
            f"{which} makes an array of shape {made.shape} of one of shape {z.shape}; it must give "
            "a number for every element, as xp.ones_like(z) does"
        )
    return made


def _check_slope(name: str, forward: Elementwise, derivative: Elementwise) -> None:
    def slope(h: float) -> np.ndarray:
        above, below = (_called(f"the forward of {name!r}", forward, POINTS + d) for d in (h, -h))
        return (above - below) / (2.0 * h)

    # Richardson's: the errors of the two step sizes cancel up to the fourth power.
    expected = (4.0 * slope(STEP / 2.0) - slope(STEP)) / 3.0
    found = _called(f"the derivative of {name!r}", derivative, POINTS)
    wrong = np.abs(found - expected) > TOLERANCE * np.maximum(1.0, np.abs(expected))
    if wrong.any():
        i = int(np.argmax(wrong))
        raise SettingError(
            f"the derivative of {name!r} is wrong at z = {POINTS[i]:g}: it says {found[i]:g}, and "
            f"finite differences of the forward {expected[i]:g}"
        )
