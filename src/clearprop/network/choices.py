"""A named choice with settings: `"adam"` or `{"name": "adam", "beta1": 0.95}`."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from clearprop.errors import SettingError, known
from clearprop.maths.optimizers import OPTIMIZERS
from clearprop.maths.settings import Setting


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name that this program knows, and the settings that differ from its defaults."""

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


def optimizer_settings(choice: Choice) -> dict[str, float]:
    """Return all settings of the chosen optimizer, defaults included."""
    return {**OPTIMIZERS[choice.name].defaults, **dict(choice.settings)}


def check_settings(choice: Choice, settings: Mapping[str, Setting]) -> None:
    """Raise SettingError where one of the choice's settings does not exist or is out of bounds."""
    for name, value in choice.settings:
        known(f"setting of {choice.name}", name, settings)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise SettingError(f"{choice.name}'s {name} is {value!r}; it must be a number")
        if fault := settings[name].fault(float(value)):
            raise SettingError(f"{choice.name}'s {name} is {value}; {fault}")
