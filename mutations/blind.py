"""Mutations of bytes without regard to their meaning."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from mutations import odd

Draw = Callable[[st.SearchStrategy[Any]], Any]
Kind = Callable[[Draw, bytes, bytes], bytes]
"""A way to change bytes: (draw, the bytes, another file's bytes) -> the changed bytes."""

MOST_CHANGES = 3


def as_bytes(draw: Draw, data: bytes, other: bytes) -> bytes:
    """Flip, overwrite, insert, cut, repeat, exchange, truncate, extend or splice."""
    return _several(draw, data, other, _ALL)


def as_numbers(draw: Draw, data: bytes, other: bytes) -> bytes:
    """Change bytes in place, without a change of length."""
    return _several(draw, data, other, [_flip, _overwrite])[: len(data)]


def _several(draw: Draw, data: bytes, other: bytes, ways: list[Kind]) -> bytes:
    for _ in range(draw(st.integers(1, MOST_CHANGES))):
        data = draw(st.sampled_from(ways))(draw, data, other)
    return data


def _place(draw: Draw, data: bytes) -> int:
    return draw(st.integers(0, len(data)))


def _block(draw: Draw, data: bytes) -> tuple[int, int]:
    start = _place(draw, data)
    return start, start + draw(st.sampled_from([1, 2, 4, 8, 16, 64, 512]))


def _flip(draw: Draw, data: bytes, other: bytes) -> bytes:
    changed = bytearray(data or b"\0")
    for _ in range(draw(st.integers(1, 4))):
        changed[draw(st.integers(0, len(changed) - 1))] ^= 1 << draw(st.integers(0, 7))
    return bytes(changed)


def _overwrite(draw: Draw, data: bytes, other: bytes) -> bytes:
    at, word = _place(draw, data), draw(st.sampled_from(odd.WORDS))
    return data[:at] + word + data[at + len(word) :]


def _insert(draw: Draw, data: bytes, other: bytes) -> bytes:
    at = _place(draw, data)
    words = st.one_of(st.sampled_from(odd.WORDS), st.binary(max_size=8))
    return data[:at] + draw(words) + data[at:]


def _cut(draw: Draw, data: bytes, other: bytes) -> bytes:
    start, end = _block(draw, data)
    return data[:start] + data[end:]


def _repeat(draw: Draw, data: bytes, other: bytes) -> bytes:
    (start, end), at = _block(draw, data), _place(draw, data)
    return data[:at] + data[start:end] * draw(st.sampled_from([1, 2, 100])) + data[at:]


def _exchange(draw: Draw, data: bytes, other: bytes) -> bytes:
    a, b, c, d = sorted(_place(draw, data) for _ in range(4))
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def _truncate(draw: Draw, data: bytes, other: bytes) -> bytes:
    return data[: _place(draw, data)]


def _extend(draw: Draw, data: bytes, other: bytes) -> bytes:
    more = draw(st.binary(min_size=1, max_size=4))
    return data + more * draw(st.sampled_from([1, 100, 10_000]))


def _splice(draw: Draw, data: bytes, other: bytes) -> bytes:
    return data[: _place(draw, data)] + other[_place(draw, other) :]


_ALL: list[Kind] = [
    _flip, _overwrite, _insert, _cut, _repeat, _exchange, _truncate, _extend, _splice,
]  # fmt: skip
