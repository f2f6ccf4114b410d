"""A named choice with settings, as `"adam"` or `{"name": "adam", "beta1": 0.95}`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import msgspec

from clearprop.errors import SettingError, known
from clearprop.maths.optimizers import OPTIMIZERS


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name of a closed vocabulary, and the settings that differ from its defaults."""

    name: str
    settings: tuple[tuple[str, float], ...] = ()

    @classmethod
    def of(cls, value: Choice | str | Mapping | None, default: str = "constant") -> Choice:
        """Return the choice that a name, a table with a name, or None stands for."""
        if isinstance(value, Choice):
            return value
        if isinstance(value, Mapping):
            settings = {k: v for k, v in value.items() if k != "name"}
            return cls(str(value.get("name", default)), tuple(sorted(settings.items())))
        return cls(default if value is None else str(value))

    def table(self) -> str | dict:
        """Return the plain value that `of` reads back."""
        return {"name": self.name, **dict(self.settings)} if self.settings else self.name


def check_optimizer(choice: Choice) -> None:
    """Raise SettingError where the optimizer or one of its settings does not exist."""
    known("optimizer", choice.name, OPTIMIZERS)
    check_settings(choice, OPTIMIZERS[choice.name].settings)
    for name, value in choice.settings:
        if name == "epsilon" and value <= 0.0:
            raise SettingError(f"{choice.name}'s epsilon is {value}; it must be positive")
        upper = math.inf if name in ("epsilon", "weight_decay", "adam_factor") else 1.0
        if not (0.0 <= value < upper):
            raise SettingError(f"{choice.name}'s {name} is {value}; it must lie in [0, {upper:g})")


def optimizer_settings(choice: Choice) -> dict[str, float]:
    """Return all settings of the chosen optimizer, defaults included."""
    return {**OPTIMIZERS[choice.name].settings, **dict(choice.settings)}


def check_settings(choice: Choice, names: Iterable[str]) -> None:
    """Raise SettingError where a setting is not one of `names`, or no finite number."""
    for name, value in choice.settings:
        known(f"setting of {choice.name}", name, names)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise SettingError(f"{choice.name}'s {name} is {value!r}; it must be a number")
