"""A recipe with other settings: from the command line, for a variant, for a claim."""

import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from clearprop.errors import SettingError, in_one_line
from clearprop.plain import converted
from clearprop.recipes.recipe import Data, Fit, Recipe

DEEPEST = 16
TABLES = ("data", "fit", "model")


def changed(recipe: Recipe, settings: Iterable[str]) -> Recipe:
    """Return the recipe with settings changed, as `--set` takes them.

    Args:
        recipe: the recipe.
        settings: each "key=value", the value as in TOML or Python (a bare word is a text), the key
            as in the file, with or without its table: "learning_rate=0.1" or
            "model.learning_rate=0.1"; or a key within one: "optimizer.beta1=0.8".

    Raises:
        SettingError: no such key, or a value that does not fit.
    """
    values = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise SettingError(f"--set takes KEY=VALUE, not {setting!r}")
        values[key.strip()] = value_of(value.strip())
    return replaced(recipe, values)


def replaced(recipe: Recipe, settings: Mapping[str, Any]) -> Recipe:
    """Return the recipe with the values of some keys replaced.

    Raises:
        SettingError: no such key, or a value that does not fit.
    """
    table = msgspec.to_builtins(recipe)
    for key, value in settings.items():
        _change(table, key, value, recipe.name)
    return checked(table, recipe.name)


def variants_of(recipe: Recipe) -> list[Recipe]:
    """Return the recipe's variants as recipes of their own, without a claim.

    Raises:
        SettingError: an unknown key, or a variant that cannot be measured as the claim is.
    """
    return [
        msgspec.structs.replace(
            # The claim is taken away last: it says how a variant is measured too.
            replaced(recipe, variant.settings),
            title=variant.title,
            claim=None,
            variants=(),
        )
        for variant in recipe.variants
    ]


def as_claimed(recipe: Recipe) -> Recipe:
    """Return the recipe under the settings that its claim was made for."""
    return replaced(recipe, recipe.claim.settings) if recipe.claim else recipe


def checked(table: dict, name: str) -> Recipe:
    """Return a table as a recipe.

    Raises:
        SettingError: says which recipe, which key and what is wrong.
    """
    try:
        _check_depth(table)
        return converted(table, Recipe)
    except SettingError as error:
        raise SettingError(f"recipe {name}: {in_one_line(error, 800)}") from error


def _check_depth(table: dict) -> None:
    # Dotted keys nest without end, and what walks a table calls itself.
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
        # Steps stand in place of epochs; whoever asks for epochs means them.
        within.pop("steps", None)


def _as_table(value: Any) -> dict | None:
    # A choice without settings stands in a file as its name alone.
    return {"name": value} if isinstance(value, str) else value if isinstance(value, dict) else None


def _table_of(field: str) -> str:
    for part, kind in (("data", Data), ("fit", Fit)):
        if field in kind.__struct_fields__:
            return part
    return "model"


def as_toml(value: Any) -> str:
    """Return a value as `value_of` reads it back.

    >>> as_toml([64, "scale", {"name": "residual", "layers": [64]}])
    '[64, "scale", {name = "residual", layers = [64]}]'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {as_toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return msgspec.json.encode(value).decode()


def value_of(text: str) -> Any:
    """Return a value as TOML or Python writes it; a bare word is a text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return _as_python_writes(text)


def _as_python_writes(text: str) -> Any:
    if text in ("True", "False"):
        return text == "True"
    try:
        return float(text)
    except ValueError:
        return text
