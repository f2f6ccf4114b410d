"""The noise hash: its draws look random, and are the same bits in every namespace.

All draws have fixed keys, so nothing here is left to chance. Bounds are 4.5 to 5 standard
deviations, where a true random generator would fail once in 100,000 looks; what is looked at
many times is also asked to *reach* its expected spread: numbers can be too even.
"""

import array_api_strict
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from clearprop.maths.noise import bits, mix, uniform
from clearprop.network.table import noise_keys

STEPS, STREAMS, SHAPE = 64, 3, (128, 256)
SIZE = SHAPE[0] * SHAPE[1]
KEYS = noise_keys(0, STREAMS, 0, STEPS)


def words(step: int, stream: int = 0) -> np.ndarray:
    return bits(np, KEYS[step, stream], np.arange(SIZE, dtype=np.uint32))


def draw(step: int, stream: int = 0) -> np.ndarray:
    return uniform(np, KEYS[step, stream], SHAPE, np.float64)


@pytest.fixture(scope="module")
def draws() -> np.ndarray:
    return np.stack([draw(step) for step in range(STEPS)])


def correlations(rows: np.ndarray) -> np.ndarray:
    """Return every pair's correlation, in standard deviations of chance."""
    upper = np.triu_indices(len(rows), 1)
    return np.corrcoef(rows)[upper] * np.sqrt(rows.shape[1])


def assert_independent(z: np.ndarray) -> None:
    """Check that z-scores are no larger, and no smaller, than chance makes them."""
    assert np.abs(z).max() < 5.0
    n = z.size
    assert stats.chi2.ppf(1e-4, n) < np.sum(z * z) < stats.chi2.ppf(1 - 1e-4, n)


def python_mix(x: int) -> int:
    x = (x ^ (x >> 16)) * 0x7FEB352D % 2**32
    x = (x ^ (x >> 15)) * 0x846CA68B % 2**32
    return x ^ (x >> 16)


def test_the_hash_is_the_one_that_is_written_down():
    # In Python's own integers, which cannot overflow or wrap unseen.
    key = np.asarray([0xDEADBEEF, 0x12345678], np.uint32)
    counters = [0, 1, 2, 1000, 2**31, 2**32 - 1]
    expected = [python_mix((python_mix(c ^ 0xDEADBEEF) + 0x12345678) % 2**32) for c in counters]
    assert bits(np, key, np.asarray(counters, np.uint32)).tolist() == expected


def test_mixing_is_one_to_one():
    assert np.unique(mix(np, np.arange(2**18, dtype=np.uint32))).size == 2**18


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.25, 0.5, 0.8, 0.95])
def test_dropout_keeps_the_share_it_should(draws, rate):
    kept = (draws >= rate).sum(axis=(1, 2))
    deviation = np.sqrt(SIZE * rate * (1.0 - rate))
    assert_independent((kept - SIZE * (1.0 - rate)) / deviation)
    total = (kept.sum() - STEPS * SIZE * (1.0 - rate)) / (deviation * np.sqrt(STEPS))
    assert abs(total) < 4.5


@pytest.mark.parametrize("axis", [1, 2], ids=["columns", "rows"])
def test_no_unit_and_no_row_is_favoured(draws, axis):
    kept = (draws >= 0.5).sum(axis=(0, axis))
    n = STEPS * SHAPE[axis - 1]
    assert_independent((kept - 0.5 * n) / np.sqrt(0.25 * n))


def test_draws_are_uniform(draws):
    assert 1e-4 < stats.kstest(draws.reshape(-1), "uniform").pvalue < 1 - 1e-4
    counts = np.histogram(draws, bins=1024, range=(0.0, 1.0))[0]
    assert 1e-4 < stats.chisquare(counts).pvalue < 1 - 1e-4
    # Of every step alone: 64 p-values that are themselves uniform.
    each = [stats.kstest(one.reshape(-1), "uniform").pvalue for one in draws]
    assert stats.kstest(each, "uniform").pvalue > 1e-4


def test_every_bit_is_on_half_the_time_and_alone():
    unpacked = np.unpackbits(words(5).view(np.uint8).reshape(-1, 4), axis=1).T.astype(float)
    assert_independent((unpacked.mean(axis=1) - 0.5) * 2.0 * np.sqrt(SIZE))
    assert_independent(correlations(unpacked))


