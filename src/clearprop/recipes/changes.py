"""Recipes with changed settings: from the command line, for a variant or for a claim."""

import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from clearprop.errors import SettingError, in_one_line
from clearprop.plain import converted
from clearprop.recipes.recipe import Data, Fit, Recipe

DEEPEST = 16
TABLES = ("data", "fit", "model")


def with_settings(recipe: Recipe, settings: Iterable[str]) -> Recipe:
    """Return the recipe with settings changed, in the syntax of `--set`.

    Args:
        recipe: the recipe.
        settings: "key=value" texts. The value is TOML, Python, or a bare word as a string. The
            table may be left out: "learning_rate=0.1" is "model.learning_rate=0.1". A key may
            name a nested one: "optimizer.beta1=0.8".

    Raises:
        SettingError: a key is unknown, or a value is invalid.
    """
    values = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise SettingError(f"--set takes KEY=VALUE, not {setting!r}")
        values[key.strip()] = value_of(value.strip())
    return with_values(recipe, values)


def with_values(recipe: Recipe, settings: Mapping[str, Any]) -> Recipe:
    """Return the recipe with the values of some keys replaced.

    Raises:
        SettingError: a key is unknown, or a value is invalid.
    """
    table = msgspec.to_builtins(recipe)
    for key, value in settings.items():
        _change(table, key, value, recipe.name)
    return validated(table, recipe.name)


def variants_of(recipe: Recipe) -> list[Recipe]:
    """Return the variants of a recipe as recipes without a claim.

    Raises:
        SettingError: a variant has an unknown key, or cannot be measured as the claim is.
    """
    return [
        msgspec.structs.replace(
            # The claim is removed last, since it also defines how a variant is measured.
            with_values(recipe, variant.settings),
            title=variant.title,
            claim=None,
            variants=(),
        )
        for variant in recipe.variants
    ]


def as_claimed(recipe: Recipe) -> Recipe:
    """Return the recipe under the settings of its claim."""
    return with_values(recipe, recipe.claim.settings) if recipe.claim else recipe


def validated(table: dict, name: str) -> Recipe:
    """Return a table as a recipe.

    Raises:
        SettingError: names the recipe, the key and the problem.
    """
    try:
        _check_depth(table)
        return converted(table, Recipe)
    except SettingError as error:
        raise SettingError(f"recipe {name}: {in_one_line(error, 800)}") from error


def _check_depth(table: dict) -> None:
    # Dotted keys may nest deeper than recursive code can follow.
    level: list[Any] = [table]
    for _ in range(DEEPEST):
        level = [one for around in level for one in _inside(around)]
    if level:
        raise SettingError(f"its tables and lists nest more than {DEEPEST} deep")


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list | tuple) else ()


def _change(table: dict, key: str, value: Any, name: str) -> None:
    first, *rest = key.split(".")
    path = [first, *rest] if rest and first in TABLES else [_table_of(first), first, *rest]
    within = table
    for i, one in enumerate(path[:-1]):
        within[one] = _as_table(within.get(one))
        if within[one] is None:
            raise SettingError(
                f"recipe {name}: unknown key {in_one_line(repr(key))}: the tables are data, fit "
                f"and model, and there is no {in_one_line('.'.join(path[1 : i + 1]))} to change"
            )
        within = within[one]
    within[path[-1]] = value
    if path == ["fit", "epochs"]:
        # Steps override epochs, so asking for epochs removes them.
        within.pop("steps", None)


def _as_table(value: Any) -> dict | None:
    # A choice without settings may be its name alone.
    return {"name": value} if isinstance(value, str) else value if isinstance(value, dict) else None


def _table_of(field: str) -> str:
    for part, kind in (("data", Data), ("fit", Fit)):
        if field in kind.__struct_fields__:
            return part
    return "model"


def as_toml(value: Any) -> str:
    """Return a value as TOML that `value_of` reads back.

    >>> as_toml([64, "scale", {"name": "residual", "layers": [64]}])
    '[64, "scale", {name = "residual", layers = [64]}]'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {as_toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return msgspec.json.encode(value).decode()


def value_of(text: str) -> Any:
    """Parse a value of TOML or Python; a bare word is a string."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        pass
    if text in ("True", "False"):
        return text == "True"
    try:
        return float(text)
    except ValueError:
        return text
