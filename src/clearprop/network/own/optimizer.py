"""Register an optimizer of your own."""

import numpy as np

from clearprop.errors import SettingError
from clearprop.maths.optimizers import OPTIMIZERS, Optimizer
from clearprop.maths.settings import Setting
from clearprop.network.own.checks import check_name, remember, running
from clearprop.network.program import OPTIONAL

SHAPES = ((3, 4), (4,), ())
# The other names in a step's row, besides an optimizer's settings.
RESERVED = {
    *OPTIONAL,
    "learning_rate",
    "average_share",
    "inputs",
    "units",
    "noise",
    "gaussian",
    "deformation",
}


def register_optimizer(name: str, optimizer: Optimizer) -> None:
    """Register an optimizer by name, for both engines.

    It is a pure update of one parameter, and is tried before anything learns by it. A checkpoint
    has its slots, and a model file its name and the module that the update comes from.

    Args:
        name: what `MLP(optimizer=...)` calls it.
        optimizer: `clearprop.maths.optimizers.Optimizer(update, slots, settings)`; the update is
            (xp, gradient, slots, row) -> (step, slots), over the array namespace xp.

    Raises:
        SettingError: the name is in use or not a name; a default is out of its own bounds; the
            update fails, writes over its arguments, changes shapes, types or the names of its
            slots, or makes numbers that are not finite.
    """
    check_name("optimizer", name, OPTIMIZERS)
    what = f"the optimizer {name!r}"
    if not isinstance(optimizer, Optimizer):
        raise SettingError(
            f"{what} must be a clearprop.maths.optimizers.Optimizer, not {optimizer!r:.50}"
        )
    for setting, record in optimizer.settings.items():
        if setting in RESERVED or setting.startswith("rest_of_"):
            raise SettingError(f"{what} cannot have a setting {setting!r}: a step has one already")
        if not isinstance(record, Setting):
            raise SettingError(
                f"{name}'s {setting} must be a clearprop.maths.settings.Setting, as Setting(0.9)"
            )
        if fault := record.fault(float(record.default)):
            raise SettingError(f"{name}'s {setting} is {record.default} by default; {fault}")
    for own in (optimizer, optimizer.hidden):
        for shape in SHAPES if own is optimizer else SHAPES[:1]:
            for dtype in ("float32", "float64"):
                if own is not None:
                    _check(what, own, shape, dtype)
    OPTIMIZERS[name] = optimizer
    remember("optimizer", name, optimizer.update)


def _check(what: str, own: Optimizer, shape: tuple[int, ...], dtype: str) -> None:
    row = own.defaults | own.complements(own.defaults) | {"learning_rate": 0.1}
    row |= {"inputs": 3, "units": 4} if len(shape) == 2 else {}
    slots = {slot: np.zeros(shape, dtype) for slot in own.slots}
    for step in (1, 2):
        gradient = np.asarray(np.linspace(-1.0, 2.0, int(np.prod(shape))).reshape(shape), dtype)
        for array in (gradient, *slots.values()):
            array.setflags(write=False)
        numbers = own.columns(own.defaults, step)
        made = running(f"the update of {what}", own.update, np, gradient, slots, row | numbers)
        change, slots = _pair(what, made)
        if set(slots) != set(own.slots):
            raise SettingError(
                f"{what} says that its slots are {list(own.slots)}, and returns {list(slots)}"
            )
        for array in (change, *slots.values()):
            array = np.asarray(array)
            if (array.shape, array.dtype) != (shape, np.dtype(dtype)):
                raise SettingError(
                    f"{what} makes {array.dtype} of shape {array.shape} of a gradient of {dtype} "
                    f"and shape {shape}; it must stay as it is"
                )
            if not np.isfinite(array).all():
                raise SettingError(f"{what} makes numbers that are not finite in step {step}")
        slots = {slot: np.array(value) for slot, value in slots.items()}


def _pair(what: str, made: object) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    if isinstance(made, tuple) and len(made) == 2 and isinstance(made[1], dict):
        return made
    raise SettingError(f"the update of {what} must return (step, slots), slots a dict by name")
