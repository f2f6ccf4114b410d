"""A recipe: settings, the claim that they must meet, and where the claim comes from."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import msgspec

from clearprop.errors import SettingError
from clearprop.network.build import converted
from clearprop.network.choices import known

LARGEST_FILE = 1_000_000


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows: a named data set, and how many training rows are held out for validation.

    `validation` is a number of rows or a fraction; 0 holds out none.
    """

    name: str
    validation: float | int = 0


class Fit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long: epochs, and rows a step."""

    epochs: int = 5
    batch_size: int = 128


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must be reached on the test rows, and who says so."""

    accuracy: float
    source: str

    def __post_init__(self) -> None:
        if not 0.0 <= self.accuracy <= 1.0:
            raise SettingError(f"the claim is {self.accuracy:g}; accuracy lies between 0 and 1")


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same recipe with other settings, reported beside it and held to no claim."""

    title: str
    settings: dict[str, Any]


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A recipe as its TOML file holds it.

    `model` are the keywords of `clearprop.MLP`; `show` names what a training run prints
    besides its usual lines.
    """

    title: str
    data: Data
    model: dict[str, Any]
    fit: Fit = Fit()
    claim: Claim | None = None
    variant: Variant | None = None
    name: str = ""
    show: tuple[Literal["test_each_epoch", "five_predictions"], ...] = ()

    def __post_init__(self) -> None:
        # The name becomes a folder's: a recipe from elsewhere shall not choose which.
        if self.name != Path(self.name).name or self.name == ".." or "\\" in self.name:
            raise SettingError(f"a recipe cannot be called {self.name!r}: it names a folder")


def names() -> list[str]:
    """Return the names of the recipes that come with Clearprop."""
    return sorted(path.name.removesuffix(".toml") for path in _shipped())


def load(name_or_path: str, settings: Iterable[str] = ()) -> Recipe:
    """Return a recipe by its name, or from a TOML file.

    Args:
        name_or_path: one of `names()`, or a path that ends in .toml.
        settings: changes as "key=value"; see `changed`.

    Raises:
        SettingError: no such recipe, no such key, or a value that does not fit.
    """
    if name_or_path.endswith(".toml"):
        text, name = _read(Path(name_or_path)), Path(name_or_path).stem
    else:
        known("recipe", name_or_path, names())
        text, name = source(name_or_path), name_or_path
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingError(f"{name_or_path} is not valid TOML: {error}") from error
    return changed(_converted({"name": name} | table, name_or_path), settings)


def source(name: str) -> str:
    """Return the text of a recipe that comes with Clearprop."""
    return next(p for p in _shipped() if p.name == f"{name}.toml").read_text(encoding="utf-8")


def changed(recipe: Recipe, settings: Iterable[str]) -> Recipe:
    """Return the recipe with settings changed.

    Args:
        recipe: the recipe.
        settings: each "key=value", the value as TOML or Python has it (a bare word is a text),
            the key as it stands in the file, with or without its table: "learning_rate=0.1" or
            "model.learning_rate=0.1".

    Raises:
        SettingError: no such key, or a value that does not fit.
    """
    table = msgspec.to_builtins(recipe)
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise SettingError(f"--set takes KEY=VALUE, not {setting!r}")
        _change(table, key.strip(), _value(value.strip()))
    return _converted(table, recipe.name)


def variant_of(recipe: Recipe) -> Recipe | None:
    """Return the recipe's variant as a recipe of its own, without a claim; None without one."""
    if recipe.variant is None:
        return None
    table = msgspec.to_builtins(recipe)
    for key, value in recipe.variant.settings.items():
        _change(table, key, value)
    made = _converted(table, recipe.name)
    return msgspec.structs.replace(made, title=recipe.variant.title, claim=None, variant=None)


def _change(table: dict, key: str, value: Any) -> None:
    part, _, field = key.rpartition(".")
    part = part or _table_of(field)
    if part not in ("data", "fit", "model"):
        raise SettingError(f"unknown key {key!r}: the tables are data, fit and model")
    table[part][field] = value


def _table_of(field: str) -> str:
    for part, kind in (("data", Data), ("fit", Fit)):
        if field in kind.__struct_fields__:
            return part
    return "model"


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        return _as_python_writes(text)


def _as_python_writes(text: str) -> Any:
    if text in ("True", "False"):
        return text == "True"
    try:
        return float(text)
    except ValueError:
        return text


def _converted(table: dict, name: str) -> Recipe:
    try:
        return converted(table, Recipe)
    except SettingError as error:
        raise SettingError(f"recipe {name}: {error}") from error


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise SettingError(f"{path} is too large for a recipe")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} cannot be read as a recipe: {error}") from error


def _shipped() -> list:
    folder = resources.files("clearprop.recipes")
    return [p for p in folder.iterdir() if p.name.endswith(".toml")]