@pytest.mark.parametrize("part", ["counter", "key0", "key1"])
def test_one_changed_bit_changes_half_of_all_bits(part):
    counter, key = np.arange(4096, dtype=np.uint32), KEYS[0, 0]
    for place in range(32):
        flip = np.asarray([1 << place], np.uint32)
        other = {
            "counter": lambda f=flip: bits(np, key, counter ^ f),
            "key0": lambda f=flip: bits(np, key ^ np.append(f, np.uint32(0)), counter),
            "key1": lambda f=flip: bits(np, key ^ np.append(np.uint32(0), f), counter),
        }[part]()
        changed = np.unpackbits((other ^ bits(np, key, counter)).view(np.uint8)).mean()
        assert changed == pytest.approx(0.5, abs=0.02)


def test_steps_are_independent(draws):
    assert_independent(correlations(draws.reshape(STEPS, -1)))


@pytest.mark.parametrize("step", [0, 1, 63])
def test_streams_and_seeds_are_independent(step):
    seeds = [noise_keys(seed, 1, step, 1)[0, 0] for seed in range(20)]
    rows = [draw(step, stream) for stream in range(STREAMS)]
    rows += [uniform(np, key, SHAPE, np.float64) for key in seeds[1:]]
    assert_independent(correlations(np.stack(rows).reshape(len(rows), -1)))


@pytest.mark.parametrize("shift", [(0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (0, 128), (64, 0)])
def test_neighbours_are_independent(draws, shift):
    down, right = shift
    here, there = draws[:, down:, right:], draws[:, : SHAPE[0] - down, : SHAPE[1] - right]
    n = here[0].size
    pairs = zip(here.reshape(STEPS, n), there.reshape(STEPS, n), strict=True)
    assert_independent(np.asarray([np.corrcoef(a, b)[0, 1] for a, b in pairs]) * np.sqrt(n))


@pytest.mark.parametrize("step", [0, 17])
def test_rows_and_columns_are_independent(draws, step):
    assert_independent(correlations(draws[step]))
    assert_independent(correlations(draws[step].T))


def test_a_step_is_no_rearrangement_of_another():
    # The first hash of this project passed every test above it and failed this one: all steps
    # held the same values, in another order. By chance two steps share a quarter of a value.
    taken = np.concatenate([words(i, stream) for i in range(8) for stream in range(STREAMS)])
    shared = taken.size - np.unique(taken).size
    expected = 8 * STREAMS * (8 * STREAMS - 1) / 2 * SIZE**2 / 2**32
    assert abs(shared - expected) < 4.5 * np.sqrt(expected)


def test_draws_lie_on_a_grid_that_float32_holds():
    single, double = (uniform(np, KEYS[0, 0], SHAPE, dtype) for dtype in (np.float32, np.float64))
    assert single.dtype == np.float32
    assert np.array_equal(single, double)
    assert np.array_equal(double * 2**24, np.round(double * 2**24))
    assert double.min() >= 0.0
    assert double.max() < 1.0


def test_more_rows_begin_with_the_same_rows():
    few, more = (uniform(np, KEYS[3, 1], (rows, 7), np.float32) for rows in (5, 9))
    assert np.array_equal(few, more[:5])


def test_all_namespaces_draw_the_same_bits():
    made = [
        uniform(np, KEYS[2, 0], (33, 17), np.float32),
        uniform(jnp, jnp.asarray(KEYS[2, 0]), (33, 17), jnp.float32),
        jax.jit(lambda key: uniform(jnp, key, (33, 17), jnp.float32))(KEYS[2, 0]),
        uniform(
            array_api_strict,
            array_api_strict.asarray(KEYS[2, 0]),
            (33, 17),
            array_api_strict.float32,
        ),
    ]
    assert len({np.asarray(one).tobytes() for one in made}) == 1


def test_many_networks_at_once_draw_as_each_alone():
    together = jax.vmap(lambda key: uniform(jnp, key, (8, 8), jnp.float32))(KEYS[:5, 0])
    alone = [uniform(np, key, (8, 8), np.float32) for key in KEYS[:5, 0]]
    assert np.array_equal(together, np.stack(alone))
