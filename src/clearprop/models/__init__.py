"""The small models that ship with Clearprop; their cards, the .md files, stand beside them."""

import os
from importlib.resources import files
from pathlib import Path

NAMES = ("fashion-small", "mnist-small")

SHIPPED = {name: Path(str(files("clearprop.models") / f"{name}.safetensors")) for name in NAMES}
"""Where each lies, by name; the recipe of that name trains it."""


def located(path: str | os.PathLike[str]) -> str | os.PathLike[str]:
    """Return where the model of that name that ships lies; any other path as it is.

    A file of that name comes first: it is the user's own.
    """
    known = isinstance(path, str) and path in SHIPPED and not os.path.lexists(path)
    return SHIPPED[str(path)] if known else path
