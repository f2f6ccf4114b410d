"""Register a loss of your own."""

import numpy as np

from clearprop.errors import SettingError
from clearprop.maths.losses import LOSSES, Loss
from clearprop.network.objective import OUTPUTS
from clearprop.network.own.checks import check_name, check_single, check_slopes, remember, running


def register_loss(name: str, loss: Loss) -> None:
    """Register a loss by name, for both engines.

    Its derivative is compared with finite differences before anything learns by it. A model file
    has the name and the module that the forward comes from.

    Args:
        name: what `MLP(loss=...)` calls it.
        loss: `clearprop.maths.losses.Loss(forward, vjp, outputs, formula, ...)`; the forward is
            (xp, z, targets, weight) -> (loss, saved) and must weigh its rows by `weight`.

    Raises:
        SettingError: the name is in use or not a name; an output activation does not exist; the
            loss fails, widens single precision, does not weigh its rows, or its derivative is
            wrong.

    >>> from clearprop.maths.losses import LOSSES, Loss
    >>> def cubes(xp, z, targets, weight):
    ...     difference = z - targets
    ...     return xp.sum(weight * xp.sum(difference**3, axis=-1)), (difference, weight)
    >>> def wrong(xp, saved, g):
    ...     difference, weight = saved
    ...     return (g * weight)[:, None] * difference**2
    >>> register_loss("cubes", Loss(cubes, wrong, ("identity",), "Σ (S - Y)³ / m"))
    Traceback (most recent call last):
    clearprop.errors.SettingError: the gradient of the loss 'cubes' is wrong at [0, 0]: it says
    0.300005, and finite differences of the forward 0.900015
    """
    check_name("loss", name, LOSSES)
    what = f"the loss {name!r}"
    if not isinstance(loss, Loss):
        raise SettingError(f"{what} must be a clearprop.maths.losses.Loss, not {loss!r:.50}")
    for output in loss.outputs or ("no output activation",):
        if output not in OUTPUTS:
            raise SettingError(f"{what} names {output!r}; give some of {', '.join(OUTPUTS)}")
    z, targets, weight = _example(loss)

    def value(z: np.ndarray) -> float:
        return loss.forward(np, z, targets, weight)[0]

    made = running(what, loss.forward, np, z, targets, weight)
    if not isinstance(made, tuple) or len(made) != 2 or np.shape(made[0]) != ():
        raise SettingError(f"the forward of {what} must return (a number, what its vjp needs)")
    total, saved = made
    found = running(f"the derivative of {what}", loss.vjp, np, saved, 1.0)
    check_slopes(f"the gradient of {what}", value, z, found)
    # The last row weighs nothing.
    if value(np.concatenate([z[:-1], z[-1:] + 1.0])) != total:
        raise SettingError(f"{what} counts a row whose weight is 0; multiply each row by `weight`")
    single = [a.astype("float32") for a in (z, targets, weight)]
    total, saved = running(what, loss.forward, np, *single)
    for made in (total, running(what, loss.vjp, np, saved, 1.0)):
        check_single(what, made)
    LOSSES[name] = loss
    remember("loss", name, loss.forward)


def _example(loss: Loss) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return outputs or logits, targets and weights of four rows, the last of weight 0."""
    z = np.linspace(0.1, 0.9, 12).reshape(4, 3)[:, ::-1] + np.eye(4, 3) * 0.05
    low, high = max(loss.least, -0.8), min(loss.most, 0.7)
    targets = low + (high - low) * (np.arange(12.0).reshape(4, 3) * 0.37 % 1.0)
    if loss.shares:
        targets = targets / targets.sum(axis=1, keepdims=True)
    return z, targets, np.array([0.25, 0.5, 0.25, 0.0])
