"""Batches: how rows are gathered and prepared, and that padding leaves no trace."""

import numpy as np
import pytest

from clearprop.inputs import Preparation, prepare
from clearprop.layers import Dense
from clearprop.network import Choice, Network, Rows, Training, gather

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (20, 4)).astype(np.uint8)
ROWS = Rows(PIXELS, RNG.integers(0, 3, 20), RNG.uniform(0.5, 2.0, 20))


def test_pixels_are_divided_by_255(xp):
    made = prepare(xp, xp.asarray([[0, 51, 255]], dtype=xp.uint8), Preparation(), xp.float32)
    assert made.dtype == xp.float32
    np.testing.assert_allclose(np.asarray(made), [[0.0, 0.2, 1.0]], rtol=1e-6)


def test_numbers_are_taken_as_they_are(xp):
    made = prepare(xp, xp.asarray([[0.0, 51.0]]), Preparation(3.0, 5.0), xp.float32)
    assert np.asarray(made).tolist() == [[0.0, 51.0]]


def test_standardizing_gives_mean_0_and_deviation_1():
    made = prepare(np, PIXELS, Preparation.of("standardize", PIXELS), np.float64)
    assert made.mean() == pytest.approx(0.0, abs=1e-13)
    assert made.std() == pytest.approx(1.0, rel=1e-13)


def test_standardizing_blank_pictures_divides_by_no_zero():
    blank = np.full((5, 4), 9, np.uint8)
    assert not prepare(np, blank, Preparation.of("standardize", blank), np.float32).any()


def test_a_batch_holds_the_rows_of_its_index(xp):
    rows = Rows(*(xp.asarray(a) for a in ROWS))
    made = gather(xp, rows, xp.asarray([3, 19, 0, -1]), Preparation(0.0, 1.0), xp.float32)
    index = [3, 19, 0, 0]
    np.testing.assert_array_equal(np.asarray(made.x), PIXELS[index])
    np.testing.assert_array_equal(np.asarray(made.y), ROWS.y[index])
    np.testing.assert_allclose(np.asarray(made.weight), ROWS.weight[index], rtol=1e-6)
    assert np.asarray(made.real).tolist() == [1, 1, 1, 0]
    np.testing.assert_allclose(
        np.asarray(made.share(xp)), [*ROWS.weight[[3, 19, 0]] / 3, 0], rtol=1e-6
    )


def test_an_index_beyond_the_rows_is_refused():
    with pytest.raises(IndexError):
        gather(np, ROWS, np.asarray([20]), Preparation(), np.float32)


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("padding", [1, 6])
def test_padding_gives_the_same_step_as_the_exact_rows(problem, batch_norm, optimizer, padding):
    network = Network(
        (4,),
        (Dense(6, "tanh", batch_norm, 0.3), Dense(5, "relu", batch_norm), Dense(3, "softmax")),
        input_dropout=0.1,
    )
    now = problem(
        network,
        Training(
            Choice(optimizer), 0.1, l2=0.1, clip_norm=0.5, moving_average=0.9,
            label_smoothing=0.1, precision="float64",
        ),
    )  # fmt: skip
    index = np.asarray([5, 2, 19, 0, 11])
    padded = np.append(index, [-1] * padding)
    exact, padded = (
        now.step(gather(np, ROWS, i, Preparation(), np.float64)) for i in (index, padded)
    )
    assert padded[1].sums == exact[1].sums
    assert padded[1].loss == pytest.approx(exact[1].loss, rel=1e-14)
    for one, other in zip(exact[0], padded[0], strict=True):
        for name in one:
            np.testing.assert_allclose(other[name], one[name], rtol=1e-12, atol=1e-15)
