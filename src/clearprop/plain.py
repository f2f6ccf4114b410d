"""Plain values: what people write in Python, TOML and JSON, as structs with every type checked."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
import numpy as np

from clearprop.errors import SettingError, in_one_line

Made = TypeVar("Made")


def converted(words: Any, kind: type[Made]) -> Made:
    """Return plain values as a struct of that kind, with every type checked.

    Raises:
        SettingError: says which value is wrong, and where it stands.
    """
    try:
        return msgspec.convert(plain(words), kind)
    except msgspec.ValidationError as error:
        raise SettingError(in_words(error)) from error
    except UnicodeEncodeError as error:
        # JSON and the command line can contain a lone surrogate.
        raise SettingError(
            f"{in_one_line(ascii(error.object))} holds half a character; write it as UTF-8"
        ) from error


def plain(value: Any) -> Any:
    """Return NumPy's numbers, arrays and types, and tagged structs, as Python's plain values.

    >>> plain({"layers": (np.int64(3), np.float32)})
    {'layers': [3, 'float32']}
    """
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
        return np.dtype(value).name
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, msgspec.Struct) and (tag := value.__struct_config__.tag):
        field = str(value.__struct_config__.tag_field)
        return {field: tag, **plain(msgspec.structs.asdict(value))}
    return value


def in_words(error: msgspec.ValidationError) -> str:
    """Return what is wrong with a value, and where it stands.

    "Expected `int`, got `str` - at `$.fit.epochs`" becomes "fit.epochs: expected int, got str".
    """
    text, _, place = str(error).replace("`", "").partition(" - at $")
    place = place.strip().lstrip(".")
    text = f"{text[0].lower()}{text[1:]}"
    return f"{place}: {text}" if place else text
