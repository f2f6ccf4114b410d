"""JSON that can be read in only one way: no key twice, and bounded nesting.

The standard does not say what a repeated key means: most readers take the last value, some the
first. So a file could show one value to a tool that inspects it and another to the one that uses
it.
"""

import json
import re
from typing import Any, TypeVar

import msgspec

from clearprop.errors import in_one_line

# What Clearprop writes nests eight deep.
DEEPEST = 16
LONGEST_FAULT = 300

Made = TypeVar("Made")
# Possessive, and the closing quote is optional, so that it scans a text only once.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def decode(data: bytes, kind: type[Made]) -> Made:
    """Return what a JSON text in UTF-8 holds; memory is a small multiple of its length.

    Raises:
        ValueError: it is not of that type, nests too deep, or holds a key twice; says so on one
            line, without control characters.
    """
    made = glance(data, kind)
    try:
        # msgspec would take the last of two values. Only keys are checked here, not numbers.
        json.loads(data, object_pairs_hook=_once, parse_float=bool, parse_int=bool)
    except ValueError as error:
        raise ValueError(in_one_line(error, LONGEST_FAULT)) from error
    return made


class _Version(msgspec.Struct):
    # Of any type: what else is wrong is found later.
    format: Any = None


def format_of(data: bytes) -> int:
    """Return the format number in a JSON text, or 0; a newer format is refused before all else.

    Raises:
        ValueError: it is not a JSON object, or nests too deep.
    """
    version = glance(data, _Version).format
    return version if isinstance(version, int) else 0


def glance(data: bytes, kind: type[Made]) -> Made:
    """Return what a JSON text seems to hold, even where a key occurs twice.

    Raises:
        ValueError: it is not of that type, or nests too deep.
    """
    try:
        data.decode()
        _check_depth(data)
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise ValueError(in_one_line(error, LONGEST_FAULT)) from error


def _check_depth(data: bytes) -> None:
    # Before any parser sees it: theirs is bounded only by a recursion limit that others may raise.
    brackets = _STRING.sub(b"", data).translate(None, _NO_BRACKETS)
    for _ in range(DEEPEST):
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    if brackets:
        raise ValueError(f"its brackets nest more than {DEEPEST} deep, or do not match")


def _once(pairs: list[tuple[str, object]]) -> None:
    keys = set()
    for key, _ in pairs:
        if key in keys:
            raise ValueError(f"the key {key!r} occurs twice")
        keys.add(key)
