import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearprop.data import from_arrays, hold_out
from clearprop.errors import SettingError
from clearprop.maths.randomness import key


def numbered(rows):
    """Return a split whose every row says in its pixels which row it is."""
    return from_arrays(np.arange(rows, dtype=float)[:, None], np.arange(rows) % 2, ["a", "b"])


def numbers(split):
    return split.images[:, 0].astype(int)


@given(rows=st.integers(2, 200), seed=st.integers(), data=st.data())
def test_the_two_parts_are_the_whole_and_share_no_row(rows, seed, data):
    amount = data.draw(st.integers(1, rows - 1))
    train, validation = hold_out(numbered(rows), amount, seed)
    assert len(validation) == amount
    assert sorted([*numbers(train), *numbers(validation)]) == list(range(rows))
    for part in (train, validation):
        assert (part.labels == numbers(part) % 2).all()
        assert (np.diff(numbers(part)) > 0).all()
        assert part.classes == ("a", "b")
        assert not part.images.flags.writeable
        assert not part.labels.flags.writeable


def test_the_rows_held_out_are_the_first_of_philoxs_order():
    words = np.random.Philox(key=key(5, "validation")).random_raw(100)
    expected = np.sort(np.argsort(words, kind="stable")[:20])
    assert (numbers(hold_out(numbered(100), 20, 5)[1]) == expected).all()


@pytest.mark.parametrize(
    ("amount", "count"),
    [(0.1, 10), (0.125, 13), (0.5, 50), (np.float32(0.25), 25), (np.int64(7), 7)],
)
def test_fractions_are_rounded_to_rows(amount, count):
    train, validation = hold_out(numbered(100), amount, 0)
    assert (len(train), len(validation)) == (100 - count, count)


@pytest.mark.parametrize(
    "amount",
    [0, -1, 100, 101, 0.0, 1.0, 1.5, -0.5, 0.001, 0.999, float("nan"), True, "10", None],
)
def test_impossible_amounts_are_refused(amount):
    with pytest.raises(SettingError, match="Cannot hold out"):
        hold_out(numbered(100), amount, 0)


def test_another_seed_holds_out_other_rows():
    split = numbered(100)
    first, second = (set(numbers(hold_out(split, 50, seed)[1])) for seed in (0, 1))
    assert len(first & second) < 40
    assert set(numbers(hold_out(split, 50, 0)[1])) == first


def test_test_rows_are_never_among_training_rows(tiny, mirror, zipped):
    from clearprop.data import load

    mirror(zipped("http://first.invalid/"))
    dataset = load("tiny")
    train, validation = hold_out(dataset.train, 2, 0)
    seen = {row.tobytes() for part in (train, validation) for row in part.images}
    assert seen == {row.tobytes() for row in dataset.train.images}
    assert not seen & {row.tobytes() for row in dataset.test.images}
