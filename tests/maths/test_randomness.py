"""Keys: another seed or another purpose is another, unrelated key."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearprop.maths.randomness import key

words = st.one_of(st.text(max_size=4), st.integers())


def test_a_key_is_what_it_was():
    # Whoever changes this breaks the promise that a seed gives the same run next year.
    assert key(0, "order", 3) == 0x7C8282E6293378B8A3CD3EAD074C8F00


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((0, "weights"), (1, "weights")),
        ((0, "weights"), (0, "order")),
        ((1, 23), (12, 3)),
        ((0, "a", "b"), (0, "ab")),
        ((0, "a;b"), (0, "a", "b")),
        ((0, "'a';'b'"), (0, "a", "b")),
        ((0, 1), (0, "1")),
        ((0,), (0, "")),
    ],
)
def test_no_two_purposes_share_a_key(one, other):
    assert key(*one) != key(*other)


@given(st.lists(words, max_size=3), st.lists(words, max_size=3))
def test_keys_are_equal_just_where_seed_and_purpose_are(one, other):
    assert (key(0, *one) == key(0, *other)) == (one == other)


def test_every_bit_of_a_key_is_on_half_the_time():
    pairs = itertools.product(range(100), range(41))
    keys = b"".join(key(seed, "order", epoch).to_bytes(16, "little") for seed, epoch in pairs)
    bits = np.unpackbits(np.frombuffer(keys, np.uint8).reshape(-1, 16), axis=1)
    assert bits.shape == (4100, 128)
    assert np.abs(bits.mean(axis=0) - 0.5).max() < 4.5 * 0.5 / np.sqrt(4100)
    neighbours = np.corrcoef(bits.T.astype(float)) - np.eye(128)
    assert np.abs(neighbours).max() < 5.0 / np.sqrt(4100)
