"""Reading recipes: the TOML files that ship with Clearprop, and the user's own."""

import tomllib
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from clearprop.errors import SettingError, in_one_line, known
from clearprop.recipes.changes import validated, with_settings
from clearprop.recipes.recipe import Recipe

LARGEST_FILE = 2**17
MOST_DOTS = 2_000


def names() -> list[str]:
    """Return the names of the recipes that ship with Clearprop."""
    return sorted(path.name.removesuffix(".toml") for path in _shipped())


def load(name_or_path: str, settings: Iterable[str] = ()) -> Recipe:
    """Return a recipe by name, or from a TOML file.

    Args:
        name_or_path: one of `names()`, or a path that ends in .toml.
        settings: changes as "key=value"; see `changed`.

    Raises:
        SettingError: the recipe or a key is unknown, or a value is invalid.
    """
    if name_or_path.endswith(".toml"):
        text, name = _read(Path(name_or_path)), Path(name_or_path).stem
    else:
        known("recipe", name_or_path, names())
        text, name = source(name_or_path), name_or_path
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # ValueError, since a number may have too many digits.
        raise SettingError(f"{name_or_path} is not valid TOML: {in_one_line(error)}") from error
    return with_settings(validated({"name": name} | table, name_or_path), settings)


def source(name: str) -> str:
    """Return the text of a recipe that ships with Clearprop."""
    return next(p for p in _shipped() if p.name == f"{name}.toml").read_text(encoding="utf-8")


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise SettingError(f"{path} is too large for a recipe")
        # A pipe or a device may never end.
        if not path.is_file():
            raise SettingError(f"{path} is not a regular file; name a recipe")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} cannot be read as a recipe: {error}") from error
    # The parser takes quadratic time for a key of many parts.
    if text.count(".") > MOST_DOTS:
        raise SettingError(f"{path} has more than {MOST_DOTS:,} dots, more than any recipe needs")
    return text


def _shipped() -> list:
    folder = resources.files("clearprop.recipes")
    return [p for p in folder.iterdir() if p.name.endswith(".toml")]
