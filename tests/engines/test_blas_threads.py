"""BLAS's threads, held to one by several at a time, come back when the last lets go."""

import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from clearprop import MLP
from clearprop.engines.blas_threads import one_blas_thread


def threads() -> set[int]:
    """Return of NumPy's BLAS; SciPy brings one of its own, which may be loaded at any time."""
    found = [one for one in threadpool_info() if one["user_api"] == "blas"]
    own = [one for one in found if "numpy" in one["filepath"]] or found
    return {one["num_threads"] for one in own}


@pytest.fixture
def two_threads():
    with threadpool_limits(2, user_api="blas"):
        yield


@pytest.mark.usefixtures("two_threads")
def test_two_that_overlap_leave_the_threads_as_they_were():
    first, second = one_blas_thread(), one_blas_thread()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert threads() == {1}
    second.__exit__(None, None, None)
    assert threads() == {2}


@pytest.mark.usefixtures("two_threads")
def test_fits_in_several_threads_leave_the_threads_as_they_were():
    x, y = np.random.default_rng(0).random((64, 6), np.float32), np.arange(64) % 2

    def fit():
        MLP([6, 5, 2]).fit(x, y, epochs=30, batch_size=8)

    fits = [threading.Thread(target=fit) for _ in range(3)]
    for one in fits:
        one.start()
    for one in fits:
        one.join()
    assert threads() == {2}


@pytest.mark.usefixtures("two_threads")
def test_an_error_gives_the_threads_back():
    with pytest.raises(ZeroDivisionError), one_blas_thread():
        1 / 0  # noqa: B018
    assert threads() == {2}
