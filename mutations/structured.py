"""Mutations that respect a structure: JSON, text, the instructions of a pickle."""

import itertools
import json
import pickletools
import re
from typing import Any

from hypothesis import strategies as st

from mutations import odd
from mutations.blind import MOST_CHANGES, Draw, as_bytes

_OF_A_TREE = ["replace", "nudge", "nudge", "drop", "repeat", "add", "rename"]
_OF_PIECES = ["replace", "insert", "drop", "repeat", "exchange", "blind"]


class _Table(list):
    """A JSON object as pairs, so that a key may appear twice."""


class _Raw(str):
    """A JSON value as text."""


def as_json(draw: Draw, data: bytes, other: bytes) -> bytes:
    """Change the values and the keys of a JSON text."""
    tree = json.loads(data, object_pairs_hook=_Table)
    for _ in range(draw(st.integers(1, MOST_CHANGES))):
        _change_tree(draw, tree)
    return _written(tree).encode()


def as_tokens(draw: Draw, data: bytes, other: bytes) -> bytes:
    """Change the words, numbers and signs of a text."""
    return _joined(draw, re.findall(rb"[\w.]+|\s+|[^\w\s]", data), odd.TOKENS)


def as_lines(draw: Draw, data: bytes, other: bytes) -> bytes:
    """Change the order and the number of a text's lines."""
    return _joined(draw, data.splitlines(keepends=True), odd.LINES)


def as_instructions(draw: Draw, data: bytes, other: bytes) -> bytes:
    """Change the instructions of a pickle."""
    places = [*(place for _, _, place in pickletools.genops(data)), len(data)]
    pieces = [data[start:end] for start, end in itertools.pairwise(places)]
    return _joined(draw, pieces, odd.INSTRUCTIONS)


def _joined(draw: Draw, pieces: list[bytes], strange: list[bytes]) -> bytes:
    for _ in range(draw(st.integers(1, MOST_CHANGES))):
        _change_pieces(draw, pieces, strange)
    return b"".join(pieces)


def _change_pieces(draw: Draw, pieces: list[bytes], strange: list[bytes]) -> None:
    """Replace, insert, drop, repeat, exchange or damage a piece."""
    at, to = (draw(st.integers(0, max(0, len(pieces) - 1))) for _ in range(2))
    how = draw(st.sampled_from(_OF_PIECES))
    if how == "replace":
        pieces[at : at + 1] = [draw(st.sampled_from(strange))]
    elif how == "insert":
        pieces.insert(at, draw(st.sampled_from(strange)))
    elif how == "drop":
        del pieces[at : at + 1]
    elif how == "repeat":
        pieces[to:to] = pieces[at : at + 1] * draw(st.sampled_from([1, 2, 50]))
    elif how == "exchange" and pieces:
        pieces[at], pieces[to] = pieces[to], pieces[at]
    elif pieces:
        pieces[at] = as_bytes(draw, pieces[at], pieces[to])


def _change_tree(draw: Draw, tree: Any) -> None:
    """Replace, nudge, drop, repeat, add or rename one value somewhere in a tree."""
    if not (places := _places(tree)):
        return
    around, at = draw(st.sampled_from(places))
    how, entry, in_table = draw(st.sampled_from(_OF_A_TREE)), around[at], isinstance(around, _Table)
    key, value = entry if in_table else ("", entry)
    strange = _Raw(draw(st.sampled_from(odd.JSON_VALUES)))
    if how == "drop":
        del around[at]
    elif how == "repeat":
        around.append(entry)
    elif how == "add":
        around.append(("x", strange) if in_table else strange)
    elif how == "rename" and in_table:
        around[at] = (draw(st.sampled_from([*odd.JSON_KEYS, key + "2"])), value)
    else:
        value = _nudged(draw, value) if how == "nudge" else strange
        around[at] = (key, value) if in_table else value


def _nudged(draw: Draw, value: Any) -> Any:
    """Return a value of the same type that is another by a little."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return draw(st.sampled_from([value + 1, value - 1, value * 2, -value, value / 2]))
    if isinstance(value, str) and not isinstance(value, _Raw):
        return draw(st.sampled_from([value[1:] + value[:1], value + "\n", value + "\x1b[31m"]))
    return value


def _places(tree: Any) -> list[tuple[list, int]]:
    """Return every list or table of a tree with every index in it."""
    found = []
    for at, entry in enumerate(tree):
        found.append((tree, at))
        value = entry[1] if isinstance(tree, _Table) else entry
        found += _places(value) if isinstance(value, list) else []
    return found


def _written(tree: Any) -> str:
    if isinstance(tree, _Raw):
        return str(tree)
    if isinstance(tree, _Table):
        return "{" + ",".join(f"{json.dumps(key)}:{_written(one)}" for key, one in tree) + "}"
    if isinstance(tree, list):
        return "[" + ",".join(map(_written, tree)) + "]"
    return json.dumps(tree)
