import hashlib
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearprop.data.batches import order, shuffled
from clearprop.errors import SettingError
from clearprop.maths.randomness import key

SIZES = {"rows": st.integers(1, 300), "batch": st.integers(1, 320)}
SEEDS = {"seed": st.integers(-(2**70), 2**70), "epoch": st.integers(0, 1000)}


def visited(batches):
    return np.sort(batches[batches >= 0])


@given(**SEEDS, **SIZES, balanced=st.booleans())
def test_every_row_is_visited_once(seed, epoch, rows, batch, balanced):
    batches = order(seed, epoch, rows, batch, balanced)
    assert batches.dtype == np.int32
    assert len(batches) == -(-rows // batch)
    assert (visited(batches) == np.arange(rows)).all()


@given(**SEEDS, **SIZES)
def test_only_the_end_of_the_last_batch_is_padded(seed, epoch, rows, batch):
    batches = order(seed, epoch, rows, batch)
    assert batches.shape[1] == min(batch, rows)
    assert (batches.ravel()[:rows] >= 0).all()
    assert (batches.ravel()[rows:] == -1).all()


@given(**SEEDS, **SIZES)
def test_balanced_batches_differ_by_one_row_at_most(seed, epoch, rows, batch):
    batches = order(seed, epoch, rows, batch, balanced=True)
    sizes = (batches >= 0).sum(axis=1)
    assert sizes.max() - sizes.min() <= 1
    assert sizes.max() == batches.shape[1] <= batch
    assert (batches[:, : sizes.min()] >= 0).all()


@given(**SEEDS, **SIZES)
def test_balance_changes_where_batches_end_and_not_the_order(seed, epoch, rows, batch):
    plain = order(seed, epoch, rows, batch)
    balanced = order(seed, epoch, rows, batch, balanced=True)
    assert (plain[plain >= 0] == balanced[balanced >= 0]).all()


def test_the_order_is_the_sort_of_philoxs_words():
    words = np.random.Philox(key=key(7, "order", 3)).random_raw(1000)
    assert (order(7, 3, 1000, 1000)[0] == np.argsort(words, kind="stable")).all()


def test_equal_words_keep_their_order(monkeypatch):
    words = np.zeros(1000, np.uint64)
    words[::3] = 1
    tied = SimpleNamespace(random_raw=lambda rows: words.copy())
    monkeypatch.setattr(np.random, "Philox", lambda key: tied)
    zeros, ones = np.flatnonzero(words == 0), np.flatnonzero(words == 1)
    assert shuffled(0, 1000).tolist() == [*zeros, *ones]


def test_the_order_is_the_same_everywhere_for_good():
    digest = hashlib.sha256(order(0, 0, 60_000, 128).astype("<i4").tobytes()).hexdigest()
    assert digest.startswith("f405ca99938bb28e")


def test_epochs_and_seeds_have_orders_of_their_own():
    orders = [order(seed, epoch, 1000, 1000)[0] for seed in range(3) for epoch in range(3)]
    for index, one in enumerate(orders):
        for other in orders[:index]:
            # Two random orders agree in one place on average.
            assert (one == other).sum() < 12


def test_every_row_comes_early_and_late():
    places = np.mean([np.argsort(order(0, epoch, 50, 50)[0]) for epoch in range(400)], axis=0)
    # The mean place is 24.5 with a standard deviation of 14.4 / sqrt(400) = 0.72.
    assert abs(places - 24.5).max() < 4 * 0.72


@pytest.mark.parametrize(("rows", "batch"), [(0, 5), (-1, 5), (5, 0), (5, -1), (2**31, 5)])
def test_impossible_sizes_are_refused(rows, batch):
    with pytest.raises(SettingError, match="Cannot make batches"):
        order(0, 0, rows, batch)


def test_words_that_differ_in_their_last_bit_alone_are_sorted_by_it(monkeypatch):
    words = np.arange(1000, dtype=np.uint64)[::-1].copy()
    near = SimpleNamespace(random_raw=lambda rows: words.copy())
    monkeypatch.setattr(np.random, "Philox", lambda key: near)
    assert shuffled(0, 1000).tolist() == list(range(999, -1, -1))
